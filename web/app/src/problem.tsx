// What to tell people of an error, and what to do about it.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { DownloadError } from '@longhaul/client';
import { useDownloadClient } from '@longhaul/client/react';
import { formatPause } from './format.js';

const BY_CODE: Record<string, string> = {
  NETWORK: 'No answer from the server.',
  JOB_NOT_FOUND: 'There is no such download, or it was too long ago.',
  ARTIFACT_EXPIRED: 'The file is no longer kept. Start the download again.',
  QUOTA_EXCEEDED: 'You have as many downloads as are allowed at a time.',
  QUEUE_FULL: 'The server has too much to do.',
  RETRY_LIMIT: 'It was tried again as often as is allowed.',
  VALIDATION_FAILED: 'The server does not accept this request.',
};

const AWAY = 'The server is not available at the moment.';
const BY_STATUS: Record<number, string> = {
  401: 'You are not logged in, or may only look.',
  403: 'You may not see this.',
  404: 'The server does not offer this.',
  429: 'Too many requests.',
  502: AWAY,
  503: AWAY,
  504: AWAY,
};

function textOf(error: DownloadError): string {
  const what = BY_CODE[error.code] ?? BY_STATUS[error.status] ?? error.message;
  return error.code === 'VALIDATION_FAILED' ? `${what} ${error.message}` : what;
}

/** Doubles with each failure, up to the second; the server may ask for more. */
const AGAIN_MS = 5000;
const AGAIN_MS_MAX = 20_000;
/** Whatever the server says: no timer takes more than 24 days, it would be over at once. */
const PAUSE_MS_MAX = 86_400_000;

// Spread, so that not all pages come back at once.
function pauseMs({ retryAfterMs = 0, retryable }: DownloadError, failures: number): number {
  const ownMs = retryable ? Math.min(AGAIN_MS_MAX, AGAIN_MS * 2 ** failures) : 0;
  const pause = Math.min(PAUSE_MS_MAX, Math.max(retryAfterMs, ownMs));
  return pause + Math.random() * Math.min(pause, AGAIN_MS_MAX) / 4;
}

// Seconds until `again` is done, or may be; null once it is. Sooner where the network or the server is back; not while
// nobody sees the page.
function useCountdown(error: DownloadError, again: (() => void) | undefined): number | null {
  const client = useDownloadClient();
  const [left, setLeft] = useState<number | null>(null);
  const failures = useRef(0);
  const doIt = useRef(again);
  useEffect(() => { doIt.current = again; });
  useEffect(() => {
    const dueMs = Date.now() + pauseMs(error, failures.current++);
    const life = new AbortController();
    let due: ReturnType<typeof setTimeout>;
    const show = () => setLeft(Math.ceil(Math.max(0, dueMs - Date.now()) / 1000) || null);
    const end = () => {
      life.abort();
      clearInterval(tick);
      clearTimeout(due);
      stop();
    };
    const go = () => {
      if (error.retryable && document.hidden) return; // it is gone through when the page is seen
      end();
      setLeft(null);
      if (error.retryable) doIt.current?.();
    };
    const hurry = () => { if (!error.retryAfterMs) go(); };
    const tick = setInterval(show, 1000);
    due = setTimeout(go, dueMs - Date.now());
    const stop = client.subscribeConnection(({ state }) => { if (state === 'live') hurry(); });
    addEventListener('online', hurry, { signal: life.signal });
    addEventListener('visibilitychange', () => { if (Date.now() >= dueMs) go(); }, { signal: life.signal });
    show();
    return end;
  }, [client, error]);
  return left;
}

export interface ProblemProps {
  error: DownloadError;
  /** What can be repeated. It is by itself, where that may help. */
  again?: (() => void) | undefined;
}

export function Problem({ error, again }: ProblemProps) {
  const left = useCountdown(error, again);
  const repeats = again && error.retryable;
  const fault = useRef<HTMLParagraphElement>(null);
  // What was tried again worked, and the button goes: what it stood in keeps its focus.
  useLayoutEffect(() => () => {
    const { current } = fault;
    if (current?.contains(document.activeElement)) current.closest<HTMLElement>('[tabindex]')?.focus({ preventScroll: true });
  }, []);
  return (
    <p className="fault" ref={fault}>
      <span role="alert">{textOf(error)}</span>{' '}
      {left === null ? repeats && 'Trying again…' : `${repeats ? 'Trying' : 'Try'} again in ${formatPause(left)}.`}{' '}
      {again && <button type="button" onClick={again}>Try again</button>}
    </p>
  );
}
