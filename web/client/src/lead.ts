// Which one of the tabs that share leads: the one that holds a Web Lock. When it closes, the lock makes the next in line
// lead at once. When it is stopped (a dialog, a debugger), a follower takes the lock away from it.
import { anyOf, pause } from './wait.js';

/** Between two signs of life of a leader, and two repeats of what a follower wants, which a leader answers. */
const BEAT_MS = 10_000;
/** A leader as silent as this missed two beats, and did not answer two followers' either. */
const SILENCE_MS_MAX = 22_000;
/** Time for an answer: it comes within milliseconds, also from hidden tabs, whose timers may run once a minute. */
const ANSWER_MS_MAX = 2000;

export interface LeadEvents {
  /** Is to give the others a sign of life, which a leader answers by one of its own. */
  beat(): void;
  /** The leader gave none. */
  lost(): void;
  /** This tab leads now, or does not any more, or finds that it is alone. */
  changed(leads: boolean): void;
}

export interface Lead {
  leads(): boolean;
  /** Whether there are no locks here after all, as in a sandboxed frame. */
  alone(): boolean;
  /** Takes a sign of a leader's life. */
  sign(): void;
  /** Leaves the line, or leads no more. */
  close(): void;
}

// Holds the lock, once it has it, until `signal`. Rejects when another tab takes it away.
function holdLock(title: string, options: LockOptions, signal: AbortSignal, got: () => void) {
  return navigator.locks.request(title, options, (lock) => lock && !signal.aborted && new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
    got();
  }));
}

/** Stands in line. @param title the same for tabs that share. */
export function createLead(title: string, on: LeadEvents): Lead {
  const life = new AbortController();
  const { signal } = life;
  let leads = false;
  let alone = false;
  let silence: ReturnType<typeof setTimeout>;
  let next = new AbortController(); // the next sign of a leader's life

  function sign() {
    next.abort();
    next = new AbortController();
    clearTimeout(silence);
    if (!alone) silence = setTimeout(() => suspect().catch(() => {}), SILENCE_MS_MAX); // rejects when closed meanwhile
  }

  // Nobody needs a sign of this tab's own. Rejects when closed.
  async function isLed() {
    const heard = next.signal;
    on.beat();
    await pause(ANSWER_MS_MAX, anyOf(signal, heard)).catch(() => signal.throwIfAborted());
    return leads || heard.aborted;
  }

  // All followers suspect the leader at once. One after the other they ask again, so that the first one leads in its place,
  // and the others hear of that. One that holds them up, because it is stopped itself, is passed by.
  async function suspect() {
    if (await isLed()) return;
    on.lost();
    const turn = anyOf(signal, AbortSignal.timeout(SILENCE_MS_MAX));
    if (!await navigator.locks.request(`${title} next`, { signal: turn }, isLed).catch(isLed)) void hold({ steal: true });
  }

  // Leads once it has the lock, until this is closed or another tab takes the lock away.
  async function hold(options: LockOptions) {
    let had = false;
    try {
      await holdLock(title, options, signal, () => {
        had = leads = true;
        clearTimeout(silence);
        on.changed(leads);
      });
    } catch (error) {
      alone = !had && (error as Error).name !== 'AbortError';
    }
    if (signal.aborted) return;
    if (had) leads = false;
    sign();
    on.changed(leads);
  }

  async function stand() {
    await hold({ ifAvailable: true });
    while (!signal.aborted && !alone) await hold({ signal });
  }

  const beat = setInterval(on.beat, BEAT_MS);
  sign();
  void stand();
  return {
    leads: () => leads,
    alone: () => alone,
    sign,
    close() {
      clearInterval(beat);
      clearTimeout(silence);
      life.abort();
    },
  };
}
