// Idempotency keys that outlive a reload: a request keeps its key in sessionStorage until the server
// has answered it, so that whoever repeats it gets the same job.

/** After this an unanswered request is no longer what the visitor means by asking again. */
const AGE_MS_MAX = 3_600_000;

/** Where the key of this request is kept. */
export const slotOf = (base: string, body: string) => `longhaul:${base}:${body}`;

// 128 random bits. `crypto.randomUUID` is not there on pages that came by plain HTTP.
const newKey = () => `${Date.now()}-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`;

/** The key of this request: the one it had when it was not answered, else a new one. */
export function takeKey(slot: string): string {
  let key: string | null = null;
  try {
    key = sessionStorage.getItem(slot);
    if (!key || Date.now() - parseInt(key) > AGE_MS_MAX) sessionStorage.setItem(slot, key = newKey());
  } catch {
    // None on a server, forbidden by the visitor, or full: a reload then asks anew.
  }
  return key ?? newKey();
}

/** The request was answered. */
export function dropKey(slot: string): void {
  try {
    sessionStorage.removeItem(slot);
  } catch {
    // Nothing was kept.
  }
}
