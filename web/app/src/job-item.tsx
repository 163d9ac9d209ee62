// One download: its bar, what is to be said of it, and what can be done.
import type { MouseEvent } from 'react';
import type { Job } from '@longhaul/client';
import { useDownloadClient, useDownloadJob } from '@longhaul/client/react';
import type { UseDownloadJob } from '@longhaul/client/react';
import { CopyLink } from './copy-link.js';
import { useActions, useButtons } from './job-actions.js';
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
const GONE = 'JOB_NOT_FOUND';
const ICONS: Record<string, string> = { failed: '✕', ready: '✓', expired: '⌛', canceled: '–' };

export interface JobItemProps {
  jobId: string;
  initialJob?: Job | undefined;
  /** On a job's own page there is no link to it. */
  alone?: boolean;
}

export function JobItem(props: JobItemProps) {
  const { jobId, initialJob } = props;
  const client = useDownloadClient();
  const { job, error, secondsLeft } = useDownloadJob(jobId, { initialJob });
  const ask = () => client.subscribe(jobId, () => {})(); // whoever comes to a job that could not be had makes it be asked for
  if (job) return <KnownJob {...props} job={job} error={error} secondsLeft={secondsLeft} />;
  return error ? <Problem error={error} again={ask} /> : <p className="empty">Loading…</p>;
}

type KnownJobProps = JobItemProps & Pick<UseDownloadJob, 'error' | 'secondsLeft'> & { job: Job };

function KnownJob({ jobId, job, error, secondsLeft, alone }: KnownJobProps) {
  const nowMs = useDownloadClient().now();
  const measures = useMeasures(job, nowMs);
  const { canceling, pending, failure, said, link, closeLink, act } = useActions(job);
  const gone = [failure, error].some((fault) => fault?.code === GONE);
  const { bytesPerSecond } = measures;
  const look = lookOf(job, { secondsLeft, secondsToEnd: secondsToEnd(measures, nowMs), bytesPerSecond, canceling, gone });
  const offered = look.actions.filter((action) => !(alone && action === 'details'));
  const { article, resting, press } = useButtons(offered, pending, act);
  const name = nameOf(job);
  // That news do not come at present, or none to this visitor, is said once: at the top of the page, or by the list.
  const waits = error && (error.retryable || (!alone && FOR_ALL.has(error.status)));
  const fault = failure ?? (waits ? null : error);
  return (
    <article ref={article} tabIndex={-1} className={`job ${look.kind}`} aria-label={name}>
      {alone ? <h2>{name}</h2> : <h3><a href={pathOf(jobId)} onClick={(event) => follow(event, jobId)}>{name}</a></h3>}
      <progress aria-label={`Progress of ${name}`} max={100} {...(look.bar !== null && { value: look.bar })} />
      <p className="what">
        {ICONS[look.kind] && <><span aria-hidden="true" className="icon">{ICONS[look.kind]}</span>{' '}</>}
        {look.text}
      </p>
      <div className="actions">
        {offered.map((action, i) => (
          <button
            key={action} type="button" aria-disabled={resting} onClick={(event) => press(action, event)}
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
