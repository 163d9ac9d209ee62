// What those have in common that bring news of jobs: whom they ask, and where they leave what they learn.
import type { Job } from './api.js';
import type { DownloadError } from './error.js';
import type { Http } from './http.js';
import type { Store } from './store.js';

export interface Desk {
  http: Http;
  store: Store;
  /** Takes a job that an answer or an event brought. @returns it with a link that this page can use. */
  take(job: Job): Job;
  /** Takes why a job could not be had. */
  fail(jobId: string, error: DownloadError): void;
}
