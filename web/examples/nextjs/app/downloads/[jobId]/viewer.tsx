'use client';
// One job: its progress as it happens, and what can be done with it.
import { isTerminal } from '@longhaul/client';
import type { Job } from '@longhaul/client';
import { useDownloadJob } from '@longhaul/client/react';
import { connectionText, jobText, nameOf, problemText } from '../../../lib/words';

export function Viewer({ jobId, initialJob }: { jobId: string; initialJob: Job | undefined }) {
  const { job, error, connection, secondsLeft, cancel, retry, openDownload } = useDownloadJob(jobId, { initialJob });
  if (!job) {
    return error ? <p role="alert">{problemText(error)}</p> : <p role="status">Loading…</p>;
  }
  const going = !isTerminal(job);
  const again = job.status === 'canceled' || (job.status === 'failed' && job.error.retryable);
  return (
    <article aria-labelledby="name">
      <h1 id="name">{nameOf(job)}</h1>
      {going && <progress aria-labelledby="name" max={100} {...(job.progress !== null && { value: job.progress })} />}
      <p role={job.status === 'failed' ? 'alert' : 'status'} className={job.status}>{jobText(job, secondsLeft)}</p>
      {going && <button type="button" onClick={() => void cancel()}>Cancel</button>}
      {again && <button type="button" onClick={() => void retry()}>Retry</button>}
      {/* The link is fetched by the click: it never expires under the visitor's hand. */}
      {job.status === 'completed' && <button type="button" onClick={() => void openDownload()}>Download</button>}
      {going && <p className="connection">{connectionText(connection)}</p>}
      {error && <p role="alert">{problemText(error)}</p>}
    </article>
  );
}
