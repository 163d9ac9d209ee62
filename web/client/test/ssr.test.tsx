// Rendered by a server: no window, no requests, and the browser finds what the server sent.
import { renderToString } from 'react-dom/server';
import { expect, test } from 'vitest';
import { createDownloadClient } from '../src/index.js';
import { DownloadProvider, useDownloadJob, useDownloadJobs } from '../src/react/index.js';
import { createFakeServer } from '../src/testing/index.js';
import type { Job } from '../src/index.js';

function Page({ jobId, initialJob }: { jobId: string; initialJob?: Job }) {
  const { job, secondsLeft, connection } = useDownloadJob(jobId, { initialJob });
  const { jobs, loading } = useDownloadJobs();
  return <p>{`${job?.status} ${secondsLeft} ${connection.state} ${jobs.length} ${loading}`}</p>;
}

test('renders what it is given, and asks for nothing', () => {
  expect(typeof window).toBe('undefined');
  const server = createFakeServer();
  const client = createDownloadClient({ fetch: server.fetch });
  const { jobId } = server.add({ file_id: 1 });
  const html = renderToString(
    <DownloadProvider client={client}><Page jobId={jobId} initialJob={server.complete(jobId)} /></DownloadProvider>);
  expect(html).toBe('<p>completed null idle 0 true</p>');
  expect(server.requests).toEqual([]);
});
