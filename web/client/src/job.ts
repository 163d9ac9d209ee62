// A job as the API shows it, and which of two pictures of one job is the newer.
import type { Job, JobResult } from './api.js';

/** Whether this status is final: only `retry` can make the job go on. */
export function isTerminal(job: Pick<Job, 'status'>): boolean {
  return job.status !== 'queued' && job.status !== 'running';
}

/**
 * The newer of two pictures of a job. `version` decides; it never falls, also across retries. Pictures
 * of one version differ in what is not recorded: the place in the queue, where the later picture counts
 * unless it has none, and the link, which is renewed, and of which lists tell only until when it is good: a link that is
 * good stays until another one that is good for longer comes. Returns `have` itself when `next` brings nothing.
 * @param nowMs the server's time in milliseconds; without it all links count as good
 */
export function newerJob(have: Job | undefined, next: Job, nowMs = 0): Job {
  if (!have || next.version > have.version) return next;
  if (next.version < have.version) return have;
  if (linkWorth(next, nowMs) < linkWorth(have, nowMs)) return have;
  if (next.status === 'queued' && next.queuePosition == null) return have;
  return JSON.stringify(have) === JSON.stringify(next) ? have : next;
}

// A later end is worth more, a link itself more than any end of one (none is nine times as late as another); one that has
// expired nothing. Without any the end is no number, which is greater than none.
function linkWorth(job: { status: string; result?: JobResult }, nowMs: number): number {
  const endMs = job.result?.expiresAt! * 1000;
  return endMs > nowMs ? endMs * (job.result!.url ? 9 : 1) : 0;
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
