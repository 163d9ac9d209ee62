// A list of jobs that stays true: pages from the server, news for those that go on, and jobs that are
// started while it is shown. Without React.
import { DownloadError, isTerminal, newerJob } from '../index.js';
import type { DownloadClient, Job, ListQuery } from '../index.js';

export type JobListQuery = Pick<ListQuery, 'userId' | 'status' | 'limit'>;

export interface JobListState {
  /** Newest first. */
  readonly jobs: readonly Job[];
  readonly hasMore: boolean;
  readonly loading: boolean;
  readonly error: DownloadError | undefined;
}

export interface JobListModel {
  state(): JobListState;
  /** The first listener makes it load; it rests when the last one is gone. */
  subscribe(listener: () => void): () => void;
  loadMore(): Promise<void>;
}

export const EMPTY: JobListState = { jobs: [], hasMore: false, loading: true, error: undefined };

export function createJobList(client: DownloadClient, query: JobListQuery): JobListModel {
  const rows = new Map<string, Job>();
  let order: string[] = []; // of all rows, newest first
  let cursor: string | null | undefined; // undefined: nothing is loaded yet
  let state = EMPTY;
  let life: AbortController | undefined;
  const listeners = new Set<() => void>();
  const watched = new Map<string, () => void>();

  const states = query.status === undefined ? undefined : [query.status].flat();
  const fits = ({ status, userId }: Job) => (
    (!states || states.includes(status)) && (query.userId === undefined || userId === query.userId));

  function show(changes: Partial<JobListState> = {}) {
    state = {
      ...state, hasMore: !!cursor, jobs: order.map((jobId) => rows.get(jobId)!).filter(fits), ...changes,
    };
    for (const listener of [...listeners]) listener();
  }

  // Rows that go on are watched; what has ended needs no connection.
  function watch(jobId: string) {
    const over = isTerminal(rows.get(jobId)!);
    if (over) watched.get(jobId)?.();
    if (over) watched.delete(jobId);
    else if (life && !watched.has(jobId)) watched.set(jobId, client.subscribe(jobId, () => {}));
  }

  function put(job: Job) {
    rows.set(job.jobId, newerJob(rows.get(job.jobId), job));
    watch(job.jobId);
  }

  // Started since the list was loaded: an older one comes with its page. In one second, ids grow.
  function isNew(job: Job) {
    const newest = rows.get(order[0] ?? '');
    return !newest || job.createdAt > newest.createdAt
      || (job.createdAt === newest.createdAt && job.jobId > newest.jobId);
  }

  function hear(job: Job) {
    if (!rows.has(job.jobId)) {
      if (!fits(job) || !isNew(job)) return;
      order = [job.jobId, ...order];
    }
    put(job);
    show();
  }

  async function load() {
    const signal = life?.signal;
    if (!signal || (cursor === null && order.length)) return;
    show({ loading: true, error: undefined });
    try {
      const page = await client.list({ ...query, cursor: cursor ?? undefined, signal });
      cursor = page.nextCursor;
      page.jobs.forEach(put);
      order = [...new Set([...order, ...page.jobs.map(({ jobId }) => jobId)])];
      show({ loading: false });
    } catch (error) {
      if (error instanceof DownloadError) show({ loading: false, error });
    }
  }

  function begin() {
    life = new AbortController();
    const stop = client.subscribeAll(hear);
    life.signal.addEventListener('abort', stop);
    order.forEach(watch);
    if (cursor === undefined) void load();
  }

  function end() {
    life?.abort();
    life = undefined;
    for (const stop of watched.values()) stop();
    watched.clear();
  }

  return {
    state: () => state,
    subscribe(listener) {
      listeners.add(listener);
      if (!life) begin();
      return () => {
        listeners.delete(listener);
        if (!listeners.size) end();
      };
    },
    loadMore: async () => { if (!state.loading) await load(); },
  };
}
