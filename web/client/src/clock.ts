// The server's clock, as far as its Date headers tell. A visitor's own clock may be minutes off.

export interface Clock {
  /** The server's time in milliseconds. */
  now(): number;
  /** Takes the Date header of an answer to a request that was sent at `sentMs`, by the own clock. */
  observe(headers: Headers, sentMs: number): void;
}

/** Below this an answer says nothing: Date counts whole seconds. */
const NOISE_MS = 1500;

export function createClock(): Clock {
  let offsetMs = 0;
  return {
    now: () => Date.now() + offsetMs,
    observe(headers, sentMs) {
      const date = Date.parse(headers.get('date')!);
      // Half a second: Date is cut to seconds. Half the way there and back: when it was written.
      const measured = date + 500 - (sentMs + Date.now()) / 2;
      if (Math.abs(measured - offsetMs) > NOISE_MS) offsetMs = measured;
    },
  };
}
