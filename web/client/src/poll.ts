// Asking for the state of jobs, one request each.
import type { Job } from './api.js';
import type { Desk } from './desk.js';
import type { DownloadError } from './error.js';
import { comeBackMs, createLoop } from './wait.js';
import type { Loop } from './wait.js';

/** Requests at a time: browsers have six connections to a server, and the page needs some. */
const ABREAST = 4;
/** Pauses between the rounds, from a job's start on, whatever an answer proposes: that is for whom the one job is all there is. */
const STEPS_MS = [1000, 2000, 5000, 10_000];
const STEP_MS_MAX = 15_000;
/** Least pause for each job of a round: five questions a second on the average, however many jobs. */
const SHARE_MS = 200;

/** What a round of questions taught about the next one. */
export interface Round {
  /** Not sooner than this: the server refused one, which ended the round. */
  floorMs: number;
  /** No question got an answer that says how a job is. */
  offline: boolean;
}

export interface Poller {
  /** Asks for one job; tells what comes of it, and never throws. */
  ask(jobId: string, round?: Round, signal?: AbortSignal): Promise<void>;
  /** Takes from `queue` what it asks for: all, unless the server refuses one for a while. */
  askAll(queue: string[], signal: AbortSignal): Promise<Round>;
}

const newRound = (): Round => ({ floorMs: 0, offline: true });

export function createPoller({ http, store, take, fail }: Desk): Poller {
  async function ask(jobId: string, round = newRound(), signal?: AbortSignal) {
    const known = store.get(jobId).job;
    try {
      const { body } = await http.json<Job | undefined>(`status/${encodeURIComponent(jobId)}`, {
        signal,
        // A job's version is its tag, as long as it has no link. One that waits moves up without a new one.
        headers: known?.status === 'running' ? { 'if-none-match': `W/"${known.version}"` } : undefined,
      });
      round.offline = false;
      const job = body ?? known;
      if (!signal?.aborted && job) take(job);
    } catch (cause) {
      if (signal?.aborted) return;
      const error = cause as DownloadError; // nothing else is thrown where nobody aborts
      round.floorMs = Math.max(round.floorMs, error.retryAfterMs ?? 0);
      fail(jobId, error);
    }
  }

  async function askAll(queue: string[], signal: AbortSignal) {
    const round = newRound();
    const work = async () => {
      for (let jobId; !signal.aborted && !round.floorMs && (jobId = queue.shift());) await ask(jobId, round, signal);
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
  let notBeforeMs = 0; // whoever joins
  let queue: string[] = []; // what a refusal left over comes first: it must not be the same jobs each time
  const loop = createLoop(async (signal) => {
    if (!queue.length) queue = jobIds();
    const asked = queue.length;
    const { floorMs, offline } = await poller.askAll(queue, signal);
    const restMs = comeBackMs(floorMs) || asked * SHARE_MS; // of a refused round, the server says the pace
    const everyMs = Math.max(restMs, STEPS_MS[step++] ?? STEP_MS_MAX);
    notBeforeMs = Date.now() + restMs;
    if (asked && !signal.aborted) onRound(everyMs, offline);
    return everyMs;
  });
  return {
    run(on) {
      if (!on) step = 0;
      loop.run(on);
    },
    // A job joined, or there may be a network again.
    hurry() {
      step = 0;
      if (Date.now() >= notBeforeMs) loop.hurry();
    },
  };
}
