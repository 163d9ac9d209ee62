'use client';
export { DownloadProvider, useDownloadClient } from './provider.js';
export { useDownloadJob } from './use-download-job.js';
export type { UseDownloadJob } from './use-download-job.js';
export { useDownloadJobs } from './use-download-jobs.js';
export type { UseDownloadJobs } from './use-download-jobs.js';
export type { JobListState } from './job-view.js';
export type { JobListQuery } from './job-rows.js';
