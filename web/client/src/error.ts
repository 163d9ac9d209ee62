// What a call can fail with: one class, whatever went wrong.

interface Facts {
  status?: number | undefined;
  retryable?: boolean | undefined;
  retryAfterMs?: number | undefined;
  requestId?: string | undefined;
  pointer?: string | undefined;
  cause?: unknown;
}

/** A fault of a call. A job that failed is not one: that is a `Job` with `status: 'failed'`. */
export class DownloadError extends Error {
  /** The HTTP status, 0 without an answer. */
  declare readonly status: number;
  /** Whether the same call may succeed later. */
  declare readonly retryable: boolean;
  /** How long the server asks to wait first: above 0, and a day at most. */
  declare readonly retryAfterMs?: number;
  /** What to quote to the operator. */
  declare readonly requestId?: string;
  /** The member of the request's body at fault, as a JSON pointer. */
  declare readonly pointer?: string;
  /** Of `NETWORK`: what `fetch` or `getToken` threw. */
  declare readonly cause?: unknown;

  constructor(
    /**
     * The server's code (`JOB_NOT_FOUND`, `QUOTA_EXCEEDED` …) or one of this package: `NETWORK` (no answer,
     * or half of one), `BAD_REPLY` (a refusal by something that is not the API), `WAIT_TIMEOUT`.
     */
    readonly code: string,
    message: string,
    facts: Facts = {},
  ) {
    super(message);
    Object.assign(this, { name: 'DownloadError', status: 0, retryable: !facts.status }, facts);
  }
}

/** What was caught, as a DownloadError: what is none of them is fetch's, and means that nobody answered. */
export function asDownloadError(cause: unknown): DownloadError {
  return cause instanceof DownloadError ? cause : new DownloadError('NETWORK', 'no answer', { cause });
}

/** Longest Retry-After, whatever a server says: a timer that is to wait for over 2^31 ms ends at once. A day is for good, to a page. */
const RETRY_AFTER_MS_MAX = 86_400_000;

/** `Retry-After` in milliseconds, 0 without one: seconds, or a date by the server's clock (RFC 9110 §10.2.3). */
export function retryAfterMs(headers: Headers): number {
  const value = headers.get('retry-after')!; // null is no number and no date, either
  const nowMs = Date.parse(headers.get('date')!) || Date.now();
  return Math.min(RETRY_AFTER_MS_MAX, Math.max(0, +value * 1000 || Date.parse(value) - nowMs) || 0);
}

// A fault of a server (5xx), or of a proxy before it, may be over the next time; each call may be repeated
// without harm. 409 only where its code says so.
const RETRYABLE = /^(408|425|429|5|409 (IDEMPOTENCY|NOT_READY))/;

/** The error of a reply that is none of success; a proxy's HTML page becomes one too. */
export async function replyError(response: Response): Promise<DownloadError> {
  const { status, headers } = response;
  const problem = (await response.json().catch(() => null) ?? {}) as Record<string, string | undefined>;
  const { code = 'BAD_REPLY', detail, title, requestId, pointer } = problem;
  return new DownloadError(code, detail ?? title ?? `HTTP ${status}`, {
    status,
    retryable: RETRYABLE.test(`${status} ${code}`),
    retryAfterMs: retryAfterMs(headers) || undefined,
    requestId: requestId ?? headers.get('x-request-id') ?? undefined,
    pointer,
  });
}
