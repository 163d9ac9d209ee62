// Waiting on conditions with deadlines. Deadlines are generous: instrumented builds are slow, and a
// test that passes does not wait for them.
export const DEADLINE_MS = 30_000;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// Calls `probe` until it returns something truthy, and returns that.
export async function until(what, probe, limitMs = DEADLINE_MS) {
  const end = Date.now() + limitMs;
  let last;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > end) throw new Error(`not within ${limitMs} ms: ${what} (last: ${last})`);
    await pause(20);
  }
}

// `promise`, but rejects after a time.
export function within(what, promise, limitMs = DEADLINE_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not within ${limitMs} ms: ${what}`)), limitMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
