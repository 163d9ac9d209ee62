// A list of jobs, as long as a component shows it.
import { useMemo, useSyncExternalStore } from 'react';
import type { InitiateOptions, InitiateRequest, JobAccepted } from '../index.js';
import { createJobList } from './job-list.js';
import type { JobListState } from './job-view.js';
import type { JobListQuery } from './job-rows.js';
import { useDownloadClient } from './provider.js';

export interface UseDownloadJobs extends JobListState {
  /** Asks for a job, which then stands first in a list of such jobs. Rejects with a DownloadError. */
  start(request: InitiateRequest, options?: InitiateOptions): Promise<JobAccepted>;
  /** The next page; after a failure, the same one again. */
  loadMore(): Promise<void>;
  /** Looks for jobs that were made or removed elsewhere; happens by itself when the page is seen again, or the network is back. */
  refresh(): Promise<void>;
}

/**
 * Lists jobs, newest first, and keeps them up to date.
 * @param query null while there is nothing to list
 */
export function useDownloadJobs(query: JobListQuery | null = {}): UseDownloadJobs {
  const client = useDownloadClient();
  const { subscribe, state, ...actions } = useMemo(() => ({
    ...createJobList(client, query),
    async start(request: InitiateRequest, options?: InitiateOptions) {
      const accepted = await client.initiate({ userId: query?.userId, ...request } as InitiateRequest, options);
      await client.status(accepted.jobId).catch(() => undefined); // it was accepted even so
      return accepted;
    },
  }), [client, JSON.stringify(query)]);
  return { ...useSyncExternalStore(subscribe, state, state), ...actions };
}
