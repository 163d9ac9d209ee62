// For those who hear the page: changes of state and quarters of the way, at most every ten seconds, the
// newest of each job; failures at once, unless there were some just now.
import { useCallback, useEffect, useState } from 'react';
import type { Job } from '@longhaul/client';
import { useDownloadClient } from '@longhaul/client/react';
import { nameOf } from './job-look.js';
import { createTurns } from './turns.js';

const STATUS_PAUSE_MS = 10_000;
/** An alert interrupts what is being read: when many downloads fail together, few of them may. */
const ALERT_PAUSE_MS = 5_000;
/** Jobs whose last step is remembered: the longest without news are forgotten, and their next news are none. */
const STEPS_MAX = 1000;

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

// A text in an element of its own each time: the same words once more are news in the region too, and so are heard again.
function useVoice() {
  const [{ text, turn }, setSaid] = useState({ text: '', turn: 0 });
  const speak = useCallback((next: string) => setSaid((before) => ({ text: next, turn: before.turn + 1 })), []);
  return [text && <span key={turn}>{text}</span>, speak] as const;
}

export function Announcer() {
  const client = useDownloadClient();
  const [status, setStatus] = useVoice();
  const [alert, setAlert] = useVoice();

  useEffect(() => {
    const steps = new Map<string, string>();
    const changes = createTurns(STATUS_PAUSE_MS, setStatus);
    const failures = createTurns(ALERT_PAUSE_MS, setAlert, (count) => `${count} more failed.`);
    const stop = client.subscribeAll((job) => {
      const step = stepOf(job);
      const before = steps.get(job.jobId);
      steps.delete(job.jobId); // to be the newest
      steps.set(job.jobId, step);
      if (steps.size > STEPS_MAX) steps.delete(steps.keys().next().value!);
      if (before === undefined || before === step) return; // what was there already is no news
      const failed = job.status === 'failed';
      (failed ? changes : failures).drop(job.jobId); // each is said by one voice
      if (failed) failures.add(job.jobId, `${nameOf(job)} ${step}: ${job.error.message}`);
      else changes.add(job.jobId, `${nameOf(job)} ${step}.`);
    });
    sayers.add(setStatus);
    return () => {
      stop();
      sayers.delete(setStatus);
      changes.stop();
      failures.stop();
    };
  }, [client, setStatus, setAlert]);

  return (
    <>
      <div className="unseen" role="status">{status}</div>
      <div className="unseen" role="alert">{alert}</div>
    </>
  );
}
