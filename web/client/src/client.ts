// The client: the API's calls, and watching jobs without a thought for connections.
import type { Job } from './api.js';
import { createCalls } from './calls.js';
import type { CallOptions, Calls } from './calls.js';
import type { Connection, Transport } from './feed.js';
import { createHttp } from './http.js';
import type { HttpOptions } from './http.js';
import { createStore } from './store.js';
import type { JobListener, JobSnapshot } from './store.js';
import { lastOf, watchJob } from './watch.js';
import type { WaitOptions } from './watch.js';
import { anyOf } from './wait.js';
import { createWatcher } from './watcher.js';

export interface ClientOptions extends HttpOptions {
  transport?: Transport | undefined;
  /**
   * Whether the tabs of this origin share one stream, and what they know of jobs: by default unless there is a `getToken`,
   * since tabs may be logged in as different users. A string is shared by tabs that have the same one: give the user's id.
   */
  tabs?: boolean | string | undefined;
}

export interface DownloadClient extends Calls {
  /**
   * The job's states, the present one first, until its end; a slow reader gets the newest. Goes on through
   * lost connections; throws where that is of no use (no such job, no access), and when `signal` aborts.
   */
  watch(jobId: string, options?: CallOptions): AsyncGenerator<Job, void, void>;
  /** The job at its end, whichever: look at `status`. Throws as `watch` does. */
  wait(jobId: string, options?: WaitOptions): Promise<Job>;
  /** Calls `listener` with each change of what is known of a job. @returns what ends that. */
  subscribe(jobId: string, listener: JobListener): () => void;
  /**
   * Calls `listener` with each change of any job that this client hears of: by its own calls and what it follows and, while it
   * follows a job itself, from the tabs that share with it.
   */
  subscribeAll(listener: (job: Job) => void): () => void;
  /** Calls `listener` when news come another way than before. */
  subscribeConnection(listener: (connection: Connection) => void): () => void;
  /** What is known of a job now: the same object until something changes. */
  snapshot(jobId: string): JobSnapshot;
  /** How news come now: the same object until that changes. */
  connection(): Connection;
  /** Takes a job that is known from elsewhere, such as a page made by a server; a newer one stays. */
  prime(job: Job): void;
  /** The server's time in milliseconds, whatever the visitor's clock says. */
  now(): number;
  /** Ends following for good: whoever watches or waits, also later, gets an `AbortError`. Other calls end by their own signals. */
  close(): void;
}

/** A client of the API. Does nothing until it is asked to; safe to make while a server renders. */
export function createDownloadClient(options: ClientOptions = {}): DownloadClient {
  const { transport = 'auto', tabs = !options.getToken } = options;
  const http = createHttp(options);
  const store = createStore(http.now);
  const watcher = createWatcher(http, store, transport, tabs);

  const watch: DownloadClient['watch'] = (jobId, { signal } = {}) => (
    watchJob(watcher.subscribe, store.get, jobId, { signal: anyOf(signal, watcher.closed) }));

  return {
    ...createCalls(http, watcher.take),
    watch,
    wait: (jobId, waitOptions) => lastOf(watch, jobId, waitOptions),
    subscribe: watcher.subscribe,
    subscribeAll: store.listenAll,
    subscribeConnection: watcher.subscribeConnection,
    snapshot: store.get,
    connection: watcher.connection,
    prime: watcher.take,
    now: http.now,
    close: watcher.close,
  };
}
