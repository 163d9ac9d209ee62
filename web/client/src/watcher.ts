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
import type { Tabs } from './tabs.js';

export interface Watcher {
  store: Store;
  /** Takes a job that an answer brought. */
  take(job: Job): void;
  subscribe(jobId: string, listener: JobListener): () => void;
  subscribeConnection(listener: (connection: Connection) => void): () => void;
  connection(): Connection;
  close(): void;
}

/** Subscriptions that come and go in one turn of a page cost no connection. */
const SETTLE_MS = 20;

/** @param tabsName the same for tabs that share a feed; undefined for none. */
export function createWatcher(http: Http, transport: Transport, tabsName: () => string | undefined): Watcher {
  const store = createStore();
  const bell = createBell<Connection>();
  const asking = new Set<string>();
  let connection: Connection = { state: 'idle' };
  let settling: ReturnType<typeof setTimeout> | undefined;
  let closed = false;
  let sharing: Tabs | undefined;
  let news: Promise<Feed> | undefined; // from the first watched job on

  // What another tab says goes no further; what this one learned, all of them learn.
  function put(job: Job) {
    settleSoon();
    return store.put(located(http, job));
  }
  const take = (job: Job) => { if (put(job)) sharing?.tell({ job }); };

  function fail(jobId: string, error: DownloadError) {
    store.fail(jobId, error);
    if (store.over(jobId)) sharing?.tell({ gone: jobId });
    settleSoon();
  }

  const poller = createPoller(http, { known: (jobId) => store.get(jobId).job, job: take, error: fail });
  const feed = createFeed(http, poller, transport, {
    job: take,
    over: store.over,
    connection(now) {
      setConnection(now);
      sharing?.tell({ lead: now });
    },
  });

  function setConnection(now: Connection) {
    if (now.state === connection.state && now.everyMs === connection.everyMs) return;
    connection = now;
    bell.ring(now);
  }

  // What shares a feed between tabs comes by itself, because many places have none.
  async function load(): Promise<Feed> {
    const name = tabsName();
    if (!name) return feed;
    const { createTabs } = await import('./tabs.js');
    return (sharing = createTabs(name, feed, ({ job, gone, lead }) => {
      if (job) put(job);
      if (gone && store.active().includes(gone)) ask(gone);
      if (lead) setConnection(lead);
    }));
  }

  function settleSoon() {
    settling ??= setTimeout(() => {
      settling = undefined;
      if (!news && !store.active().length) return;
      news ??= load().catch(() => feed);
      void news.then(({ want }) => want(closed ? [] : store.active()));
    }, SETTLE_MS);
  }

  function ask(jobId: string) {
    if (asking.has(jobId)) return;
    asking.add(jobId);
    void poller.ask(jobId).then(() => asking.delete(jobId));
  }

  return {
    store,
    take,
    subscribe(jobId, listener) {
      const stop = store.listen(jobId, listener);
      if (store.get(jobId).job) settleSoon();
      else ask(jobId);
      return () => {
        stop();
        settleSoon();
      };
    },
    subscribeConnection: bell.listen,
    connection: () => connection,
    close() {
      closed = true;
      sharing?.close();
      feed.want([]);
    },
  };
}

// With the link as one that this page can use.
function located(http: Http, job: Job): Job {
  if (job.status !== 'completed' || !job.result.url) return job;
  return { ...job, result: { ...job.result, url: http.locate(job.result.url) } };
}
