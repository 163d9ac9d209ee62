// A server of the API in memory, for tests of what is built on the client: give its `fetch` to
// `createDownloadClient`, make jobs run and end by hand or by time, and break things.
import type { InitiateRequest, Job } from '../api.js';
import { createEventStreams } from './event-streams.js';
import { createRecords } from './records.js';
import type { Records } from './records.js';
import { createRoutes } from './routes.js';
import { problem } from './replies.js';

export interface FakeServerOptions {
  /** Jobs run by themselves and complete after this long. Without it they wait for the test. */
  durationMs?: number;
  /** What the server's clock is ahead of the test's. */
  clockAheadMs?: number;
}

/** A request that the server saw. */
export interface FakeRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: Headers;
  body: string;
}

export interface Refusal {
  status: number;
  code?: string;
  /** The Retry-After header. */
  retryAfterSeconds?: number;
  /** Only requests whose `METHOD /path` it matches. */
  match?: RegExp;
  /** So many times; 1 by default. */
  times?: number;
}

export interface FakeServer extends Pick<Records, 'run' | 'complete' | 'fail' | 'cancel' | 'requeue' | 'move' | 'remove'> {
  /** For `createDownloadClient({ fetch })`. */
  fetch: typeof globalThis.fetch;
  /** All requests so far. */
  readonly requests: FakeRequest[];
  /** Streams that are open now. */
  readonly streams: number;
  /** Makes a job as `initiate` does; `more` overrides members of its status object. */
  add(request: InitiateRequest, more?: Partial<Job>): Job;
  /** The job as it is. */
  job(jobId: string): Job | undefined;
  /** Refuses requests to come. */
  refuse(refusal: Refusal): void;
  /** No answer to anybody, while true. */
  offline: boolean;
  /** As behind a proxy that keeps a stream back until it ends, while true. */
  buffering: boolean;
  /** Breaks all open streams off. */
  cutStreams(): void;
  /** Ends all open streams properly, as a server that shuts down. */
  endStreams(): void;
  /** What the real one sends every 15 s. */
  heartbeat(): void;
}

/** Progress of jobs that run by themselves comes in so many steps. */
const STEPS = 10;

export function createFakeServer({ durationMs, clockAheadMs = 0 }: FakeServerOptions = {}): FakeServer {
  const nowMs = () => Date.now() + clockAheadMs;
  const records = createRecords(nowMs);
  const streams = createEventStreams(records.get);
  const route = createRoutes(records, streams);
  const requests: FakeRequest[] = [];
  const refusals: (Refusal & { left: number })[] = [];

  records.onChange(streams.tell);
  if (durationMs !== undefined) {
    records.onChange((job) => {
      if (job.status === 'queued' && job.stage === 'queued') play(records, job.jobId, durationMs);
    });
  }

  function refused({ method, path }: FakeRequest): Response | undefined {
    const found = refusals.find(({ left, match }) => left > 0 && (match?.test(`${method} ${path}`) ?? true));
    if (!found) return undefined;
    found.left--;
    const headers = found.retryAfterSeconds === undefined ? {} : { 'retry-after': String(found.retryAfterSeconds) };
    return problem(found.status, found.code ?? 'UNAVAILABLE', 'refused by the test', path, headers);
  }

  const server = {
    offline: false,
    requests,
    async fetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
      const url = new URL(String(input), 'http://fake.test');
      const request: FakeRequest = {
        method: init.method ?? 'GET', path: url.pathname + url.search, headers: new Headers(init.headers),
        body: String(init.body ?? ''),
      };
      await Promise.resolve(); // never at once
      init.signal?.throwIfAborted();
      requests.push(request);
      if (server.offline) throw new TypeError('fetch failed');
      const response = refused(request) ?? route(request, url, init.signal);
      if (!response.headers.has('date')) response.headers.set('date', new Date(nowMs()).toUTCString());
      return response;
    },
    get streams() { return streams.count; },
    get buffering() { return streams.buffering; },
    set buffering(on: boolean) { streams.buffering = on; },
    add: records.add,
    job: records.get,
    run: records.run,
    complete: records.complete,
    fail: records.fail,
    cancel: records.cancel,
    requeue: records.requeue,
    move: records.move,
    remove: records.remove,
    refuse(refusal: Refusal) { refusals.push({ ...refusal, left: refusal.times ?? 1 }); },
    cutStreams: streams.cut,
    endStreams: streams.end,
    heartbeat: streams.heartbeat,
  };
  return server;
}

// Runs a job to its end by timers, unless somebody else ends it.
function play(records: Records, jobId: string, durationMs: number) {
  let step = 0;
  const timer = setInterval(() => {
    const status = records.get(jobId)?.status;
    if (status !== 'queued' && status !== 'running') return clearInterval(timer);
    step++;
    if (step < STEPS) {
      const etaSeconds = Math.ceil((durationMs * (STEPS - step)) / STEPS / 1000);
      records.run(jobId, { progress: step * (100 / STEPS), etaSeconds });
    } else {
      clearInterval(timer);
      records.complete(jobId);
    }
  }, durationMs / STEPS);
}
