// A list of jobs that stays true: pages from the server, news of those that go on, and another look at the first page when
// somebody looks at it again. Without React.
import type { DownloadClient, DownloadError, JobList } from '../index.js';
import { createJobRows } from './job-rows.js';
import type { JobListQuery } from './job-rows.js';
import { createJobView } from './job-view.js';
import type { JobListState } from './job-view.js';

export interface JobListModel {
  state(): JobListState;
  /** Makes it load; it rests when that is ended. One at a time. */
  subscribe(listener: () => void): () => void;
  loadMore(): Promise<void>;
  /** The first page again; where more is on its way, that. */
  refresh(): Promise<void>;
}

/** @param query null: of no jobs. */
export function createJobList(client: DownloadClient, query: JobListQuery | null): JobListModel {
  // What the client knows is at least as new as what its answers and news bring.
  const rows = createJobRows(query ?? {}, (job) => client.snapshot(job.jobId).job ?? job);
  const view = createJobView(client, rows, !!query);
  let question: AbortController | undefined; // the last one, as long as somebody looks
  let more = false; // what it is: the next page, or the first one
  let back = false; // the visitor came back since the last answer
  let patientMs = 0; // the server asked for patience until then

  function take(page: JobList) {
    if (more) rows.append(page);
    else rows.renew(page, back);
    back = false;
  }

  // The last question counts: one that is still open is dropped.
  async function ask() {
    if (!question) return;
    question.abort();
    const { signal } = question = new AbortController();
    rows.asked();
    view.show({ loading: more || rows.cursor() === undefined });
    const error = await client.list({ ...query, cursor: more ? rows.cursor()! : undefined, signal }).then(
      (page) => void (signal.aborted || take(page)), (cause: DownloadError) => cause);
    if (signal.aborted) return;
    patientMs = Date.now() + (error?.retryAfterMs ?? 0);
    view.show({ loading: false, error });
  }

  function refresh() {
    more &&= view.state().loading;
    return ask();
  }

  // The page is seen again, or the network is back. Where the server asked for patience it gets it.
  function look() {
    back = !document.hidden && Date.now() >= patientMs;
    if (back) void refresh();
  }

  return {
    state: view.state,
    subscribe(listener) {
      if (!query) return () => {};
      const close = view.open(listener);
      const life = new AbortController();
      globalThis.addEventListener?.('visibilitychange', look, life); // it rises from the document
      globalThis.addEventListener?.('online', look, life);
      question = new AbortController();
      more = false;
      void ask();
      return () => {
        question?.abort();
        question = undefined;
        life.abort();
        close();
      };
    },
    refresh,
    async loadMore() {
      if (view.state().loading || !(view.state().error || rows.cursor())) return;
      more ||= !view.state().error;
      await ask();
    },
  };
}
