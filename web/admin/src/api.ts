/** The operator's API of the admin listener (docs/admin.md). */
export interface Counts { accepted: number; completed: number; failed: number; canceled: number; retried: number }
export interface Minute extends Counts { at: number }
export interface Broker {
  endpoint: string; up: boolean; id?: string; ready?: boolean; draining?: boolean; uptimeMs?: number; credit?: number;
  workers?: number;
}
export interface Overview {
  nowMs: number;
  changes: boolean;
  queue: {
    oldestWaitingMs: number | null; ready: number; delayed: number; parked: number; running: number; kept: number;
    garbage: number;
  } | null;
  slots: { total: number; free: number; running: number; workers: number };
  jobs: {
    total: Counts;
    recent: Counts & { minutes: number; failureRate: number | null; p95Ms: number | null };
    minutes: Minute[];
  };
  failures: { code: string; jobs: number; attempts: number }[];
  gateway: { streams: number; connections: number; waiting: number; draining: boolean };
  redis: { up: boolean; latencyMs?: number };
  brokers: Broker[];
}
export interface Worker {
  id: string; version: string | null; broker: string; state: 'working' | 'drained' | 'stopping' | 'away';
  draining: boolean; slots: number; free: number; running: number; lastSeenMs: number; jobIds: string[];
}
export interface Job {
  jobId: string; status: string; version: number; progress: number | null; attempts: number; maxAttempts: number;
  file_id: number; userId: string | null; createdAt: number; updatedAt: number; stage: string;
  queuePosition?: number | null; nextAttemptAt?: number; error?: { code: string; message: string };
  result?: { fileName: string | null; size: number };
}
export interface JobPage { jobs: Job[]; nextCursor: string | null }
export interface JobEvent {
  version: number; at: number; status: string; stage: string | null; attempt: number | null; workerId: string | null;
  errorCode: string | null;
}
export interface JobDetail { job: Job; workerId: string | null; retries: number; history: { events: JobEvent[] } }
export interface Outcome { jobId: string; done: boolean; title?: string }

const TIMEOUT_MS = 5000;

async function ask<T>(path: string, init: RequestInit = {}): Promise<T> {
  const reply = await fetch(`/admin/api/${path}`, { ...init, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const body: unknown = await reply.json().catch(() => null);
  if (!reply.ok) {
    const problem = body as { title?: string; detail?: string } | null;
    throw new Error(problem?.detail ?? problem?.title ?? `the gateway answered ${reply.status}`);
  }
  return body as T;
}

const post = <T>(path: string, body: unknown) => ask<T>(path, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
});

export const overview = () => ask<Overview>('overview');
export const workers = () => ask<{ workers: Worker[]; leftOut: number }>('workers');
export const jobs = (query: URLSearchParams) => ask<JobPage>(`jobs?${query}`);
export const job = (id: string) => ask<JobDetail>(`jobs/${encodeURIComponent(id)}`);
export const drain = (id: string, draining: boolean) =>
  post<{ draining: boolean }>(`workers/${encodeURIComponent(id)}/drain`, { draining });
export const command = (kind: 'retry' | 'cancel', jobIds: string[]) =>
  post<{ results: Outcome[] }>(`jobs/${kind}`, { jobIds });
