// What following jobs has beyond a program's where it happens in a page: tabs that share, and eyes that see.
// Loaded by itself, because servers and scripts need none of it.
import type { Job } from './api.js';
import type { Connection, Feed } from './feed.js';
import type { Http } from './http.js';
import { createPositions } from './positions.js';
import type { Store } from './store.js';
import { createTabs } from './tabs.js';
import type { News } from './tabs.js';

export interface Page extends Pick<Feed, 'want'> {
  /** Passes on to other tabs what this one learned. */
  tell(news: News): void;
  close(): void;
}

/** What the page has from its client. */
export interface PageParts {
  http: Http;
  feed: Feed;
  store: Store;
  connection(): Connection;
  take(job: Job): void;
  /** Takes what other tabs tell. */
  hear(news: News): void;
}

/** @param name the same for tabs that share; false for none. */
export function createPage({ http, feed, store, connection, take, hear }: PageParts, name: string | boolean): Page {
  const positions = createPositions(http, store, connection, take);
  const tabs = name && globalThis.BroadcastChannel && navigator.locks ? createTabs(http.base, `${name}`, feed, hear) : undefined;
  const { want } = tabs ?? feed;
  const life = new AbortController();
  addEventListener('online', feed.hurry, { signal: life.signal });
  return {
    want(jobIds) {
      positions.run(jobIds.length > 0);
      want(jobIds);
    },
    tell: (news) => tabs?.tell(news),
    close() {
      life.abort();
      positions.run(false);
      tabs?.close();
    },
  };
}
