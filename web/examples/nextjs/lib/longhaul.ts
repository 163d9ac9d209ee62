// A job as a page's server sees it.
import { notFound } from 'next/navigation';
import { createDownloadClient, DownloadError } from '@longhaul/client';
import type { Job } from '@longhaul/client';
import { longhaulUrl } from './longhaul-url';

/** A visitor waits for the page meanwhile; without the job, the page asks for it itself. */
const ANSWER_MS_MAX = 3000;

/** The job; undefined where nobody can say now. Shows the page of what does not exist if it does not. */
export async function readJob(jobId: string): Promise<Job | undefined> {
  // One for each page: a client remembers the jobs that it has seen.
  const client = createDownloadClient({ baseUrl: longhaulUrl() });
  try {
    const job = await client.status(jobId, { signal: AbortSignal.timeout(ANSWER_MS_MAX) });
    if (job.status !== 'completed') return job;
    const { url, ...result } = job.result; // at the address that this server uses: the browser fetches its own
    return { ...job, result };
  } catch (error) {
    if (error instanceof DownloadError && error.status === 404) notFound();
    return undefined; // the browser's client goes on from here, and says what is wrong
  }
}
