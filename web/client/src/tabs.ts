// One feed for all tabs of a page's origin. The tab that holds a Web Lock leads: it watches what all of
// them want and passes the news on over a BroadcastChannel. When it closes, the lock makes another one
// lead at once.
import type { Job } from './api.js';
import type { Connection, Feed } from './feed.js';

/** Between two signs of life of a leader, and two repeats of what a follower wants. */
const BEAT_MS = 15_000;
/** A leader as silent as this is frozen: its followers help themselves. Hidden tabs may run once a minute. */
const LEADER_SILENCE_MS_MAX = 90_000;
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

export interface Tabs extends Feed {
  /** Passes on what this tab learned. */
  tell(news: News): void;
  close(): void;
}

/** @param name the same for tabs that share. @param hear takes what other tabs tell. */
export function createTabs(name: string, feed: Feed, hear: (news: News) => void): Tabs {
  const from = Math.random().toString(36);
  const others = new Map<string, { want: readonly string[]; untilMs: number }>();
  let own: readonly string[] = [];
  let channel: BroadcastChannel | undefined;
  let leading: (() => void) | undefined; // ends it
  let beat: ReturnType<typeof setInterval>;
  let helpMs = 0; // when a follower begins to help itself
  let lead: Connection = { state: 'idle' };

  const post = (news: News) => channel?.postMessage(news);

  // Says what the others must know, and watches what is to be watched here.
  function tick(ask = false) {
    const now = Date.now();
    post(leading ? { lead, ask } : { from, want: own });
    for (const [other, { untilMs }] of others) if (now > untilMs) others.delete(other);
    const wants = leading ? [...others.values()].flatMap(({ want }) => want) : [];
    feed.want(leading || now > helpMs ? [...new Set([...own, ...wants])] : []);
  }

  function take({ data }: MessageEvent<News>) {
    if (data.from) {
      others.set(data.from, { want: data.want ?? [], untilMs: Date.now() + FOLLOWER_SILENCE_MS_MAX });
      if (leading) tick();
    } else if (!data.lead) hear(data);
    else if (!leading) {
      helpMs = Date.now() + LEADER_SILENCE_MS_MAX;
      hear(data);
      if (data.ask) tick();
    }
  }

  // The lock is held until the promise resolves.
  const hold = (lock: Lock | null) => lock && channel && new Promise<void>((resolve) => {
    leading = resolve;
    tick(true);
  });

  function open() {
    channel = new BroadcastChannel(name);
    channel.onmessage = take;
    helpMs = Date.now() + LEADER_SILENCE_MS_MAX;
    beat = setInterval(tick, BEAT_MS);
    const mine = channel;
    navigator.locks.request(name, { ifAvailable: true }, hold).then(() => {
      if (mine !== channel) return;
      tick();
      return navigator.locks.request(name, hold);
    }).catch(() => { // no locks here after all, as in a sandboxed frame
      helpMs = 0;
      tick();
    });
  }

  function close() {
    if (!channel) return;
    post({ from, want: [] });
    clearInterval(beat);
    feed.want([]);
    channel.close();
    channel = undefined;
    leading?.();
    leading = undefined;
  }

  function want(jobIds: readonly string[]) {
    own = jobIds;
    if (jobIds.length && !channel) open();
    if (channel) tick();
  }

  // A page that is kept for the back button must hold neither lock nor connection.
  const back = (event: PageTransitionEvent) => { if (event.persisted) want(own); };
  addEventListener('pagehide', close);
  addEventListener('pageshow', back);

  return {
    want,
    tell(news) {
      if (news.lead) lead = news.lead;
      if (leading || !news.lead) post(news);
    },
    close() {
      close();
      removeEventListener('pagehide', close);
      removeEventListener('pageshow', back);
    },
  };
}
