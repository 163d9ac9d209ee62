// One download: its bar, what is to be said of it, and what can be done.
import { useEffect, useRef, useState } from 'react';
import type { MouseEvent } from 'react';
import { DownloadError, isTerminal } from '@longhaul/client';
import type { Job } from '@longhaul/client';
import { useDownloadClient, useDownloadJob } from '@longhaul/client/react';
import { say } from './announce.js';
import { CopyLink, copied } from './copy-link.js';
import { lookOf, nameOf } from './job-look.js';
import type { Action } from './job-look.js';
import { secondsToEnd, useMeasures } from './measure.js';
import { Problem } from './problem.js';
import { navigate, pathOf } from './route.js';

const LABELS: Record<Action, string> = {
  cancel: 'Cancel', download: 'Download', copy: 'Copy link', renew: 'Get new link', retry: 'Retry',
  again: 'Start again', details: 'Details',
};
const SECONDARY = new Set<Action>(['cancel', 'details']);
/** What a visitor may not see is not a matter of one job. */
const FOR_ALL = new Set([401, 403]);
const COPIED = 'Link copied';
const ICONS: Record<string, string> = { failed: '✕', ready: '✓', expired: '⌛', canceled: '–' };

// What a visitor does with a job; `report` is told what went wrong.
function useActions(job: Job | undefined, report: (text: string) => void) {
  const client = useDownloadClient();
  const [canceling, setCanceling] = useState(false);
  const [link, setLink] = useState(''); // to be copied by hand
  const going = !!job && !isTerminal(job);
  const marked = going && job.stage === 'canceling';
  // Kept until the end: a picture from a stream may not have it yet.
  useEffect(() => {
    if (!going || marked) setCanceling(marked);
  }, [going, marked]);

  async function copy(jobId: string) {
    const url = new URL((await client.link(jobId)).url, location.href).href;
    if (await copied(url)) report(COPIED);
    else setLink(url);
  }

  function closeLink(wasCopied: boolean) {
    setLink('');
    if (wasCopied) report(COPIED);
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
  return { canceling, link, closeLink, byAction };
}

// A button that goes takes the focus with it: then the download itself gets it.
function useFocusKept(...states: unknown[]) {
  const article = useRef<HTMLElement>(null);
  const acted = useRef(false);
  useEffect(() => {
    if (acted.current && document.activeElement === document.body) article.current?.focus();
  }, states);
  return { article, act: () => { acted.current = true; } };
}

export interface JobItemProps {
  jobId: string;
  initialJob?: Job | undefined;
  /** On a job's own page there is no link to it. */
  alone?: boolean;
}

export function JobItem({ jobId, initialJob, alone }: JobItemProps) {
  const client = useDownloadClient();
  const { job, error, secondsLeft, openDownload } = useDownloadJob(jobId, { initialJob });
  const [said, setSaid] = useState('');
  const [failure, setFailure] = useState<DownloadError | null>(null);
  const [past, setPast] = useState<DownloadError>();
  const { canceling, link, closeLink, byAction } = useActions(job, (text) => {
    setSaid(text);
    say(text);
  });
  const ended = !!job && isTerminal(job);
  useEffect(() => setFailure(null), [ended]); // of what is no longer to be done
  const nowMs = client.now();
  const measures = useMeasures(job, nowMs);
  const focus = useFocusKept(job?.status, canceling);
  const ask = () => client.subscribe(jobId, () => {})(); // whoever comes to a job that could not be had makes it be asked for
  if (!job) return error ? <Problem error={error} again={ask} /> : <p className="empty">Loading…</p>;

  const { bytesPerSecond } = measures;
  const look = lookOf(job, { secondsLeft, secondsToEnd: secondsToEnd(measures, nowMs), bytesPerSecond, canceling });
  const name = nameOf(job);
  const act = (action: Action) => {
    focus.act();
    setSaid('');
    setFailure(null);
    setPast(error);
    if (action === 'download') return void openDownload();
    byAction[action]?.(jobId).catch((reason: unknown) => {
      if (!(reason instanceof DownloadError)) throw reason;
      const { job: now = job } = client.snapshot(jobId);
      if (isTerminal(now) === ended) setFailure(reason); // else that was why
    });
  };
  // The hook keeps what Download failed of, and shows it for as long, whatever else is done meanwhile.
  const known = client.snapshot(jobId).error;
  const newest = error === past ? known : error;
  // That news do not come at present, or none to this visitor, is said once: at the top of the page, or by the list.
  const waits = newest && newest === known && (newest.retryable || (!alone && FOR_ALL.has(newest.status)));
  const fault = failure ?? (waits ? null : newest);
  return (
    <article ref={focus.article} tabIndex={-1} className={`job ${look.kind}`} aria-label={name}>
      {alone ? <h2>{name}</h2> : <h3><a href={pathOf(jobId)} onClick={(event) => follow(event, jobId)}>{name}</a></h3>}
      <progress aria-label={`Progress of ${name}`} max={100} {...(look.bar !== null && { value: look.bar })} />
      <p className="what">
        {ICONS[look.kind] && <><span aria-hidden="true" className="icon">{ICONS[look.kind]}</span>{' '}</>}
        {look.text}
      </p>
      <div className="actions">
        {look.actions.filter((action) => !(alone && action === 'details')).map((action, i) => (
          <button
            key={action} type="button" onClick={() => act(action)}
            className={i === 0 && !SECONDARY.has(action) ? 'primary' : ''}
          >
            {LABELS[action]}<span className="unseen"> {name}</span>
          </button>
        ))}
      </div>
      {said && <p className="said">{said}</p>}
      {fault && <Problem error={fault} />}
      {link && <CopyLink url={link} name={name} done={closeLink} />}
    </article>
  );
}

// A plain click stays in the page; others are the browser's.
function follow(event: MouseEvent, jobId: string) {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(pathOf(jobId));
}
