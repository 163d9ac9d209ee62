// One download: its bar, what is to be said of it, and what can be done.
import { useEffect, useRef, useState } from 'react';
import type { MouseEvent } from 'react';
import { isTerminal } from '@longhaul/client';
import type { DownloadError, Job } from '@longhaul/client';
import { useDownloadClient, useDownloadJob } from '@longhaul/client/react';
import { lookOf, nameOf } from './job-look.js';
import type { Action } from './job-look.js';
import { problemText } from './problem.js';
import { navigate, pathOf } from './route.js';

const LABELS: Record<Action, string> = {
  cancel: 'Cancel', download: 'Download', copy: 'Copy link', renew: 'Get new link', retry: 'Retry',
  again: 'Start again', details: 'Details',
};
const ICONS: Record<string, string> = { failed: '✕', ready: '✓', expired: '⌛', canceled: '–' };

/** How much of a new measurement counts. */
const SMOOTHING = 0.3;

// Bytes per second, smoothed; null until two pictures of a running job have been seen.
function useSpeed(job: Job | undefined): number | null {
  const [speed, setSpeed] = useState<number | null>(null);
  const last = useRef<{ bytes: number; at: number } | null>(null);
  const bytes = job?.status === 'running' ? job.bytesDone : null;
  useEffect(() => {
    const before = last.current;
    const now = performance.now();
    last.current = bytes === null ? null : { bytes, at: now };
    if (bytes === null) return setSpeed(null);
    if (!before || bytes <= before.bytes) return;
    const measured = (bytes - before.bytes) / ((now - before.at) / 1000);
    setSpeed((speed) => (speed === null ? measured : speed + SMOOTHING * (measured - speed)));
  }, [bytes]);
  return speed;
}

// What a visitor does with a job; `report` is told what went wrong.
function useActions(job: Job | undefined, report: (error: DownloadError | string | null) => void) {
  const client = useDownloadClient();
  const [canceling, setCanceling] = useState(false);
  const going = !!job && !isTerminal(job);
  useEffect(() => {
    if (!going) setCanceling(false);
  }, [going]);

  async function copy(jobId: string) {
    const { url } = await client.link(jobId);
    await navigator.clipboard.writeText(new URL(url, location.href).href);
    report('Link copied');
  }

  async function cancel(jobId: string) {
    setCanceling(true);
    await client.cancel(jobId).catch((error: unknown) => {
      setCanceling(false);
      throw error;
    });
  }

  const byAction: Partial<Record<Action, (jobId: string) => Promise<unknown>>> = {
    cancel,
    copy,
    renew: (jobId) => client.status(jobId),
    retry: (jobId) => client.retry(jobId),
    again: (jobId) => client.retry(jobId),
    details: async (jobId) => navigate(pathOf(jobId)),
  };
  return { canceling, byAction };
}

export interface JobItemProps {
  jobId: string;
  initialJob?: Job | undefined;
  /** On a job's own page there is no link to it. */
  alone?: boolean;
}

export function JobItem({ jobId, initialJob, alone }: JobItemProps) {
  const { job, error, secondsLeft, openDownload } = useDownloadJob(jobId, { initialJob });
  const [said, setSaid] = useState<DownloadError | string | null>(null);
  const { canceling, byAction } = useActions(job, setSaid);
  const bytesPerSecond = useSpeed(job);
  if (!job) return <p className="empty">{error ? problemText(error) : 'Loading…'}</p>;

  const look = lookOf(job, { secondsLeft, bytesPerSecond, canceling });
  const name = nameOf(job);
  const act = (action: Action) => {
    setSaid(null);
    if (action === 'download') return void openDownload();
    byAction[action]?.(jobId).catch((reason: unknown) => setSaid(reason as DownloadError));
  };
  const fault = said ?? error;
  return (
    <article className={`job ${look.kind}`} aria-label={name}>
      {alone ? <h2>{name}</h2> : <h3><a href={pathOf(jobId)} onClick={(event) => follow(event, jobId)}>{name}</a></h3>}
      {look.bar !== undefined && (
        <progress aria-label={`Progress of ${name}`} max={100} {...(look.bar !== null && { value: look.bar })} />
      )}
      <p className="what">
        {ICONS[look.kind] && <span aria-hidden="true" className="icon">{ICONS[look.kind]}</span>} {look.text}
      </p>
      <div className="actions">
        {look.actions.filter((action) => !(alone && action === 'details')).map((action, i) => (
          <button
            key={action} type="button" onClick={() => act(action)}
            className={i === 0 && action !== 'cancel' ? 'primary' : ''}
          >
            {LABELS[action]}<span className="unseen"> {name}</span>
          </button>
        ))}
      </div>
      {fault && (typeof fault === 'string'
        ? <p className="said" role="status">{fault}</p>
        : <p className="fault" role="alert">{problemText(fault)}</p>)}
    </article>
  );
}

// A plain click stays in the page; others are the browser's.
function follow(event: MouseEvent, jobId: string) {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(pathOf(jobId));
}
