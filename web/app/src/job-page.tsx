// The page of one job: the item, and all that is known of it.
import type { Job } from '@longhaul/client';
import { useDownloadJob } from '@longhaul/client/react';
import { formatBytes } from './format.js';
import { JobItem } from './job-item.js';
import { PageHead } from './page-head.js';
import { navigate } from './route.js';

const time = (epochSeconds: number) => new Date(epochSeconds * 1000).toLocaleString();

// Links are not among these: they are fetched when they are wanted.
function factsOf(job: Job): [string, string | number | null | undefined][] {
  const result = job.status === 'completed' ? job.result : undefined;
  const error = job.status === 'failed' ? job.error : undefined;
  return [
    ['Job', job.jobId], ['File', job.file_id], ['User', job.userId], ['Status', job.status], ['Stage', job.stage],
    ['Failed attempts', `${job.attempts} of ${job.maxAttempts}`], ['Asked for', time(job.createdAt)],
    ['Last change', time(job.updatedAt)], ['Size', result && formatBytes(result.size)], ['Type', result?.contentType],
    ['SHA-256', result?.sha256], ['Error', error?.code],
  ];
}

export function JobPage({ jobId }: { jobId: string }) {
  const { job } = useDownloadJob(jobId);
  return (
    <>
      <PageHead title="Download" />
      <main tabIndex={-1}>
        <p><a href="/" onClick={(event) => { event.preventDefault(); navigate('/'); }}>All downloads</a></p>
        <JobItem jobId={jobId} alone />
        {job && (
          <details className="facts" open={job.status === 'failed'}>
            <summary>Details</summary>
            <dl>
              {factsOf(job).filter(([, value]) => value != null && value !== '').map(([name, value]) => (
                <div key={name}><dt>{name}</dt><dd>{value}</dd></div>
              ))}
            </dl>
          </details>
        )}
      </main>
    </>
  );
}
