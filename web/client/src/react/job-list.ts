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

/** Beyond this only pages that are asked for add to a list. */
const ROWS_MAX = 1000;

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
  let deep = false; // rows are of more pages than the first
  let back = false; // the visitor came back since the last answer
  let patientMs: number | undefined; // the server asked for patience until then

  const fits = ({ status, userId }: Job) => (
    (query!.status?.includes(status) ?? true) && userId === (query!.userId ?? userId)); // without a query there are no rows
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
    if (!rows.has(job.jobId) && !(fits(job) && isInRange(job) && rows.size < ROWS_MAX)) return;
    heard.add(job.jobId);
    put(job);
    show();
  }

  // A first page is the list; of one that was gone down in it is the top, if it meets what was loaded. Where there may be others
  // in between, the list begins anew for somebody who comes back, and stays for somebody who is looking at it.
  function merge({ jobs, nextCursor }: JobList) {
    const last = jobs.at(-1);
    const meets = last && top && order(top, last) < 0 && rows.size < ROWS_MAX;
    const moves = more || !deep || !nextCursor || (back && last && !meets); // where the list ends
    back = false;
    if (!moves && !meets) return;
    if (moves) {
      cursor = nextCursor;
      if (!more || last) floor = last;
      deep = more;
    }
    top = more && top || jobs[0];
    for (const [jobId, job] of rows) {
      if (isInRange(job) && (more || heard.has(jobId) || (!moves && order(job, last!) > 0))) continue;
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
    let error: DownloadError | undefined;
    try {
      const page = await client.list({ ...query, cursor: more ? cursor! : undefined, signal });
      if (!signal.aborted) merge(page);
    } catch (cause) {
      error = cause as DownloadError;
    }
    if (signal.aborted) return;
    patientMs = Date.now() + error?.retryAfterMs!; // NaN where it did not: nothing is before that
    show({ loading: false, error });
  }

  // The page is seen again, or the network is back. Where the server asked for patience it gets it.
  function look() {
    back = !document.hidden && !(Date.now() < patientMs!);
    if (back) void ask(more && state.loading);
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
