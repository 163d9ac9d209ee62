// What somebody sees of a list of jobs: its rows, followed as long as somebody looks.
import type { DownloadClient, DownloadError, Job } from '../index.js';
import type { JobRows } from './job-rows.js';

export interface JobListState {
  /** Newest first. */
  readonly jobs: readonly Job[];
  readonly hasMore: boolean;
  /** The first page, or one that was asked for, is on its way. */
  readonly loading: boolean;
  /** Why the last question failed, until one is answered. */
  readonly error: DownloadError | undefined;
}

export interface JobView {
  state(): JobListState;
  /** Shows the rows as they are now. */
  show(changes?: Partial<JobListState>): void;
  /** Tells `listener` of each change, until what it returns is called. One at a time. */
  open(listener: () => void): () => void;
}

/** @param loading whether anything will come */
export function createJobView(client: DownloadClient, rows: JobRows, loading: boolean): JobView {
  let state: JobListState = { jobs: [], hasMore: false, loading, error: undefined };
  let stops = new Map<string, () => void>(); // what ends following a job
  let notify = () => {};

  // These, and no others.
  function follow(jobs: readonly Job[]) {
    const before = stops;
    stops = new Map(jobs.map(({ jobId }) => [jobId, before.get(jobId) ?? client.subscribe(jobId, () => {})]));
    before.forEach((stop, jobId) => stops.has(jobId) || stop());
  }

  function show(changes?: Partial<JobListState>) {
    follow(rows.going()); // what has ended needs no connection
    state = { ...state, hasMore: !!rows.cursor(), jobs: rows.shown(), ...changes };
    notify();
  }

  return {
    state: () => state,
    show,
    open(listener) {
      notify = listener;
      const stop = client.subscribeAll((job) => rows.hear(job) && show());
      return () => {
        stop();
        follow([]);
      };
    },
  };
}
