// The endpoints of a fake server, as a table.
import type { InitiateRequest, Job } from '../api.js';
import { isTerminal } from '../job.js';
import type { EventStreams } from './event-streams.js';
import type { FakeRequest } from './fake-server.js';
import type { Records } from './records.js';
import { json, problem } from './replies.js';

interface Context {
  request: FakeRequest;
  query: URLSearchParams;
  signal: AbortSignal | null | undefined;
  /** The job named by the path; there is one. */
  job: Job;
}

type Handler = (context: Context) => Response;
export type Route = (request: FakeRequest, url: URL, signal?: AbortSignal | null) => Response;

const LIST_LIMIT = 50;
const RETRIES_MAX = 3;
const LIST_PARAMETERS = ['userId', 'status', 'limit', 'cursor'];
const STATUSES = ['queued', 'running', 'completed', 'failed', 'canceled'];

// A later link is another tag, like the server's.
function tagOf(job: Job): string {
  return `W/"${job.version}${job.status === 'completed' ? `.${job.result.expiresAt}` : ''}"`;
}

function withoutLink(job: Job): Job {
  if (job.status !== 'completed') return job;
  const { url, ...result } = job.result;
  return { ...job, result };
}

function initiateWith(records: Records): Handler {
  const answered = new Map<string, { body: string; jobId: string }>();
  return ({ request }) => {
    const { body, headers, path } = request;
    const key = headers.get('idempotency-key');
    const before = key ? answered.get(key) : undefined;
    if (before && before.body !== body) return problem(422, 'IDEMPOTENCY_CONFLICT', 'the key was used for another request', path);
    const replay = before ? { 'idempotency-replayed': 'true' } : undefined;
    const wanted = read(body);
    if (!wanted) return problem(400, 'MALFORMED_JSON', 'the body is not JSON', path);
    if ((wanted.file_id === undefined) === (wanted.file_ids === undefined)) {
      return problem(400, 'VALIDATION_FAILED', 'exactly one of file_id and file_ids', path);
    }
    const jobId = before?.jobId ?? records.add(wanted).jobId;
    if (key) answered.set(key, { body, jobId });
    return json(202, { jobId, status: 'queued' }, {
      location: `/v1/download/status/${jobId}`, 'retry-after': '1', ...replay,
    });
  };
}

function read(body: string): InitiateRequest | undefined {
  try {
    return JSON.parse(body) as InitiateRequest;
  } catch {
    return undefined;
  }
}

const status: Handler = ({ job, request }) => {
  const headers: Record<string, string> = { etag: tagOf(job), 'cache-control': 'private, no-cache' };
  if (!isTerminal(job)) headers['retry-after'] = String(Math.min(15, Math.max(1, job.etaSeconds ?? 1)));
  if (request.headers.get('if-none-match') === headers.etag) return new Response(null, { status: 304, headers });
  return json(200, job, headers);
};

const link: Handler = ({ job, request }) => {
  if (job.status === 'completed') {
    const { url, expiresAt, fileName, size, sha256 } = job.result;
    return json(200, { url, expiresAt, fileName, size, sha256 });
  }
  return isTerminal(job)
    ? problem(409, 'NOT_AVAILABLE', `the job is ${job.status}`, request.path)
    : problem(409, 'NOT_READY', 'the job is not completed', request.path, { 'retry-after': '1' });
};

function subscribeTo(streams: EventStreams, jobIdsOf: (context: Context) => string[]): Handler {
  return (context) => {
    const { request, query, signal } = context;
    const lastEventId = request.headers.get('last-event-id') ?? query.get('lastEventId') ?? '';
    return streams.open(jobIdsOf(context), query.get('named') === '1', lastEventId, signal)
      ?? new Response(null, { status: 204 });
  };
}

