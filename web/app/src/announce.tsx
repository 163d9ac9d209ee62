// For those who hear the page: changes of state and quarters of the way, at most every ten seconds, the
// newest of each job; failures at once.
import { useEffect, useState } from 'react';
import type { Job } from '@longhaul/client';
import { useDownloadClient } from '@longhaul/client/react';
import { nameOf } from './job-look.js';

const PAUSE_MS = 10_000;
/** More at a time nobody wants to hear. */
const JOBS_MAX = 3;

const WORDS: Record<Job['status'], string> = {
  queued: 'is in the queue', running: 'is running', completed: 'is ready', failed: 'failed', canceled: 'was canceled',
};

// What this job is at, in steps worth saying.
function stepOf(job: Job): string {
  const quarter = job.status === 'running' ? Math.floor((job.progress ?? 0) / 25) * 25 : 0;
  return quarter ? `is at ${quarter} percent` : WORDS[job.status];
}

const sayers = new Set<(text: string) => void>();

/** Says what the page answers to somebody who did something. */
export const say = (text: string) => sayers.forEach((sayer) => sayer(text));

export function Announcer() {
  const client = useDownloadClient();
  const [status, setStatus] = useState('');
  const [alert, setAlert] = useState('');

  useEffect(() => {
    const said = new Map<string, string>();
    const news = new Map<string, string>();
    let saidMs = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const say = () => {
      timer = undefined;
      saidMs = Date.now();
      const some = [...news.values()].slice(-JOBS_MAX);
      setStatus(some.join('. '));
      news.clear();
    };
    const stop = client.subscribeAll((job) => {
      const step = stepOf(job);
      const before = said.get(job.jobId);
      said.set(job.jobId, step);
      if (before === undefined || before === step) return; // what was there already is no news
      const sentence = `${nameOf(job)} ${step}`;
      if (job.status === 'failed') setAlert(`${sentence}: ${job.error.message}`);
      news.set(job.jobId, sentence);
      timer ??= setTimeout(say, Math.max(0, saidMs + PAUSE_MS - Date.now()));
    });
    sayers.add(setStatus);
    return () => {
      stop();
      sayers.delete(setStatus);
      clearTimeout(timer);
    };
  }, [client]);

  return (
    <>
      <div className="unseen" role="status">{status}</div>
      <div className="unseen" role="alert">{alert}</div>
    </>
  );
}
