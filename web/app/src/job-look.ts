// What each state of a job looks like and offers: the one table of it.
import type { Job } from '@longhaul/client';
import { formatAbout, formatBytes, formatClock } from './format.js';

export type Action = 'cancel' | 'download' | 'copy' | 'renew' | 'retry' | 'again' | 'details';

export interface Look {
  kind: 'waiting' | 'running' | 'canceling' | 'ready' | 'expired' | 'failed' | 'canceled' | 'gone';
  /** Of 100; null: not known. */
  bar: number | null;
  text: string;
  /** What is most wanted stands first. */
  actions: readonly Action[];
}

export interface Circumstances {
  /** Until the next attempt, or the end of a link; null: not known. */
  secondsLeft: number | null;
  /** Until a running job is done, or a queued one starts, as it is to be shown; null: not known. */
  secondsToEnd: number | null;
  bytesPerSecond: number | null;
  /** The visitor asked for it, or the server says so. */
  canceling: boolean;
  /** The server has no such job any more. */
  gone: boolean;
}

/** Of a digest, as much as tells two files apart. All of it stands on the job's page. */
const DIGEST_CHARS = 8;

const joined = (...parts: (string | false | null | undefined)[]) => parts.filter(Boolean).join(' · ');

function queued(job: Job & { status: 'queued' }, { secondsLeft, secondsToEnd }: Circumstances): Look {
  const attempt = job.attempts > 0 ? ` (attempt ${job.attempts + 1} of ${job.maxAttempts})` : '';
  const place = job.queuePosition ? `In queue (position ${job.queuePosition})` : 'In queue';
  const startsIn = job.etaSeconds ?? secondsToEnd; // the server knows best
  const starts = startsIn === null ? '' : `, starts in ${formatAbout(startsIn)}`;
  const text = secondsLeft !== null && secondsLeft > 0
    ? `Trying again in ${formatClock(secondsLeft)}${attempt}`
    : `${place}${attempt}${starts}`;
  return { kind: 'waiting', bar: null, text, actions: ['cancel'] };
}

function running(job: Job, { secondsToEnd, bytesPerSecond }: Circumstances): Look {
  const bytes = job.bytesTotal
    ? `${formatBytes(job.bytesDone)} of ${formatBytes(job.bytesTotal)}`
    : job.bytesDone > 0 && formatBytes(job.bytesDone);
  const speed = bytesPerSecond !== null && `${formatBytes(bytesPerSecond)}/s`;
  const text = joined(
    job.progress !== null && `${job.progress} %`, bytes, speed, secondsToEnd !== null && formatAbout(secondsToEnd));
  return { kind: 'running', bar: job.progress, text: text || 'Running', actions: ['cancel'] };
}

function completed({ result }: Job & { status: 'completed' }, { secondsLeft }: Circumstances): Look {
  // The server names no end of a link where there can be none: the file is past its retention.
  if (result.expiresAt === undefined) {
    return { kind: 'expired', bar: 100, text: 'The file is no longer kept. Start a new download to get it again.', actions: [] };
  }
  if (secondsLeft === 0) return { kind: 'expired', bar: 100, text: 'Link expired', actions: ['renew'] };
  const valid = secondsLeft !== null && `link valid ${formatClock(secondsLeft)}`;
  const digest = result.sha256 && `SHA-256 ${result.sha256.slice(0, DIGEST_CHARS)}…`;
  const text = joined('Ready', valid, formatBytes(result.size), digest);
  return { kind: 'ready', bar: 100, text, actions: ['download', 'copy'] };
}

function failed({ error, progress }: Job & { status: 'failed' }): Look {
  return {
    kind: 'failed', bar: progress ?? 0, text: `Failed: ${error.message}`, // which says what to do as well
    actions: error.retryable ? ['retry', 'details'] : ['details'],
  };
}

export function lookOf(job: Job, circumstances: Circumstances): Look {
  if (circumstances.gone) return { kind: 'gone', bar: job.progress ?? 0, text: 'No longer there', actions: [] };
  if (circumstances.canceling && (job.status === 'queued' || job.status === 'running')) {
    return { kind: 'canceling', bar: job.progress ?? 0, text: 'Canceling…', actions: [] };
  }
  switch (job.status) {
    case 'queued': return queued(job, circumstances);
    case 'running': return running(job, circumstances);
    case 'completed': return completed(job, circumstances);
    case 'failed': return failed(job);
    case 'canceled': return { kind: 'canceled', bar: job.progress ?? 0, text: 'Canceled', actions: ['again'] };
  }
}

/** A name of nothing but spaces and signs without a width would be a link that nobody sees. */
const VISIBLE = /(?![\p{Default_Ignorable_Code_Point}\u2800])[\p{L}\p{N}\p{P}\p{S}]/u; // fillers are letters, the blank of Braille a symbol

export function nameOf(job: Job): string {
  const given = job.status === 'completed' ? job.result.fileName : null;
  return given && VISIBLE.test(given) ? given : `File ${job.file_id ?? 'archive'}`;
}
