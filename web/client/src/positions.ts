// The places of waiting jobs. That one moved up is no change of that job: no event says so, its version
// stays, and a conditional request is answered 304. So they are asked for, slowly.
import type { Job } from './api.js';
import { asDownloadError } from './error.js';
import type { Connection } from './feed.js';
import type { Http } from './http.js';
import type { Store } from './store.js';
import { backoffMs, createLoop } from './wait.js';
import type { Loop } from './wait.js';

/** Between two rounds, and from a job's first picture to the first question. */
const EVERY_MS = 10_000;
/** Jobs of one round; those beyond it are asked for in the next ones. */
const JOBS_MAX = 10;

/** @param connection how news come. */
export function createPositions(
  http: Http, { active, get }: Store, connection: () => Connection, take: (job: Job) => void,
): Loop {
  let due: string[] = [];
  let from = 0;

  // Else nobody sees it, or each job is asked for anyway.
  const looking = () => connection().state === 'live' && !document.hidden;
  // Not those whose next attempt has its time: they are in no queue yet.
  const waiting = () => active().filter((jobId) => {
    const { job } = get(jobId);
    return job?.status === 'queued' && (job.nextAttemptAt ?? 0) * 1000 <= Date.now();
  });

  return createLoop(async (signal) => {
    let floorMs = 0;
    try {
      for (const jobId of due) {
        if (looking() && waiting().includes(jobId)) take((await http.json<Job>(`status/${encodeURIComponent(jobId)}`, { signal })).body);
      }
    } catch (error) { // not shown: nothing is wrong with the job, and the next round asks again
      floorMs = asDownloadError(error).retryAfterMs ?? 0;
    }
    from += due.length;
    if (from >= waiting().length) from = 0;
    due = waiting().slice(from, from + JOBS_MAX);
    return Math.max(EVERY_MS, backoffMs(0, 0, floorMs));
  });
}
