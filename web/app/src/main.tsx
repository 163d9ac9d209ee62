// The pages that the gateway serves.
import { StrictMode, useEffect, useRef, useSyncExternalStore } from 'react';
import { createRoot } from 'react-dom/client';
import { createDownloadClient } from '@longhaul/client';
import type { Connection } from '@longhaul/client';
import { DownloadProvider, useDownloadClient } from '@longhaul/client/react';
import { Announcer } from './announce.js';
import { Downloads } from './downloads.js';
import { JobPage } from './job-page.js';
import { useJobIdInAddress } from './route.js';
import './style.css';

const WORDS: Record<Connection['state'], string> = {
  idle: 'up to date', connecting: 'reconnecting', live: 'live', polling: 'updating', offline: 'offline',
};

function Live() {
  const client = useDownloadClient();
  const { state, everyMs } = useSyncExternalStore(client.subscribeConnection, client.connection);
  const every = state === 'polling' && everyMs ? ` every ${Math.round(everyMs / 1000)} s` : '';
  return <p className={`live ${state}`}><span aria-hidden="true">●</span> {WORDS[state]}{every}</p>;
}

function App() {
  const jobId = useJobIdInAddress();
  const heading = useRef<HTMLHeadingElement>(null);
  const first = useRef(true);
  // Whoever hears the page, or uses its keys, begins a new page at its top.
  useEffect(() => {
    if (!first.current) heading.current?.focus();
    first.current = false;
    document.title = jobId ? 'Download' : 'Downloads';
  }, [jobId]);
  return (
    <>
      <header>
        <h1 ref={heading} tabIndex={-1}>{jobId ? 'Download' : 'Downloads'}</h1>
        <Live />
      </header>
      <main>{jobId ? <JobPage key={jobId} jobId={jobId} /> : <Downloads />}</main>
      <footer><a href="/docs">API reference</a></footer>
      <Announcer />
    </>
  );
}

const client = createDownloadClient();
createRoot(document.getElementById('root')!).render(
  <StrictMode><DownloadProvider client={client}><App /></DownloadProvider></StrictMode>);
