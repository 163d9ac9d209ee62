// Keeping a stream open for a set of jobs: connecting, backing off, resuming where the last one ended.
import type { Desk } from './desk.js';
import { asDownloadError } from './error.js';
import type { Poller } from './poll.js';
import { readStream } from './stream.js';
import { anyOf, backoffMs, createLoop } from './wait.js';
import type { Loop } from './wait.js';

/** The server's own limit of jobs on one connection. */
const STREAM_JOBS_MAX = 200;
/** Failures in a row after which streaming is thought not to work here. */
export const FAILURES_MAX = 2;
/** How often it is tried even so, where questions are asked meanwhile. */
const STREAM_AGAIN_MS = 60_000;
/** A stream that brought nothing and ends sooner was none: proxies answer so for a server that is away. */
const STEADY_MS = 5000;
/** A stream opens with the present state of each job: one that does not come is asked for. */
const OPENING_MS = 5000;
/** Least time over which the first pause is spread; the server's `retry:` lines make it longer. */
const RETRY_MS_MIN = 1000;

export interface StreamingOptions {
  /** The jobs to watch that have not ended. */
  jobIds(): string[];
  /** Whether there is nothing but streaming. */
  always: boolean;
  /** `live`: events come. `failures`: connections in a row that were of no use. */
  state(live: boolean, failures: number): void;
}

export interface Streaming extends Loop {
  /** A job joined: connects anew if the present connection does not carry it. */
  renew(): void;
  /** Whether the present connection, or the one about to be made, brings this job. */
  carries(jobId: string): boolean;
}

export function createStreaming({ http, take }: Desk, poller: Poller, options: StreamingOptions): Streaming {
  let current: AbortController | undefined; // of a connection, to be ended for one with other jobs
  let jobIds: string[] = [];
  let cursor = '';
  let retryMs = RETRY_MS_MIN;
  let failures = 0;
  let useful = false; // the present connection
  let openedMs = Infinity; // and when its first bytes came

  const wanted = () => options.jobIds().slice(0, STREAM_JOBS_MAX);
  const carries = (jobId: string) => jobIds.includes(jobId);

  // The jobs of the next connection.
  function choose() {
    const before = jobIds.join();
    jobIds = wanted();
    if (jobIds.join() !== before) cursor = ''; // it resumes the stream of those jobs only
  }

  // Reads one stream to its end. Throws like readStream.
  function read(signal: AbortSignal) {
    const missing = new Set(cursor ? [] : jobIds);
    let timer: ReturnType<typeof setTimeout> | undefined;
    return readStream(http, jobIds, cursor, signal, {
      open() {
        openedMs = Date.now();
        options.state(true, failures);
        // The server may not know a job any more: then it is asked for, once.
        timer = setTimeout(() => poller.askAll(wanted().filter((jobId) => missing.has(jobId)), signal), OPENING_MS);
      },
      job(job, eventId) {
        useful = true;
        missing.delete(job.jobId);
        cursor = eventId;
        take(job);
      },
      retry: (ms) => { retryMs = Math.max(ms, RETRY_MS_MIN); },
    }).finally(() => clearTimeout(timer));
  }

  // One connection, and the pause after it.
  async function connect(signal: AbortSignal): Promise<number> {
    choose();
    if (!jobIds.length) return RETRY_MS_MIN; // all have ended, and this is about to be stopped
    const ours = (current = new AbortController()).signal;
    openedMs = Infinity;
    useful = false;
    const error = await read(anyOf(signal, ours)).then(() => undefined, asDownloadError);
    useful ||= Date.now() - openedMs >= STEADY_MS;
    // What ended meanwhile the next one brings, by its cursor. One that is of no use, or a 204, leaves only asking.
    if (!error && !useful) await poller.askAll(wanted(), signal);
    useful ||= !wanted().length;
    if (signal.aborted || ours.aborted) return 0;
    failures = useful ? 0 : failures + 1;
    options.state(false, failures);
    const again = !options.always && failures >= FAILURES_MAX;
    return Math.max(again ? STREAM_AGAIN_MS : 0, backoffMs(failures, retryMs, error?.retryAfterMs));
  }

  return {
    ...createLoop(connect),
    renew() {
      if (wanted().every(carries)) return;
      current?.abort();
      choose();
    },
    carries,
  };
}
