// Watching jobs: the store, what fills it, and when.
import type { Job } from './api.js';
import { createBell } from './bell.js';
import type { DownloadError } from './error.js';
import { createFeed } from './feed.js';
import type { Connection, Feed, Transport } from './feed.js';
import type { Http } from './http.js';
import { createPoller } from './poll.js';
import { createStore } from './store.js';
import type { JobListener, Store } from './store.js';
import type { Page } from './page.js';

export interface Watcher {
  store: Store;
  /** Takes a job that an answer brought. @returns it with a link that this page can use. */
  take(job: Job): Job;
  subscribe(jobId: string, listener: JobListener): () => void;
  subscribeConnection(listener: (connection: Connection) => void): () => void;
  connection(): Connection;
  /** Aborts with `close()`. */
  closed: AbortSignal;
  close(): void;
}

/** Subscriptions that come and go in one turn of a page cost no connection. */
const SETTLE_MS = 20;

/** @param tabsName the same for tabs that share a feed, if they are of one API; false for none. */
export function createWatcher(http: Http, transport: Transport, tabsName: string | boolean): Watcher {
  const store = createStore();
  const bell = createBell<Connection>();
  const asking = new Set<string>();
  const life = new AbortController();
  const closed = life.signal;
  let connection: Connection = { state: 'idle' };
  let settling: ReturnType<typeof setTimeout> | undefined;
  let page: Page | undefined;
  let news: Promise<Pick<Feed, 'want'>> | undefined; // from the first watched job on

  // What another tab says goes no further; what this one learned, all of them learn.
  function put(job: Job, from?: Page) {
    settleSoon();
    if (store.put(job)) from?.tell({ job });
    return job;
  }
  const take = (job: Job) => put(located(http, job), page);

  function fail(jobId: string, error: DownloadError) {
    store.fail(jobId, error);
    if (store.over(jobId)) page?.tell({ gone: jobId });
    settleSoon();
  }

  const poller = createPoller(http, { known: (jobId) => store.get(jobId).job, job: take, error: fail });
  const feed = createFeed(http, poller, transport, {
    job: take,
    over: store.over,
    connection(now) {
      setConnection(now);
      page?.tell({ lead: now });
    },
  });


  const getConnection = () => connection;

  function setConnection(now: Connection) {
    if (now.state === connection.state && now.everyMs === connection.everyMs) return;
    connection = now;
    bell.ring(now);
  }

  async function load(): Promise<Pick<Feed, 'want'>> {
    if (!globalThis.document) return feed;
    const { createPage } = await import('./page.js');
    return (page = createPage({
      http, feed, store, take,
      connection: getConnection,
      hear({ job, gone, lead }) {
        if (job) put(job);
        if (gone && store.active().includes(gone)) ask(gone);
        if (lead) setConnection(lead);
      },
    }, tabsName));
  }

  function settleSoon() {
    settling ??= setTimeout(() => {
      settling = undefined;
      if (!news && !store.active().length) return;
      news ??= load().catch(() => feed);
      void news.then(({ want }) => want(closed.aborted ? [] : store.active()));
    }, SETTLE_MS);
  }

  function ask(jobId: string) {
    if (closed.aborted || asking.has(jobId)) return;
    asking.add(jobId);
    void poller.ask(jobId, undefined, closed).then(() => asking.delete(jobId));
  }

  return {
    store,
    take,
    subscribe(jobId, listener) {
      const stop = store.listen(jobId, listener);
      const { job, error } = store.get(jobId);
      if (job && !error) settleSoon();
      else ask(jobId); // also what is known, where the last that was heard of it is a fault
      return () => {
        stop();
        settleSoon();
      };
    },
    subscribeConnection: bell.listen,
    connection: getConnection,
    closed,
    close() {
      life.abort();
      page?.close();
      feed.want([]);
    },
  };
}

// With the link as one that this page can use.
function located(http: Http, job: Job): Job {
  if (job.status !== 'completed' || !job.result.url) return job;
  return { ...job, result: { ...job.result, url: http.locate(job.result.url) } };
}
