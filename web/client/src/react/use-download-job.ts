// One job, as long as a component shows it.
import { useCallback, useEffect, useMemo, useState, useSyncExternalStore } from 'react';
import { secondsLeft } from '../index.js';
import type { Connection, DownloadError, Job, JobSnapshot } from '../index.js';
import { useDownloadClient } from './provider.js';

export interface UseDownloadJob {
  /** undefined until it is known. */
  job: Job | undefined;
  /** Whether news come as they happen. */
  live: boolean;
  /** How they come, for those who want to show more of it. */
  connection: Connection;
  /** Why nothing newer is known, or why the last action failed. */
  error: DownloadError | undefined;
  /** Actions never reject: a fault is `error`. */
  cancel(): Promise<void>;
  retry(): Promise<void>;
  /** Fetches a fresh link and starts the browser's download. */
  openDownload(): Promise<void>;
  /** Until the next thing happens, see `secondsLeft`; null while unknown, on a server, and in the first rendering. */
  secondsLeft: number | null;
}

const NOTHING: JobSnapshot = {};
const IDLE: Connection = { state: 'idle' };
const TICK_MS = 1000;

// By a click, as a visitor would: nothing is left on the page when a link turns out to be none.
function openLink(url: string) {
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = '';
  anchor.click();
}

function useSecondsLeft(job: Job | undefined): number | null {
  const client = useDownloadClient();
  const get = () => secondsLeft(job, client.now());
  const tick = useCallback((notify: () => void) => {
    if (get() === null) return () => {};
    const timer = setInterval(notify, TICK_MS);
    return () => clearInterval(timer);
  }, [client, job]);
  return useSyncExternalStore(tick, get, () => null);
}

/**
 * Follows a job. `initialJob` is shown until something newer is known: give what a server rendered.
 * @param jobId null or undefined while there is none
 */
export function useDownloadJob(
  jobId: string | null | undefined, { initialJob }: { initialJob?: Job | undefined } = {},
): UseDownloadJob {
  const client = useDownloadClient();
  const [failure, setFailure] = useState<{ jobId: string; error: DownloadError }>();

  // Before the subscription below: a job that is known need not be asked for.
  useEffect(() => {
    if (initialJob) client.prime(initialJob);
  }, [client, initialJob?.jobId, initialJob?.version]);

  const subscribe = useCallback(
    (notify: () => void) => (jobId ? client.subscribe(jobId, notify) : () => {}), [client, jobId]);
  const known = useSyncExternalStore(subscribe, () => (jobId ? client.snapshot(jobId) : NOTHING), () => NOTHING);
  const connection = useSyncExternalStore(client.subscribeConnection, client.connection, () => IDLE);
  const job = known.job ?? (initialJob?.jobId === jobId ? initialJob : undefined);

  const actions = useMemo(() => {
    const act = (action: (jobId: string) => Promise<unknown>) => async () => {
      if (!jobId) return;
      setFailure(undefined);
      try {
        await action(jobId);
      } catch (error) {
        setFailure({ jobId, error: error as DownloadError }); // calls without a signal fail with nothing else
      }
    };
    return {
      cancel: act(client.cancel),
      retry: act(client.retry),
      openDownload: act(async (id) => openLink((await client.link(id)).url)),
    };
  }, [client, jobId]);

  return {
    job,
    live: connection.state === 'live',
    connection,
    error: (failure?.jobId === jobId && failure?.error) || known.error,
    secondsLeft: useSecondsLeft(job),
    ...actions,
  };
}
