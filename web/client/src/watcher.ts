// Watching jobs: the store, what fills it, and when.
import type { Job, JobResult } from './api.js';
import { createBell } from './bell.js';
import type { DownloadError } from './error.js';
import { createFeed } from './feed.js';
import type { Connection, Feed, Transport } from './feed.js';
import type { Http } from './http.js';
import { createPoller } from './poll.js';
import type { JobListener, Store } from './store.js';
import type { ConnectionState, Page } from './page.js';

export interface Watcher {
  /** Takes a job that an answer brought. @returns it with a link that this page can use. */
  take(job: Job): Job;
  subscribe(jobId: string, listener: JobListener): () => void;
  subscribeConnection(listener: (connection: Connection) => void): () => void;
  connection(): Connection;
  /** Aborts with `close()`. */
  closed: AbortSignal;
  close(): void;
}

/** Subscriptions that come and go in one turn of a page cost no connection. */
const SETTLE_MS = 20;

/** @param tabsName the same for tabs that share a feed, if they are of one API; false for none. */
export function createWatcher(http: Http, store: Store, transport: Transport, tabsName: string | boolean): Watcher {
  const connection = createConnectionState();
  const asking = new Set<string>();
  const life = new AbortController();
  const closed = life.signal;
  let page: Page | undefined;

  function put(job: Job) {
    settleSoon();
    return store.put(job);
  }

  // What another tab says goes no further; what this one learned, all of them learn.
  function take(found: Job) {
    const job = located(http, found);
    if (put(job)) page?.tell({ job });
    return job;
  }

  function fail(jobId: string, error: DownloadError) {
    store.fail(jobId, error);
    if (store.over(jobId)) page?.tell({ gone: jobId });
    settleSoon();
  }

  const desk = { http, store, take, fail };
  const poller = createPoller(desk);
  const feed = createFeed(desk, poller, transport, (now) => {
    connection.set(now);
    page?.tell({ lead: now });
  });

  function ask(jobId: string) {
    if (closed.aborted || asking.has(jobId)) return;
    asking.add(jobId);
    void poller.ask(jobId, undefined, closed).then(() => asking.delete(jobId));
  }

  const settleSoon = createSettling(() => (closed.aborted ? [] : store.active()), feed, async () => {
    const { createPage } = await import('./page.js');
    return (page = createPage({ desk, feed, connection, put, ask, closed }, tabsName));
  });

  return {
    take,
    subscribe(jobId, listener) {
      const stop = store.listen(jobId, listener);
      const { job, error } = store.get(jobId);
      if (job && !error) settleSoon();
      else ask(jobId); // also what is known, where the last that was heard of it is a fault
      return () => {
        stop();
        settleSoon();
      };
    },
    subscribeConnection: connection.listen,
    connection: connection.get,
    closed,
    close() {
      life.abort();
      feed.want([]);
    },
  };
}

// How news come, and who wants to know.
function createConnectionState(): ConnectionState {
  const { ring, listen } = createBell<Connection>();
  let connection: Connection = { state: 'idle' };
  return {
    listen,
    get: () => connection,
    set(now) {
      if (now.state === connection.state && now.everyMs === connection.everyMs) return;
      connection = now;
      ring(now);
    },
  };
}

// Once things have settled, wants what is `active`: of `feed`, in a page of what `load` gives, from the first active job on.
function createSettling(active: () => string[], feed: Feed, load: () => Promise<Page>) {
  let settling: ReturnType<typeof setTimeout> | undefined;
  let news: Pick<Feed, 'want'> | Promise<Pick<Feed, 'want'>> | undefined;
  return () => {
    settling ??= setTimeout(async () => {
      settling = undefined;
      if (!news && !active().length) return;
      news ??= globalThis.document ? load().catch(() => feed) : feed;
      (await news).want(active());
    }, SETTLE_MS);
  };
}

// With the link as one that this page can use.
function located(http: Http, job: Job): Job {
  const { result } = job as { result?: JobResult };
  return result?.url ? { ...job, result: { ...result, url: http.locate(result.url) } } as Job : job;
}
