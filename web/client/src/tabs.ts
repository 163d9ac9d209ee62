// One feed for all tabs of a page's origin. One of them leads: it watches what all of them want and passes the news on
// over a BroadcastChannel.
import type { Job } from './api.js';
import type { Connection, Feed } from './feed.js';
import { createLead } from './lead.js';
import type { Lead } from './lead.js';
import type { Page } from './page.js';

/** A follower that is not heard for this long is gone. */
const FOLLOWER_SILENCE_MS_MAX = 180_000;

/** What tabs tell each other. */
export interface News {
  /** From anybody: a job's newest picture. */
  job?: Job;
  /** From the leader: it found no such job, which may still be one that only another tab may see. */
  gone?: string;
  /** From the leader: how it gets news. */
  lead?: Connection;
  /** From a new leader: let me know what you want. */
  ask?: boolean;
  /** From a follower, by a name of its own: what it wants. */
  from?: string;
  want?: readonly string[];
}

/**
 * @param base of the API. @param name the same for tabs that share. @param hear takes what other tabs tell.
 * @param closed ends it.
 */
export function createTabs(base: string, name: string, feed: Feed, hear: (news: News) => void, closed: AbortSignal): Page {
  // The number: versions that differ in what tabs tell each other, or in how one comes to lead, must not share.
  const title = `longhaul/2 ${new URL(`${base}/`, location.href)} ${name}`;
  const from = `${Math.random()}`;
  const followers = createFollowers();
  let own: readonly string[] = [];
  let channel: BroadcastChannel | undefined; // as long as something is wanted, and the page is there
  let line: Lead | undefined; // with the channel
  let lead: Connection = { state: 'idle' }; // of this tab's own feed

  const post = (news: News) => channel?.postMessage(news);

  // Watches what is to be watched here, and says what the others must know.
  function tick(ask = false) {
    const leads = line?.leads();
    const wants = leads ? followers.wants() : [];
    feed.want(leads || line?.alone() ? [...new Set([...own, ...wants])] : []);
    post(leads ? { lead, ask } : { from, want: own });
  }

  function take({ data }: MessageEvent<News>) {
    if (data.from) {
      followers.take(data.from, data.want);
      if (line?.leads()) tick();
    } else if (!data.lead) hear(data);
    else if (!line?.leads()) {
      line?.sign();
      hear(data);
      if (data.ask) tick();
    }
  }

  function open() {
    channel = new BroadcastChannel(title);
    channel.onmessage = take;
    line = createLead(title, {
      beat: tick,
      lost: () => hear({ lead: { state: 'connecting' } }),
      changed(leads) {
        tick(leads);
        if (leads) hear({ lead }); // its feed says nothing where there is nothing to watch
      },
    });
  }

  function close() {
    if (!channel) return;
    post({ from, want: [] });
    feed.want([]);
    channel.close();
    channel = undefined;
    line?.close();
    line = undefined;
  }

  function want(jobIds: readonly string[]) {
    own = jobIds;
    if (jobIds.length && !channel) open();
    if (channel) tick();
  }

  whileShown(closed, close, () => want(own));
  return {
    want,
    tell(news) {
      if (news.lead) lead = news.lead;
      if (line?.leads() || !news.lead) post(news);
    },
  };
}

// What followers want, as long as they are heard.
function createFollowers() {
  const followers = new Map<string, [want: readonly string[], untilMs: number]>();
  function forgetSilent() {
    for (const [from, [, untilMs]] of followers) if (Date.now() > untilMs) followers.delete(from);
  }
  return {
    take(from: string, want: readonly string[] = []) {
      forgetSilent(); // here, too: who never leads hears of each load of a page
      followers.set(from, [want, Date.now() + FOLLOWER_SILENCE_MS_MAX]);
    },
    wants() {
      forgetSilent();
      return [...followers.values()].flatMap(([want]) => want);
    },
  };
}

// A page that is kept for the back button must hold neither lock nor connection.
function whileShown(closed: AbortSignal, end: () => void, again: () => void) {
  addEventListener('pagehide', end, { signal: closed });
  addEventListener('pageshow', ({ persisted }) => { if (persisted) again(); }, { signal: closed });
  closed.addEventListener('abort', end);
}