function cancelIn(records: Records): Handler {
  return ({ job, request }) => {
    if (job.status === 'canceled') return json(200, job);
    if (isTerminal(job)) return problem(409, 'ALREADY_TERMINAL', `the job is ${job.status}`, request.path);
    return json(job.status === 'running' ? 202 : 200, records.cancel(job.jobId));
  };
}

function retryIn(records: Records): Handler {
  const retries = new Map<string, number>();
  return ({ job, request }) => {
    const count = (retries.get(job.jobId) ?? 0) + 1;
    if (job.status !== 'failed' && job.status !== 'canceled') {
      return problem(409, 'NOT_RETRYABLE', `the job is ${job.status}`, request.path);
    }
    if (count > RETRIES_MAX) return problem(409, 'RETRY_LIMIT', 'retried too often', request.path);
    retries.set(job.jobId, count);
    records.requeue(job.jobId);
    return json(202, { jobId: job.jobId, status: 'queued' });
  };
}

function listOf(records: Records): Handler {
  return ({ query, request }) => {
    const refused = (why: string) => problem(400, 'VALIDATION_FAILED', why, request.path);
    const wrong = LIST_PARAMETERS.find((name) => query.getAll(name).length > 1 || query.get(name) === '');
    if (wrong) return refused(`${wrong} stands once, and is not empty`);
    const states = query.get('status')?.split(',') ?? [];
    if (states.some((state) => !STATUSES.includes(state))) return refused('status: one, or several joined by commas');
    const userId = query.get('userId');
    const fitting = records.all().filter((job) => (
      (!states.length || states.includes(job.status)) && (userId === null || job.userId === userId)));
    const after = query.get('cursor'); // a job's id: pages do not shift when jobs come and go
    const left = fitting.filter(({ jobId }) => after === null || jobId < after);
    const jobs = left.slice(0, Number(query.get('limit') ?? LIST_LIMIT));
    return json(200, {
      jobs: jobs.map(withoutLink), nextCursor: jobs.length < left.length ? jobs.at(-1)!.jobId : null,
    });
  };
}

function removeFrom(records: Records): Handler {
  return ({ job, request }) => {
    if (!isTerminal(job)) return problem(409, 'JOB_ACTIVE', 'the job has not ended', request.path);
    records.remove(job.jobId);
    return new Response(null, { status: 204 });
  };
}

/** Literal names stand first: they win over a job's id. */
export function createRoutes(records: Records, streams: EventStreams): Route {
  const table: [string, RegExp, Handler][] = [
    ['POST', /^initiate$/, initiateWith(records)],
    ['GET', /^jobs$/, listOf(records)],
    ['GET', /^subscribe$/, subscribeTo(streams, ({ query }) => query.getAll('jobId'))],
    ['GET', /^subscribe\/([^/]+)$/, subscribeTo(streams, ({ job }) => [job.jobId])],
    ['GET', /^status\/([^/]+)$/, status],
    ['POST', /^cancel\/([^/]+)$/, cancelIn(records)],
    ['POST', /^retry\/([^/]+)$/, retryIn(records)],
    ['GET', /^([^/]+)$/, link],
    ['DELETE', /^([^/]+)$/, removeFrom(records)],
  ];
  return (request, { pathname, searchParams: query }, signal) => {
    const path = pathname.replace(/^.*\/v1\/download\//, '');
    const fitting = table.filter(([, pattern]) => pattern.test(path));
    const [, pattern, handle] = fitting.find(([method]) => method === request.method) ?? [];
    if (!pattern || !handle) {
      return fitting.length
        ? problem(405, 'METHOD_NOT_ALLOWED', 'not this method', pathname, { allow: fitting.map(([method]) => method).join(', ') })
        : problem(404, 'NOT_FOUND', 'no such path', pathname);
    }
    const [, jobId] = pattern.exec(path) ?? [];
    const job = jobId ? records.get(jobId) : undefined;
    if (jobId && !job) return problem(404, 'JOB_NOT_FOUND', 'no such job', pathname);
    return handle({ request, query, signal, job: job! });
  };
}
