// The API's types, made from docs/openapi.yaml at build, under names that read well.
import type { components } from './.generated/openapi.js';

type Schemas = components['schemas'];

/** A job's status object, the same in replies, streams and lists. Narrow it by `status`. */
export type Job = Schemas['JobStatus'];
export type JobStatus = Schemas['Status'];
export type JobResult = Schemas['JobResult'];
export type JobError = Schemas['JobError'];
/** What `initiate` sends: exactly one of `file_id` and `file_ids`. */
export type InitiateRequest = Schemas['InitiateRequest'];
export type JobAccepted = Schemas['JobAccepted'];
export type JobList = Schemas['JobList'];
/** A fresh link to a finished file. Use it at once, keep it nowhere. */
export type DownloadLink = Schemas['DownloadLink'];
