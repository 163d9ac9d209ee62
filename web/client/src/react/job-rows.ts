// The rows of a list of jobs: pages of the server's and news put together. No I/O, no clock.
import { isTerminal } from '../index.js';
import type { Job, JobList, ListQuery } from '../index.js';

/** Which jobs a list is of, and how many of them an answer has. */
export type JobListQuery = Pick<ListQuery, 'userId' | 'status' | 'limit'>;

export interface JobRows {
  /** Those that the query asks for, newest first. */
  shown(): Job[];
  /** Those that have not ended: also of another status by now than was asked for. */
  going(): Job[];
  /** Of the next page: null where there is none, undefined as long as nothing is loaded. */
  cursor(): string | null | undefined;
  /** Takes news of a job; where ROWS_MAX are newer than all pages, an older one of them goes. @returns whether it is the list's. */
  hear(job: Job): boolean;
  /** A page is being asked for: jobs that there are news of from now on stay, though it does not have them. */
  asked(): void;
  /** Takes the next page. */
  append(page: JobList): void;
  /**
   * Takes the first page once more. That page is the list; of one that was gone down in it is the top, if it meets what was loaded.
   * @param anew whether the list begins anew where there may be others in between; otherwise it stays as it is
   */
  renew(page: JobList, anew: boolean): void;
}

/** So many rows that are newer than all pages, and so many that looks add: who never reads on hears of any number of jobs. */
export const ROWS_MAX = 1000;

// Newest first. In one second, ids grow.
const order = (a: Job, b: Job) => b.createdAt - a.createdAt || (a.jobId < b.jobId ? 1 : -1);

/** @param newest the newest picture of a job that is known */
export function createJobRows(query: JobListQuery, newest: (job: Job) => Job): JobRows {
  const rows = new Map<string, Job>();
  const heard = new Set<string>(); // of these there were news since the last question
  let cursor: string | null | undefined;
  let top: Job | undefined; // from here on all is loaded
  let floor: Job | undefined; // down to here
  let depth = 0; // how many rows there were when the list was last gone down in; 0: it is the first page

  const fits = ({ status, userId }: Job) => (
    (!query.status?.length || query.status.includes(status)) && userId === (query.userId ?? userId));
  // What is older comes with its page.
  const isInRange = (job: Job) => !cursor || !floor || order(job, floor) < 0;
  const put = (job: Job) => rows.set(job.jobId, newest(job));
  const sorted = (wanted: (job: Job) => boolean) => [...rows.values()].filter(wanted).sort(order);

  function keep(wanted: (job: Job) => boolean) {
    rows.forEach((job, jobId) => isInRange(job) && wanted(job) || rows.delete(jobId));
  }

  return {
    shown: () => sorted(fits),
    going: () => sorted((job) => !isTerminal(job)),
    cursor: () => cursor,
    hear(job) {
      const has = rows.has(job.jobId) || (fits(job) && isInRange(job));
      if (!has) return false;
      heard.add(job.jobId);
      put(job);
      // The oldest that has ended goes first: it may be one that is not shown any more.
      const ahead = sorted((one) => !top || order(top, one) > 0);
      if (ahead.length > ROWS_MAX) rows.delete((ahead.filter(isTerminal).at(-1) ?? ahead.at(-1))!.jobId);
      return true;
    },
    asked: () => heard.clear(),
    append({ jobs, nextCursor }) {
      cursor = nextCursor;
      top ??= jobs[0];
      floor = jobs.at(-1) ?? floor;
      keep(() => true);
      jobs.forEach(put);
      depth = rows.size;
    },
    renew({ jobs, nextCursor }, anew) {
      const last = jobs.at(-1);
      const meets = last && top && order(top, last) < 0;
      const isAll = !depth || !nextCursor || rows.size > depth + ROWS_MAX || (anew && last && !meets);
      if (!isAll && !meets) return;
      if (isAll) {
        cursor = nextCursor;
        floor = last;
        depth = 0;
      }
      top = jobs[0];
      keep((job) => heard.has(job.jobId) || (!isAll && order(job, last!) > 0));
      jobs.forEach(put);
    },
  };
}
