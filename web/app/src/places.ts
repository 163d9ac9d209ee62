// Places in the queue: those in front move without an event of the jobs behind, so they are asked for now and then.
import { useEffect, useRef } from 'react';
import type { Job } from '@longhaul/client';
import { useDownloadClient } from '@longhaul/client/react';

const EVERY_MS = 10_000;
/** At a time; those that are next first. */
const JOBS_MAX = 5;

/** @param jobs newest first */
export function useFreshPlaces(jobs: readonly Job[]): void {
  const client = useDownloadClient();
  const queued = useRef<readonly Job[]>([]);
  queued.current = jobs.filter((job) => job.status === 'queued' && job.queuePosition !== null).slice(-JOBS_MAX);
  const some = queued.current.length > 0;
  useEffect(() => {
    if (!some) return;
    const timer = setInterval(() => {
      if (document.hidden) return;
      for (const { jobId } of queued.current) void client.status(jobId).catch(() => {}); // the stream says if it is away
    }, EVERY_MS);
    return () => clearInterval(timer);
  }, [client, some]);
}
