// The newest picture of each job, and who wants to know. No I/O.
import type { Job } from './api.js';
import { createBell } from './bell.js';
import type { Bell } from './bell.js';
import type { DownloadError } from './error.js';
import { isTerminal, newerJob } from './job.js';

/** What is known of a job. Never changed in place: another picture is another object. */
export interface JobSnapshot {
  readonly job?: Job | undefined;
  /** Why nothing newer is known; gone once something is. */
  readonly error?: DownloadError | undefined;
}

export type JobListener = (snapshot: JobSnapshot) => void;

interface Entry {
  snapshot: JobSnapshot;
  bell: Bell<JobSnapshot>;
}

/** Jobs kept though nobody watches them (rows of lists): the oldest beyond this are forgotten. */
const UNWATCHED_MAX = 1000;

const NOTHING: JobSnapshot = {};

export interface Store {
  get(jobId: string): JobSnapshot;
  /** @returns whether it was news. */
  put(job: Job): boolean;
  fail(jobId: string, error: DownloadError): void;
  listen(jobId: string, listener: JobListener): () => void;
  listenAll(listener: (job: Job) => void): () => void;
  /** Whether nothing more is to come: the job has ended, or there is none for this caller. */
  over(jobId: string): boolean;
  /** Jobs that somebody watches, that are known and not over. */
  active(): string[];
}

/** @param now the server's time in milliseconds */
export function createStore(now: () => number): Store {
  const entries = new Map<string, Entry>();
  const everyone = createBell<Job>();

  function entryOf(jobId: string): Entry {
    let entry = entries.get(jobId);
    if (!entry) entries.set(jobId, entry = { snapshot: NOTHING, bell: createBell() });
    return entry;
  }

  function show(entry: Entry, snapshot: JobSnapshot) {
    entry.snapshot = snapshot;
    entry.bell.ring(snapshot);
  }

  function forgetOldest() {
    for (const [jobId, { bell }] of entries) {
      if (entries.size <= UNWATCHED_MAX) return;
      if (!bell.heard()) entries.delete(jobId);
    }
  }

  const get = (jobId: string) => entries.get(jobId)?.snapshot ?? NOTHING;

  function over(jobId: string) {
    const { job, error } = get(jobId);
    return job && isTerminal(job) || /^4(00|04|10)/.test(`${error?.status}`);
  }

  return {
    get,
    put(job) {
      const entry = entryOf(job.jobId);
      const { job: have, error } = entry.snapshot;
      const next = newerJob(have, job, now());
      const news = next !== have;
      if (news || error) show(entry, { job: next });
      if (news) everyone.ring(next);
      forgetOldest();
      return news;
    },
    fail(jobId, error) {
      const entry = entryOf(jobId);
      show(entry, { job: entry.snapshot.job, error });
      forgetOldest();
    },
    listen: (jobId, listener) => entryOf(jobId).bell.listen(listener),
    listenAll: everyone.listen,
    over,
    active: () => [...entries.keys()].filter((jobId) => (
      entries.get(jobId)?.bell.heard() && get(jobId) !== NOTHING && !over(jobId))),
  };
}
