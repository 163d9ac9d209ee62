// The places of waiting jobs. That one moved up is no change of that job: no event says so, its version
// stays, and a conditional request is answered 304. So they are asked for, slowly; and so are jobs that could not be had: the tab
// that has the stream may know such a one for long, and has nothing to tell.
import type { Job } from './api.js';
import type { Desk } from './desk.js';
import type { DownloadError } from './error.js';
import type { Connection } from './feed.js';
import { comeBackMs, createLoop } from './wait.js';
import type { Loop } from './wait.js';

/** Between two rounds, and from a job's first picture to the first question. */
const EVERY_MS = 10_000;
/** Jobs of one round; those beyond it are asked for in the next ones. */
const JOBS_MAX = 10;

/** @param connection how news come. */
export function createPositions({ http, store, take }: Desk, connection: () => Connection): Loop {
  let due: string[] = [];
  let from = 0;

  // Not those whose next attempt has its time: they are in no queue yet. Most have none, and NaN is not later.
  const waiting = () => store.active().filter((jobId) => {
    const { job } = store.get(jobId);
    return !job || job.status === 'queued' && !(job.nextAttemptAt! * 1000 > http.now());
  });

  return createLoop(async (signal) => {
    let floorMs = 0;
    for (const jobId of due) {
      // Else nobody sees it, or each job is asked for anyway.
      if (floorMs || document.hidden || connection().state !== 'live' || !waiting().includes(jobId)) continue;
      try {
        take((await http.json<Job>(`status/${encodeURIComponent(jobId)}`, { signal })).body);
      } catch (error) { // not shown: nothing is wrong with the job, and a later round asks again
        floorMs = (error as DownloadError).retryAfterMs ?? 0;
      }
    }
    from += due.length;
    if (from >= waiting().length) from = 0;
    due = waiting().slice(from, from + JOBS_MAX);
    return Math.max(EVERY_MS, comeBackMs(floorMs));
  });
}
