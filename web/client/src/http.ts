// One request to the API: token, time limit, and every fault as a DownloadError.
import { createClock } from './clock.js';
import { asDownloadError, replyError } from './error.js';
import { anyOf, orAbort } from './wait.js';

export interface HttpOptions {
  /** Where the API is, without `/v1`: '' is the page's own origin. */
  baseUrl?: string | undefined;
  /** The bearer token, asked for before each request; nothing for none. */
  getToken?: (() => string | undefined | Promise<string | undefined>) | undefined;
  /** In place of the global fetch. */
  fetch?: typeof globalThis.fetch | undefined;
}

export interface Call {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  signal?: AbortSignal | undefined;
}

export interface Http {
  /** Where the server is, without a slash at its end. */
  base: string;
  /** The server's time in milliseconds, as far as it is known. */
  now(): number;
  /** `url` of an answer, which may be a path at the server, as one that the page can use. */
  locate(url: string): string;
  /** The answer, whatever its status; its body is the caller's. Throws what fetch throws. */
  send(path: string, call: Call & { signal: AbortSignal }): Promise<Response>;
  /**
   * The answer's JSON. T is undefined for a call that may be answered 304. Throws DownloadError, or the
   * reason of `call.signal`.
   */
  json<T>(path: string, call?: Call): Promise<{ headers: Headers; body: T }>;
}

/** Answers of the API are prompt; one that takes longer is lost in between. */
const ANSWER_MS_MAX = 30_000;

export function createHttp({ baseUrl = '', getToken, fetch }: HttpOptions): Http {
  const { now, observe } = createClock();
  const base = baseUrl.replace(/\/+$/, '');

  async function send(path: string, { headers, ...call }: Call & { signal: AbortSignal }): Promise<Response> {
    const token = await orAbort(getToken?.(), call.signal);
    const sentMs = Date.now();
    const response = await (fetch ?? globalThis.fetch)(`${base}/v1/download/${path}`, {
      ...call,
      cache: 'no-store',
      headers: { accept: 'application/json', ...headers, ...(token && { authorization: `Bearer ${token}` }) },
    });
    observe(response.headers, sentMs);
    return response;
  }

  async function json<T>(path: string, call: Call = {}) {
    try {
      const response = await send(path, { ...call, signal: anyOf(call.signal, AbortSignal.timeout(ANSWER_MS_MAX)) });
      const { status, headers, ok } = response;
      if (!ok && status !== 304) throw await replyError(response);
      return { headers, body: (ok ? await response.json() : undefined) as T };
    } catch (error) {
      call.signal?.throwIfAborted();
      throw asDownloadError(error);
    }
  }

  return { base, locate: (url) => (url[0] === '/' ? base + url : url), send, json, now };
}
