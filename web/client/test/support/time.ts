// Time that only passes when a test says so.
import { afterEach, beforeEach, vi } from 'vitest';

export function useOwnTime(): void {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.parse('2026-11-28T12:00:00Z') });
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
  });
  afterEach(() => { vi.useRealTimers(); });
}

/** Lets time pass, and everything that is to happen in it happen. */
export const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Lets what is under way at this moment come to rest. */
export const rest = () => pass(50);
