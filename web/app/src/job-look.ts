// What each state of a job looks like and offers: the one table of it.
import type { Job } from '@longhaul/client';
import { formatAbout, formatBytes, formatClock } from './format.js';

export type Action = 'cancel' | 'download' | 'copy' | 'renew' | 'retry' | 'again' | 'details';

export interface Look {
  kind: 'waiting' | 'running' | 'canceling' | 'ready' | 'expired' | 'failed' | 'canceled';
  /** Of 100; null: not known; undefined: no bar. */
  bar: number | null | undefined;
  text: string;
  actions: readonly Action[];
}

export interface Circumstances {
  /** See secondsLeft; null: not known. */
  secondsLeft: number | null;
  bytesPerSecond: number | null;
  /** The visitor asked for it; the server has not said so yet. */
  canceling: boolean;
}

const joined = (...parts: (string | false | null | undefined)[]) => parts.filter(Boolean).join(' · ');

function queued(job: Job & { status: 'queued' }, { secondsLeft }: Circumstances): Look {
  const place = job.queuePosition ? `In queue (position ${job.queuePosition})` : 'In queue';
  const again = secondsLeft !== null && secondsLeft > 0
    && `${job.attempts > 0 ? 'Trying again' : 'Starts'} in ${formatClock(secondsLeft)}`;
  const attempt = job.attempts > 0 && `attempt ${job.attempts + 1} of ${job.maxAttempts}`;
  return { kind: 'waiting', bar: null, text: joined(again || place, attempt), actions: ['cancel'] };
}

function running(job: Job, { secondsLeft, bytesPerSecond }: Circumstances): Look {
  const bytes = job.bytesTotal
    ? `${formatBytes(job.bytesDone)} of ${formatBytes(job.bytesTotal)}`
    : job.bytesDone > 0 && formatBytes(job.bytesDone);
  const speed = bytesPerSecond !== null && `${formatBytes(bytesPerSecond)}/s`;
  const text = joined(
    job.progress !== null && `${job.progress} %`, bytes, speed, secondsLeft !== null && formatAbout(secondsLeft));
  return { kind: 'running', bar: job.progress, text: text || 'Running', actions: ['cancel'] };
}

function completed({ result }: Job & { status: 'completed' }, { secondsLeft }: Circumstances): Look {
  if (secondsLeft === 0) return { kind: 'expired', bar: 100, text: 'Link expired', actions: ['renew'] };
  const valid = secondsLeft !== null && `link valid ${formatClock(secondsLeft)}`;
  return { kind: 'ready', bar: 100, text: joined('Ready', valid, formatBytes(result.size)), actions: ['download', 'copy'] };
}

export function lookOf(job: Job, circumstances: Circumstances): Look {
  if (circumstances.canceling && (job.status === 'queued' || job.status === 'running')) {
    return { kind: 'canceling', bar: job.progress ?? 0, text: 'Canceling…', actions: [] };
  }
  switch (job.status) {
    case 'queued': return queued(job, circumstances);
    case 'running': return running(job, circumstances);
    case 'completed': return completed(job, circumstances);
    case 'failed': return {
      kind: 'failed', bar: job.progress ?? 0, text: `Failed: ${job.error.message}`,
      actions: job.error.retryable ? ['retry', 'details'] : ['details'],
    };
    case 'canceled': return { kind: 'canceled', bar: undefined, text: 'Canceled', actions: ['again'] };
  }
}

export function nameOf(job: Job): string {
  const given = job.status === 'completed' ? job.result.fileName : null;
  return given ?? `File ${job.file_id ?? 'archive'}`;
}
