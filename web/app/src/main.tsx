// The pages that the gateway serves.
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createDownloadClient } from '@longhaul/client';
import { DownloadProvider } from '@longhaul/client/react';
import { Announcer } from './announce.js';
import { Downloads } from './downloads.js';
import { JobPage } from './job-page.js';
import { useJobIdInAddress } from './route.js';
import './style.css';

function App() {
  const jobId = useJobIdInAddress();
  return (
    <>
      {jobId ? <JobPage key={jobId} jobId={jobId} /> : <Downloads />}
      <footer><a href="/docs">API reference</a></footer>
      <Announcer />
    </>
  );
}

const client = createDownloadClient();
createRoot(document.getElementById('root')!).render(
  <StrictMode><DownloadProvider client={client}><App /></DownloadProvider></StrictMode>);
