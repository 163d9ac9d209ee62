// The jobs of a fake server: the rules of the real one's state machine, without a queue behind it.
import type { InitiateRequest, Job, JobError, JobResult } from '../api.js';
import { isTerminal } from '../job.js';

/** What a test says of a running job. What it leaves out stays as it was. */
export interface Progress {
  /** Percent. */
  progress?: number | null;
  /** From now on; null for nobody knows. */
  etaSeconds?: number | null;
  bytesDone?: number;
  bytesTotal?: number | null;
}

/** Jobs that are given away are pictures: changed by nobody. Those that change one throw an Error where there is none of this id. */
export interface Records {
  /** Newest first. */
  all(): Job[];
  get(jobId: string): Job | undefined;
  add(request: InitiateRequest, more?: object): Job;
  /** Makes it run, or go on. Throws, like the next three, where it has ended. */
  run(jobId: string, progress?: Progress): Job;
  /** Ends it with a file, whose link is good for 900 s unless `result` says else. */
  complete(jobId: string, result?: Partial<JobResult>): Job;
  /** Ends it with a fault: `SOURCE_NOT_FOUND` unless `error` says else. */
  fail(jobId: string, error?: Partial<JobError>): Job;
  cancel(jobId: string): Job;
  /** Puts it in the queue again, as `retry` and another attempt do. */
  requeue(jobId: string): Job;
  /** Another place in the queue, from 1: as in the real one no change of the job, so that no event tells of it. Throws unless it is queued. */
  move(jobId: string, queuePosition: number | null): void;
  /** From now on there is no such job; nothing where there is none. */
  remove(jobId: string): void;
  /** Called with each changed job and whether its status changed. */
  onChange(listener: (job: Job, transition: boolean) => void): void;
}

const LINK_SECONDS = 900;
/** No link is handed out that has less left. */
const LINK_SECONDS_MIN = 60;
const LINK_WINDOW = LINK_SECONDS - LINK_SECONDS_MIN;

// With the link that the real one has at this time: the next one, once too little of the first one is left.
function withLink(job: Job, now: number): Job {
  if (job.status !== 'completed' || !job.result.expiresAt) return job;
  const { url, expiresAt } = job.result;
  const window = Math.floor((now + LINK_SECONDS_MIN - expiresAt) / LINK_WINDOW) + 1;
  if (window <= 0) return job;
  return { ...job, result: { ...job.result, url: `${url}?window=${window}`, expiresAt: expiresAt + window * LINK_WINDOW } };
}

export function createRecords(nowMs: () => number): Records {
  const jobs = new Map<string, Job>();
  const listeners: ((job: Job, transition: boolean) => void)[] = [];
  let count = 0;
  const seconds = () => Math.floor(nowMs() / 1000);

  function change(jobId: string, changes: object): Job {
    const before = jobs.get(jobId);
    if (!before) throw new Error(`the fake server has no job ${jobId}`);
    const { result, error, queuePosition, nextAttemptAt, ...rest } = before as unknown as Record<string, unknown>;
    const job = { ...rest, updatedAt: seconds(), ...changes, version: before.version + 1 } as Job;
    jobs.set(jobId, job);
    for (const listener of listeners) listener(job, job.status !== before.status);
    return job;
  }

  // As in the real one: what has ended stays as it is.
  function going(jobId: string): string {
    const job = jobs.get(jobId);
    if (job && isTerminal(job)) throw new Error(`job ${jobId} is ${job.status} already`);
    return jobId;
  }

  return {
    all: () => [...jobs.values()].reverse().map((job) => withLink(job, seconds())),
    get(jobId) {
      const job = jobs.get(jobId);
      return job && withLink(job, seconds());
    },
    onChange: (listener) => void listeners.push(listener),
    remove: (jobId) => void jobs.delete(jobId),
    add(request, more = {}) {
      const jobId = `fake${String(++count).padStart(20, '0')}`;
      const at = seconds();
      const job = {
        jobId, status: 'queued', version: 1, progress: null, etaSeconds: null, attempts: 0,
        maxAttempts: request.options?.maxAttempts ?? 3, file_id: request.file_id ?? null, userId: request.userId ?? null,
        createdAt: at, updatedAt: at, stage: 'queued', bytesDone: 0, bytesTotal: null, queuePosition: 1, ...more,
      } as unknown as Job;
      jobs.set(jobId, job);
      for (const listener of listeners) listener(job, true);
      return job;
    },
    run: (jobId, progress = {}) => change(going(jobId), { status: 'running', stage: 'fetching', ...progress }),
    complete: (jobId, result = {}) => change(going(jobId), {
      status: 'completed', stage: 'done', progress: 100, etaSeconds: 0,
      result: {
        url: `/v1/download/files/${jobId}.1/file-${count}`, expiresAt: seconds() + LINK_SECONDS, fileName: `file-${count}`,
        contentType: 'application/octet-stream', size: 0, sha256: null, ...result,
      },
    }),
    fail: (jobId, error = {}) => change(going(jobId), {
      status: 'failed', etaSeconds: null,
      error: { code: 'SOURCE_NOT_FOUND', message: 'the source has no such file', retryable: false, ...error },
    }),
    move(jobId, queuePosition) {
      const job = jobs.get(jobId);
      if (job?.status !== 'queued') throw new Error(`job ${jobId} is not queued`);
      jobs.set(jobId, { ...job, queuePosition });
    },
    cancel: (jobId) => change(going(jobId), { status: 'canceled', etaSeconds: null }),
    requeue: (jobId) => change(jobId, {
      status: 'queued', stage: 'queued', progress: null, etaSeconds: null, attempts: 0, bytesDone: 0, queuePosition: 1,
    }),
  };
}
