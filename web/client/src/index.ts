export { createDownloadClient } from './client.js';
export type { ClientOptions, DownloadClient } from './client.js';
export type { CallOptions, InitiateOptions, ListQuery } from './calls.js';
export type { WaitOptions } from './watch.js';
export { DownloadError } from './error.js';
export { isTerminal, newerJob, secondsLeft } from './job.js';
export type { JobListener, JobSnapshot } from './store.js';
export type { Connection, Transport } from './feed.js';
export type {
  DownloadLink, InitiateRequest, Job, JobAccepted, JobError, JobList, JobResult, JobStatus,
} from './api.js';
