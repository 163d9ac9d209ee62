// A list of jobs, as long as a component shows it.
import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { InitiateOptions, InitiateRequest, JobAccepted } from '../index.js';
import { EMPTY, createJobList } from './job-list.js';
import type { JobListQuery, JobListState } from './job-list.js';
import { useDownloadClient } from './provider.js';

export interface UseDownloadJobs extends JobListState {
  /** Asks for a job, which then stands first. Rejects with a DownloadError. */
  start(request: InitiateRequest, options?: InitiateOptions): Promise<JobAccepted>;
  /** The next page; after a failure, the same one again. */
  loadMore(): Promise<void>;
}

/** Lists jobs, newest first, and keeps them up to date. */
export function useDownloadJobs({ userId, status, limit }: JobListQuery = {}): UseDownloadJobs {
  const client = useDownloadClient();
  const states = status === undefined ? undefined : [status].flat().join();
  const list = useMemo(() => createJobList(client, {
    userId, limit, status: states?.split(',') as JobListQuery['status'],
  }), [client, userId, limit, states]);
  const state = useSyncExternalStore(list.subscribe, list.state, () => EMPTY);

  const start = useCallback<UseDownloadJobs['start']>(async (request, options) => {
    const accepted = await client.initiate({ ...(userId !== undefined && { userId }), ...request }, options);
    await client.status(accepted.jobId).catch(() => undefined); // it was accepted even so
    return accepted;
  }, [client, userId]);

  return { ...state, start, loadMore: list.loadMore };
}
