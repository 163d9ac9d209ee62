// One feed for all tabs of a page's origin. The tab that holds a Web Lock leads: it watches what all of
// them want and passes the news on over a BroadcastChannel. When it closes, the lock makes another one
// lead at once. When it is stopped (a dialog, a debugger), a follower takes the lock away from it.
import type { Job } from './api.js';
import type { Connection, Feed } from './feed.js';
import type { Page } from './page.js';
import { pause } from './wait.js';

/** Between two signs of life of a leader, and two repeats of what a follower wants, which a leader answers. */
const BEAT_MS = 10_000;
/** A leader as silent as this missed two beats, and did not answer two followers' either. */
const LEADER_SILENCE_MS_MAX = 22_000;
/** Time for an answer: it comes within milliseconds, also from hidden tabs, whose timers may run once a minute. */
const ANSWER_MS_MAX = 2000;
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


/** @param base of the API. @param name the same for tabs that share. @param hear takes what other tabs tell. */
export function createTabs(base: string, name: string, feed: Feed, hear: (news: News) => void): Page {
  const title = `longhaul/1 ${new URL(`${base}/`, location.href)} ${name}`;
  const from = Math.random().toString(36);
  const others = new Map<string, { want: readonly string[]; untilMs: number }>();
  let own: readonly string[] = [];
  let channel: BroadcastChannel | undefined;
  let session = new AbortController(); // as long as the channel is open
  let leading: (() => void) | undefined; // ends it
  let alone = false; // no locks here after all, as in a sandboxed frame
  let beat: ReturnType<typeof setInterval>;
  let silence: ReturnType<typeof setTimeout>;
  let signs = 0; // of a leader's life
  let lead: Connection = { state: 'idle' };

  const post = (news: News) => channel?.postMessage(news);

  // Watches what is to be watched here, and says what the others must know.
  function tick(ask = false) {
    const now = Date.now();
    for (const [other, { untilMs }] of others) if (now > untilMs) others.delete(other);
    const wants = leading ? [...others.values()].flatMap(({ want }) => want) : [];
    feed.want(leading || alone ? [...new Set([...own, ...wants])] : []);
    post(leading ? { lead, ask } : { from, want: own });
  }

  function take({ data }: MessageEvent<News>) {
    if (data.from) {
      others.set(data.from, { want: data.want ?? [], untilMs: Date.now() + FOLLOWER_SILENCE_MS_MAX });
      if (leading) tick();
    } else if (!data.lead) hear(data);
    else if (!leading) {
      signs++;
      listen();
      hear(data);
      if (data.ask) tick();
    }
  }

  function listen() {
    clearTimeout(silence);
    if (!alone) silence = setTimeout(suspect, LEADER_SILENCE_MS_MAX, session.signal);
  }

  // Asks the leader for a sign of life. Nobody needs one of this tab's own.
  async function isLed(signal: AbortSignal) {
    const before = signs;
    tick();
    await pause(ANSWER_MS_MAX, signal);
    return !!leading || signs !== before;
  }

  // All followers suspect the leader at once. One after the other they ask again, so that the first one leads in its place,
  // and the others hear of that. One that holds them up, because it is stopped itself, is passed by.
  async function suspect(signal: AbortSignal) {
    try {
      if (await isLed(signal)) return;
      hear({ lead: { state: 'connecting' } });
      const turn = AbortSignal.any([signal, AbortSignal.timeout(LEADER_SILENCE_MS_MAX)]);
      await navigator.locks.request(`${title} next`, { signal: turn }, () => isLed(signal)).catch(() => false)
        || signal.aborted || void hold({ steal: true });
    } catch {
      // Closed meanwhile.
    }
  }

  // Leads once it has the lock, until the channel closes or another tab takes the lock away. @returns whether it had it.
  async function hold(options: LockOptions): Promise<boolean> {
    const { signal } = session;
    let had = false;
    try {
      // The lock is held until the promise resolves.
      await navigator.locks.request(title, options, (lock) => lock && !signal.aborted && new Promise<void>((resolve) => {
        had = true;
        leading = resolve;
        clearTimeout(silence);
        tick(true);
      }));
    } catch (error) {
      alone = !had && (error as Error).name !== 'AbortError';
    }
    if (signal.aborted) return had;
    if (had) leading = undefined;
    listen();
    tick();
    return had;
  }

  async function open() {
    channel = new BroadcastChannel(title);
    channel.onmessage = take;
    session = new AbortController();
    const { signal } = session;
    beat = setInterval(tick, BEAT_MS);
    listen();
    await hold({ ifAvailable: true });
    while (!signal.aborted && !alone) await hold({ signal }); // in line
  }

  function close() {
    if (!channel) return;
    post({ from, want: [] });
    clearInterval(beat);
    clearTimeout(silence);
    session.abort();
    feed.want([]);
    channel.close();
    channel = undefined;
    leading?.();
    leading = undefined;
  }

  function want(jobIds: readonly string[]) {
    own = jobIds;
    if (jobIds.length && !channel) void open();
    if (channel) tick();
  }

  // A page that is kept for the back button must hold neither lock nor connection.
  const life = new AbortController();
  addEventListener('pagehide', close, { signal: life.signal });
  addEventListener('pageshow', ({ persisted }) => { if (persisted) want(own); }, { signal: life.signal });

  return {
    want,
    tell(news) {
      if (news.lead) lead = news.lead;
      if (leading || !news.lead) post(news);
    },
    close() {
      close();
      life.abort();
    },
  };
}
