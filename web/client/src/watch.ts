// A job's states as a sequence, and its end as a promise.
import type { Job } from './api.js';
import type { CallOptions } from './calls.js';
import { DownloadError } from './error.js';
import { isTerminal } from './job.js';
import type { JobListener, JobSnapshot } from './store.js';
import { anyOf, orAbort } from './wait.js';

type Subscribe = (jobId: string, listener: JobListener) => () => void;

/** See DownloadClient.watch. */
export async function* watchJob(
  subscribe: Subscribe, get: (jobId: string) => JobSnapshot, jobId: string, { signal }: CallOptions = {},
): AsyncGenerator<Job, void, void> {
  let shown: Job | undefined;
  let wake = () => {};
  // A generator begins with its first `next()`: what is known is looked up then, not when it was made.
  let newest = get(jobId);
  const { error: before } = newest; // somebody else's fault, of another time: subscribing asks anew
  const stop = subscribe(jobId, (snapshot) => {
    newest = snapshot;
    wake();
  });
  try {
    for (;;) {
      signal?.throwIfAborted();
      const { job, error } = newest;
      if (error && error !== before && !error.retryable) throw error;
      if (job && job !== shown) {
        yield (shown = job);
        if (isTerminal(job)) return;
      } else await orAbort(new Promise<void>((resolve) => { wake = resolve; }), signal);
    }
  } finally {
    stop();
  }
}

export interface WaitOptions extends CallOptions {
  /** Throws `WAIT_TIMEOUT` after this, unless it is over 24 days; the job goes on. */
  timeoutMs?: number | undefined;
}

/** What a timer can wait for: 24 days. It ends at once where it is to wait for longer. */
const TIMER_MS_MAX = 2_147_483_647;

/** See DownloadClient.wait. */
export async function lastOf(
  watch: (jobId: string, options: CallOptions) => AsyncGenerator<Job, void, void>, jobId: string, { signal, timeoutMs }: WaitOptions = {},
): Promise<Job> {
  const limit = new AbortController();
  const timer = !(timeoutMs! <= TIMER_MS_MAX) ? undefined : setTimeout(() => {
    limit.abort(new DownloadError('WAIT_TIMEOUT', 'no end yet'));
  }, timeoutMs);
  try {
    let last: Job | undefined;
    for await (const job of watch(jobId, { signal: anyOf(signal, limit.signal) })) last = job;
    return last!;
  } finally {
    clearTimeout(timer);
  }
}
