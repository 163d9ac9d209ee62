// What following jobs has beyond a program's where it happens in a page: tabs that share, and eyes that see.
// Loaded by itself, because servers and scripts need none of it.
import type { Job } from './api.js';
import type { Desk } from './desk.js';
import type { Connection, Feed } from './feed.js';
import { createPositions } from './positions.js';
import { createTabs } from './tabs.js';
import type { News } from './tabs.js';

export interface Page extends Pick<Feed, 'want'> {
  /** Passes on to other tabs what this one learned. */
  tell(news: News): void;
}

/** How news come at present. */
export interface ConnectionState {
  get(): Connection;
  set(now: Connection): void;
  listen(listener: (connection: Connection) => void): () => void;
}

/** What the page has from its client. */
export interface PageParts {
  desk: Desk;
  feed: Feed;
  connection: ConnectionState;
  /** Takes a job that another tab brought. */
  put(job: Job): unknown;
  ask(jobId: string): void;
  /** Ends all of it; maybe before it began. */
  closed: AbortSignal;
}

/** @param name the same for tabs that share; false for none. */
export function createPage({ desk, feed, connection, put, ask, closed }: PageParts, name: string | boolean): Page {
  const { http, store } = desk;
  const positions = createPositions(desk, connection.get);

  function hear({ job, gone, lead }: News) {
    if (job) put(job);
    if (gone && store.active().includes(gone)) ask(gone);
    if (lead) connection.set(lead);
  }

  const tabs = name && globalThis.BroadcastChannel && navigator.locks
    ? createTabs(http.base, `${name}`, feed, hear, closed) : undefined;
  const { want } = tabs ?? feed;
  addEventListener('online', feed.hurry, { signal: closed });
  closed.addEventListener('abort', () => positions.run(false));
  return {
    want(jobIds) {
      positions.run(jobIds.length > 0);
      want(jobIds);
    },
    tell: (news) => tabs?.tell(news),
  };
}
