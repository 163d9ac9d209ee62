// What to tell people of an error, and what to do about it.
import { useEffect, useState } from 'react';
import type { DownloadError } from '@longhaul/client';

const BY_CODE: Record<string, string> = {
  NETWORK: 'No answer from the server.',
  JOB_NOT_FOUND: 'There is no such download, or it was too long ago.',
  ARTIFACT_EXPIRED: 'The file is no longer kept. Start the download again.',
  QUOTA_EXCEEDED: 'You have as many downloads as are allowed at a time.',
  QUEUE_FULL: 'The server has too much to do.',
  RETRY_LIMIT: 'It was tried again as often as is allowed.',
  VALIDATION_FAILED: 'The server does not accept this request.',
};

const BY_STATUS: Record<number, string> = {
  401: 'You are not logged in.',
  403: 'You may not see this.',
  404: 'The server does not offer this.',
  429: 'Too many requests.',
  503: 'The server is not available at the moment.',
};

function textOf(error: DownloadError): string {
  const what = BY_CODE[error.code] ?? BY_STATUS[error.status] ?? error.message;
  return error.code === 'VALIDATION_FAILED' ? `${what} ${error.message}` : what;
}

/** Where the server does not say. */
const AGAIN_MS = 5000;

// Spread, so that not all pages come back at once.
const pauseMs = ({ retryAfterMs, retryable }: DownloadError) => (
  (retryAfterMs ?? (retryable ? AGAIN_MS : 0)) * (1 + Math.random() / 4));

function useCountdown(error: DownloadError, over: (() => void) | undefined): number {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    const dueMs = Date.now() + pauseMs(error);
    const show = () => {
      const seconds = Math.ceil(Math.max(0, dueMs - Date.now()) / 1000);
      setLeft(seconds);
      if (seconds > 0) return;
      clearInterval(timer);
      if (error.retryable) over?.();
    };
    const timer = setInterval(show, 1000);
    show();
    return () => clearInterval(timer);
  }, [error]);
  return left;
}

export interface ProblemProps {
  error: DownloadError;
  /** What can be repeated. It is by itself, where that may help. */
  again?: (() => void) | undefined;
  /** Whoever watches it tries again anyway. */
  goesOn?: boolean;
}

export function Problem({ error, again, goesOn }: ProblemProps) {
  const left = useCountdown(error, again);
  const next = again && error.retryable ? 'Trying again' : 'Try again';
  return (
    <p className="fault">
      <span role="alert">{textOf(error)}</span>{' '}
      {goesOn && error.retryable ? 'Trying again.' : left > 0 && `${next} in ${left} s.`}{' '}
      {again && <button type="button" onClick={again}>Try again</button>}
    </p>
  );
}
