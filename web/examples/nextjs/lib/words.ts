// What people read of jobs and faults.
import type { DownloadClient, DownloadError, Job } from '@longhaul/client';

const PROBLEMS: Record<string, string> = {
  ARTIFACT_EXPIRED: 'The file is no longer kept. Start the download again.',
  NETWORK: 'No answer from the server. Trying again.',
  QUOTA_EXCEEDED: 'You have as many downloads as are allowed at a time.',
  RETRY_LIMIT: 'It was tried again as often as is allowed.',
  UNAUTHENTICATED: 'You are not logged in.',
  UPSTREAM_UNREACHABLE: 'The download service does not answer.',
};

export function problemText(error: DownloadError): string {
  const when = error.retryAfterMs ? ` Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.` : '';
  return `${PROBLEMS[error.code] ?? error.message}${when}`;
}

const CONNECTIONS: Record<ReturnType<DownloadClient['connection']>['state'], string> = {
  idle: '', connecting: 'Connecting…', live: 'Live', polling: 'Updated every few seconds', offline: 'Offline',
};

export const connectionText = ({ state }: ReturnType<DownloadClient['connection']>) => CONNECTIONS[state];

export function nameOf(job: Job): string {
  return (job.status === 'completed' && job.result.fileName) || `File ${job.file_id}`;
}

const clock = (seconds: number) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

function validity(secondsLeft: number | null): string {
  if (secondsLeft === null) return '';
  return secondsLeft > 0 ? `, link valid for ${clock(secondsLeft)}` : ', link expired: Download fetches another';
}

function queueText(job: Job & { status: 'queued' }, secondsLeft: number | null): string {
  if (secondsLeft) return `Trying again in ${clock(secondsLeft)}`;
  return job.queuePosition ? `In queue (position ${job.queuePosition})` : 'In queue';
}

/** @param secondsLeft see useDownloadJob; null: nothing is said of time */
export function jobText(job: Job, secondsLeft: number | null): string {
  const time = secondsLeft === null ? '' : `, about ${clock(secondsLeft)} left`;
  switch (job.status) {
    case 'queued': return queueText(job, secondsLeft);
    case 'running': return job.progress === null ? `Running${time}` : `${job.progress} %${time}`;
    case 'completed': return `Ready${validity(secondsLeft)}`;
    case 'failed': return `Failed: ${job.error.message}`;
    case 'canceled': return 'Canceled';
  }
}
