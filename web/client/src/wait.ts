// Time: loops that pause between their steps, and how long to back off.

/** Longest pause that a server's Retry-After gets, so that a bad one cannot stop a page for good. */
const RETRY_AFTER_MS_MAX = 300_000;
const BACKOFF_MS_MAX = 30_000;

/** Exponential backoff with full jitter, never sooner than the server asks. */
export function backoffMs(failures: number, baseMs: number, floorMs = 0): number {
  return Math.min(floorMs, RETRY_AFTER_MS_MAX) + Math.random() * Math.min(BACKOFF_MS_MAX, baseMs * 2 ** failures);
}

export interface Loop {
  /** Begins or stops; the same again changes nothing. */
  run(on: boolean): void;
  /** Ends the present pause. */
  hurry(): void;
}

/** What `work` gives, or the reason of `signal` where that comes first. Leaves no listener behind. */
export function orAbort<T>(work: T | PromiseLike<T>, signal?: AbortSignal): Promise<T> {
  let abort: () => void;
  return Promise.race([work, new Promise<never>((_, reject) => {
    abort = () => reject(signal!.reason as Error);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
  })]).finally(() => signal?.removeEventListener('abort', abort));
}

/** A pause; rejects when aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return orAbort(new Promise<void>((resolve) => { timer = setTimeout(resolve, ms); }), signal).finally(() => clearTimeout(timer));
}

/** Repeats `step`, which tells how long to pause after it, and is told by a signal when it is not wanted any more. */
export function createLoop(step: (signal: AbortSignal) => Promise<number>): Loop {
  let life: AbortController | undefined;
  let nap: AbortController | undefined;
  const hurry = () => nap?.abort();

  async function go({ signal }: AbortController) {
    while (!signal.aborted) {
      const ms = await step(signal);
      if (signal.aborted) return;
      nap = new AbortController();
      await pause(ms, nap.signal).catch(() => {});
    }
  }

  return {
    run(on) {
      if (!on) {
        life?.abort();
        life = undefined;
        hurry();
      } else if (!life) void go(life = new AbortController());
    },
    hurry,
  };
}

/** A signal that aborts with any of these. */
export const anyOf = (...signals: (AbortSignal | undefined)[]) => AbortSignal.any(signals.filter((one) => !!one));
