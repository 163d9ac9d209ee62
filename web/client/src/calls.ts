// The API's calls, one function each.
import type { DownloadLink, InitiateRequest, Job, JobAccepted, JobList, JobStatus } from './api.js';
import { DownloadError } from './error.js';
import type { Http } from './http.js';
import { dropKey, slotOf, takeKey } from './keys.js';
import { backoffMs, pause } from './wait.js';

export interface CallOptions {
  signal?: AbortSignal | undefined;
}

export interface InitiateOptions extends CallOptions {
  /**
   * The same for repeats of one request: 1-255 visible ASCII characters. With the key of another body it throws
   * `IDEMPOTENCY_CONFLICT`. Made and kept by the client if none is given; one that is given is the caller's to keep.
   */
  idempotencyKey?: string | undefined;
}

export interface ListQuery extends CallOptions {
  /** Jobs of this user alone; another one's than the token's throws 403. All that the caller may see without it. */
  userId?: string | undefined;
  /** Jobs in one of these states; in any without it, and with an empty list. */
  status?: JobStatus | readonly JobStatus[] | undefined;
  /** 1-200; the server's default is 50. */
  limit?: number | undefined;
  /** The `nextCursor` of the page before, with the rest of the query as it was then; another text throws 400. */
  cursor?: string | undefined;
}

export interface Calls {
  /**
   * Asks for a job. Repeats itself when no answer comes, which is safe: a request has an idempotency key,
   * one made for it unless given, and keeps that across a reload until it is answered.
   */
  initiate(request: InitiateRequest, options?: InitiateOptions): Promise<JobAccepted>;
  /** The job's present state. The link in its result begins with `baseUrl`, as in everything that this client gives. */
  status(jobId: string, options?: CallOptions): Promise<Job>;
  /** One page of jobs, newest first. Results have no link, only when the one that `status` gives now ends. */
  list(query?: ListQuery): Promise<JobList>;
  /** The job may be `running` for a moment yet, but it will not complete. */
  cancel(jobId: string, options?: CallOptions): Promise<Job>;
  /** Starts a failed or canceled job again, under its id. */
  retry(jobId: string, options?: CallOptions): Promise<JobAccepted>;
  /** A fresh link to the finished file. */
  link(jobId: string, options?: CallOptions): Promise<DownloadLink>;
}

/** Repeats of an unanswered request; then the caller hears of it. */
const REPEATS_MAX = 4;
/** A server that asks for a longer pause is left to the caller, who can show it. */
const REPEAT_AFTER_MS_MAX = 10_000;

/** @param take is told of each job that an answer brought; gives it as the page can use it. */
export function createCalls(http: Http, take: (job: Job) => Job): Calls {
  async function call<T>(path: string, options?: CallOptions, method = 'GET'): Promise<T> {
    return (await http.json<T>(path, { ...options, method })).body;
  }

  const taken = async (path: string, options?: CallOptions, method?: string) => take(await call<Job>(path, options, method));

  const id = encodeURIComponent;
  const status = (jobId: string, options?: CallOptions) => taken(`status/${id(jobId)}`, options);

  return {
    initiate: (request, options) => initiate(http, request, options),
    status,
    cancel: (jobId, options) => taken(`cancel/${id(jobId)}`, options, 'POST'),
    async list({ signal, status: states, ...query } = {}) {
      const list = await call<JobList>(`jobs${queryOf({ status: states?.length ? states : undefined, ...query })}`, { signal });
      list.jobs.forEach(take);
      return list;
    },
    async retry(jobId, options) {
      const accepted = await call<JobAccepted>(`retry/${id(jobId)}`, options, 'POST');
      await status(jobId, options).catch(() => undefined); // it was accepted even so
      return accepted;
    },
    async link(jobId, options) {
      const link = await call<DownloadLink>(`${id(jobId)}?redirect=0`, options);
      return { ...link, url: http.locate(link.url) };
    },
  };
}

function queryOf(query: Omit<ListQuery, 'signal'>): string {
  // They become text below, several states with commas between them.
  const pairs = Object.entries(query).filter(([, value]) => value != null) as [string, string][];
  return pairs.length ? `?${new URLSearchParams(pairs)}` : '';
}

async function initiate(
  http: Http, request: InitiateRequest, { idempotencyKey, signal }: InitiateOptions = {},
): Promise<JobAccepted> {
  const body = JSON.stringify(request);
  const slot = slotOf(http.base, body);
  const headers = { 'content-type': 'application/json', 'idempotency-key': idempotencyKey ?? takeKey(slot) };
  for (let repeats = 0; ; repeats++) {
    try {
      const answer = await http.json<JobAccepted>('initiate', { method: 'POST', headers, body, signal });
      dropKey(slot);
      return answer.body;
    } catch (error) {
      if (!(error instanceof DownloadError)) throw error; // aborted: not answered, the key stays
      const { retryable, status, retryAfterMs = 0 } = error;
      const refused = !retryable || status === 429;
      if (refused) dropKey(slot);
      if (refused || repeats >= REPEATS_MAX || retryAfterMs > REPEAT_AFTER_MS_MAX) throw error;
      await pause(backoffMs(repeats, 500, retryAfterMs), signal);
    }
  }
}
