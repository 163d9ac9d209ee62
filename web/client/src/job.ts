// A job as the API shows it, and which of two pictures of one job is the newer.
import type { Job } from './api.js';

/** Whether this status is final: only `retry` can make the job go on. */
export function isTerminal(job: Pick<Job, 'status'>): boolean {
  return job.status !== 'queued' && job.status !== 'running';
}

/**
 * The newer of two pictures of a job. `version` decides; it never falls, also across retries. Pictures
 * of one version differ in what is not recorded: the place in the queue, where the later picture counts
 * unless it has none, and the link, which is renewed and which lists leave out. Returns `have` itself when `next` brings nothing.
 */
export function newerJob(have: Job | undefined, next: Job): Job {
  if (!have || next.version > have.version) return next;
  if (next.version < have.version) return have;
  if (linkEnd(next) < linkEnd(have)) return have;
  if (next.status === 'queued' && next.queuePosition == null) return have;
  return JSON.stringify(have) === JSON.stringify(next) ? have : next;
}

// Until when the job's link is good: 0 where it has none.
function linkEnd(job: Job): number {
  return job.status === 'completed' && job.result.url ? job.result.expiresAt ?? 0 : 0;
}

/**
 * Seconds until the next thing happens to this job, by the server's clock; null where nobody knows.
 * Running: until it is done, an estimate. Waiting for its next attempt: until that starts. Completed:
 * until its link expires (0 once it has).
 * @param nowMs the server's time in milliseconds, as `client.now()` gives it
 */
export function secondsLeft(job: Job | undefined, nowMs: number): number | null {
  const end = job && endOf(job);
  return end == null ? null : Math.max(0, Math.ceil(end - nowMs / 1000));
}

function endOf(job: Job): number | null | undefined {
  if (job.status === 'completed') return job.result.expiresAt;
  if (job.status === 'running') return job.etaSeconds == null ? null : job.updatedAt + job.etaSeconds;
  return job.status === 'queued' ? job.nextAttemptAt : null;
}
