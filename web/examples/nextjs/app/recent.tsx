'use client';
// What was asked for before, kept up to date.
import Link from 'next/link';
import { useDownloadJobs } from '@longhaul/client/react';
import { jobText, nameOf, problemText } from '../lib/words';

export function Recent() {
  const { jobs, hasMore, loading, error, loadMore } = useDownloadJobs({ limit: 20 });
  return (
    <section aria-label="Recent downloads">
      <ul>
        {jobs.map((job) => (
          <li key={job.jobId}>
            <Link href={`/downloads/${job.jobId}`} prefetch={false}>{nameOf(job)}</Link> {jobText(job, null)}
          </li>
        ))}
      </ul>
      {error && <p role="alert">{problemText(error)}</p>}
      {(hasMore || error) && !loading && (
        <button type="button" onClick={() => void loadMore()}>{error ? 'Try again' : 'Show more'}</button>
      )}
    </section>
  );
}
