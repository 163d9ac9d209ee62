// What to tell people of an error, and what to do about it.
import type { DownloadError } from '@longhaul/client';

const BY_CODE: Record<string, string> = {
  NETWORK: 'No answer from the server. Trying again.',
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

export function problemText(error: DownloadError): string {
  const what = BY_CODE[error.code] ?? BY_STATUS[error.status] ?? error.message;
  const detail = error.code === 'VALIDATION_FAILED' ? ` ${error.message}` : '';
  const when = error.retryAfterMs ? ` Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.` : '';
  return `${what}${detail}${when}`;
}
