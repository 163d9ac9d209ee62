// Asking for the state of jobs, one request each.
import type { Job } from './api.js';
import type { Desk } from './desk.js';
import { asDownloadError, retryAfterMs } from './error.js';
import { backoffMs, createLoop } from './wait.js';
import type { Loop } from './wait.js';

/** Requests at a time: browsers have six connections to a server, and the page needs some. */
const ABREAST = 4;
/** Pauses between the rounds, from a job's start on. */
const STEPS_MS = [1000, 2000, 5000, 10_000, 15_000];

/** What a round of questions taught about the next one. */
export interface Round {
  /** Not sooner than this: the server refused one. */
  floorMs: number;
  /** The soonest time that the server proposed for a job that is going on. */
  proposedMs: number;
  /** No question got an answer that says how a job is. */
  offline: boolean;
}

export interface Poller {
  /** Asks for one job; tells what comes of it, and never throws. */
  ask(jobId: string, round?: Round, signal?: AbortSignal): Promise<void>;
  askAll(jobIds: readonly string[], signal: AbortSignal): Promise<Round>;
}

const newRound = (): Round => ({ floorMs: 0, proposedMs: Infinity, offline: true });

export function createPoller({ http, store, take, fail }: Desk): Poller {
  async function ask(jobId: string, round = newRound(), signal?: AbortSignal) {
    const known = store.get(jobId).job;
    try {
      const { headers, body } = await http.json<Job | undefined>(`status/${encodeURIComponent(jobId)}`, {
        signal,
        // A job's version is its tag, as long as it has no link. One that waits moves up without a new one.
        headers: known?.status === 'running' ? { 'if-none-match': `W/"${known.version}"` } : {},
      });
      round.offline = false;
      round.proposedMs = Math.min(round.proposedMs, retryAfterMs(headers) || Infinity);
      if (!signal?.aborted && (body ?? known)) take((body ?? known)!);
    } catch (cause) {
      if (signal?.aborted) return;
      const error = asDownloadError(cause);
      round.floorMs = Math.max(round.floorMs, error.retryAfterMs ?? 0);
      fail(jobId, error);
    }
  }

  async function askAll(jobIds: readonly string[], signal: AbortSignal) {
    const round = newRound();
    const queue = [...jobIds];
    const work = async () => {
      for (let jobId; !signal.aborted && (jobId = queue.shift());) await ask(jobId, round, signal);
    };
    await Promise.all(Array.from({ length: ABREAST }, work));
    return round;
  }

  return { ask, askAll };
}

/** Rounds of questions for `jobIds()` while it runs; tells the pause after each one. */
export function createPolling(
  poller: Poller, jobIds: () => string[], onRound: (everyMs: number, offline: boolean) => void,
): Loop {
  let step = 0;
  const loop = createLoop(async (signal) => {
    const { floorMs, proposedMs, offline } = await poller.askAll(jobIds(), signal);
    const everyMs = Math.max(backoffMs(0, 0, floorMs), Math.min(STEPS_MS[step]!, proposedMs));
    step = Math.min(step + 1, STEPS_MS.length - 1);
    if (!signal.aborted) onRound(everyMs, offline);
    return everyMs;
  });
  return {
    run(on) {
      if (!on) step = 0;
      loop.run(on);
    },
    // A job joined: the steps begin anew.
    hurry() {
      step = 0;
      loop.hurry();
    },
  };
}
