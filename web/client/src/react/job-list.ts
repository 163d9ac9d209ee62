// A list of jobs that stays true: pages from the server, news of those that go on, and another look at the first page when
// somebody looks at it again. Without React.
import { isTerminal } from '../index.js';
import type { DownloadClient, DownloadError, Job, JobList, JobStatus, ListQuery } from '../index.js';

export type JobListQuery = Pick<ListQuery, 'userId' | 'status' | 'limit'>;

export interface JobListState {
  /** Newest first. */
  readonly jobs: readonly Job[];
  readonly hasMore: boolean;
  /** The first page, or one that was asked for, is on its way. */
  readonly loading: boolean;
  /** Why the last question failed, until one is answered. */
  readonly error: DownloadError | undefined;
}

export interface JobListModel {
  state(): JobListState;
  /** Makes it load; it rests when that is ended. One at a time. */
  subscribe(listener: () => void): () => void;
  loadMore(): Promise<void>;
  /** The first page again; where more is on its way, that. */
  refresh(): Promise<void>;
}

// Newest first. In one second, ids grow.
const order = (a: Job, b: Job) => b.createdAt - a.createdAt || (a.jobId < b.jobId ? 1 : -1);

/** @param query null: of no jobs. */
export function createJobList(
  client: DownloadClient, query: JobListQuery & { status?: readonly JobStatus[] | undefined } | null,
): JobListModel {
  const rows = new Map<string, Job>();
  const watched = new Map<string, () => void>();
  const heard = new Set<string>(); // of these there were news since the last question
  let notify = () => {};
  let cursor: string | null | undefined; // undefined: nothing is loaded yet
  let top: Job | undefined; // from here on all is loaded
  let floor: Job | undefined; // down to here
  let state: JobListState = { jobs: [], hasMore: false, loading: !!query, error: undefined };
  let life: AbortController | undefined;
  let question: AbortController | undefined;
  let more = false; // what the question is: the next page, or the first one

  const fits = ({ status, userId }: Job) => (
    (query?.status?.includes(status) ?? true) && userId === (query?.userId ?? userId));
  // What is older comes with its page.
  const isInRange = (job: Job) => !cursor || !floor || order(job, floor) < 0;

  function show(changes: Partial<JobListState> = {}) {
    const jobs = [...rows.values()].filter(fits).sort(order);
    state = { ...state, hasMore: !!cursor, jobs, ...changes };
    notify();
  }

  // Rows that go on are watched; what has ended needs no connection.
  function watch(jobId: string) {
    const job = rows.get(jobId);
    if (life && job && !isTerminal(job)) {
      if (!watched.has(jobId)) watched.set(jobId, client.subscribe(jobId, () => {}));
    } else {
      watched.get(jobId)?.();
      watched.delete(jobId);
    }
  }

  // What the client knows is at least as new as what its answers and news bring.
  function put(job: Job) {
    rows.set(job.jobId, client.snapshot(job.jobId).job ?? job);
    watch(job.jobId);
  }

  function hear(job: Job) {
    if (!rows.has(job.jobId) && !(fits(job) && isInRange(job))) return;
    heard.add(job.jobId);
    put(job);
    show();
  }

  // A first page tells of all jobs as new as its last one, but for those that came while it was on its way. Where there may
  // be others between it and what was loaded, the list begins anew.
  function merge({ jobs, nextCursor }: JobList) {
    const last = jobs.at(-1);
    const joins = more || (nextCursor && last && top && order(top, last) < 0);
    if (more || !joins) {
      cursor = nextCursor;
      floor = last ?? floor;
    }
    if (!more) top = jobs[0];
    for (const [jobId, job] of rows) {
      if ((more || heard.has(jobId) || (joins && order(job, last!) > 0)) && isInRange(job)) continue;
      rows.delete(jobId);
      watch(jobId);
    }
    jobs.forEach(put);
  }

  // The last question counts: one that is still open is dropped.
  async function ask(next = false) {
    if (!life) return;
    question?.abort();
    const { signal } = question = new AbortController();
    more = next;
    heard.clear();
    if (more || cursor === undefined) show({ loading: true });
    try {
      const page = await client.list({ ...query, cursor: more ? cursor! : undefined, signal });
      if (signal.aborted) return;
      merge(page);
      show({ loading: false, error: undefined });
    } catch (error) {
      if (!signal.aborted) show({ loading: false, error: error as DownloadError });
    }
  }

  // The page is seen again, or the network is back. Where the server asked for patience it gets it.
  function look() {
    if (!document.hidden && !state.error?.retryAfterMs) void ask(more && state.loading);
  }

  return {
    state: () => state,
    subscribe(listener) {
      if (!query) return () => {};
      notify = listener;
      const { signal } = life = new AbortController();
      const stop = client.subscribeAll(hear);
      globalThis.addEventListener?.('visibilitychange', look, { signal }); // it rises from the document
      globalThis.addEventListener?.('online', look, { signal });
      rows.forEach((_, jobId) => watch(jobId));
      void ask();
      return () => {
        stop();
        life?.abort();
        question?.abort();
        life = undefined;
        rows.forEach((_, jobId) => watch(jobId));
      };
    },
    refresh: () => ask(more && state.loading),
    async loadMore() {
      if (!state.loading && (state.error || cursor)) await ask(more || !state.error);
    },
  };
}
