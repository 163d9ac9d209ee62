// A list of jobs, as long as a component shows it.
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { InitiateOptions, InitiateRequest, JobAccepted, JobStatus } from '../index.js';
import { createJobList } from './job-list.js';
import type { JobListQuery, JobListState } from './job-list.js';
import { useDownloadClient } from './provider.js';

export interface UseDownloadJobs extends JobListState {
  /** Asks for a job, which then stands first. Rejects with a DownloadError. */
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
  const { userId, status, limit } = query ?? {};
  const states = status?.toString(); // several: by commas
  const { subscribe, state, loadMore, refresh } = useMemo(() => createJobList(client, query && {
    userId, limit, status: states?.split(',') as JobStatus[] | undefined,
  }), [client, !query, userId, limit, states]);

  const start = useCallback<UseDownloadJobs['start']>(async (request, options) => {
    const accepted = await client.initiate({ ...(userId !== undefined && { userId }), ...request }, options);
    await client.status(accepted.jobId).catch(() => undefined); // it was accepted even so
    return accepted;
  }, [client, userId]);

  return { ...useSyncExternalStore(subscribe, state, state), start, loadMore, refresh };
}
