// The page of all downloads.
import type { Job, JobStatus } from '@longhaul/client';
import { useDownloadClient, useDownloadJobs } from '@longhaul/client/react';
import type { UseDownloadJobs } from '@longhaul/client/react';
import { useDepth } from './depth.js';
import { formatDay } from './format.js';
import { JobItem } from './job-item.js';
import { useLooks } from './looks.js';
import { MoreButton } from './more-button.js';
import { NewDownload } from './new-download.js';
import { PageHead } from './page-head.js';
import { Problem } from './problem.js';
import { readdress, useShownInAddress } from './route.js';

const FILTERS: readonly { name: string; states?: readonly JobStatus[] }[] = [
  { name: 'All' },
  { name: 'Active', states: ['queued', 'running'] },
  { name: 'Ready', states: ['completed'] },
  { name: 'Failed', states: ['failed'] },
];
const addressOf = (name: string) => name.toLowerCase();
const ALL = 0;
const ACTIVE = 1;
/** As many as an answer has. All that are active are counted and followed. */
const ANSWER_MAX = 200;

/** What is known of the jobs that a filter lets through. */
interface Known {
  jobs: readonly Job[];
  hasMore: boolean;
}

// Whether its first page has come: until then it may have heard of a few.
const isLoaded = ({ jobs, hasMore, loading, error }: UseDownloadJobs) => (
  hasMore || !(loading || (error && !jobs.length)));

// Of all that were loaded, those that a filter lets through.
function knownOf(all: UseDownloadJobs, states: readonly JobStatus[] | undefined): Known {
  return {
    jobs: states ? all.jobs.filter(({ status }) => states.includes(status)) : all.jobs,
    hasMore: all.hasMore || !isLoaded(all),
  };
}

// How many there are, as far as that is known: nothing where there may be some.
const several = (count: number, hasMore: boolean) => (hasMore ? count && `${count}+` : `${count}`) || '';

function countsOf({ jobs, hasMore }: Known): string | undefined {
  const running = several(jobs.filter(({ status }) => status === 'running').length, hasMore);
  return jobs.length ? `${several(jobs.length, hasMore)} active${running && ` · ${running} running`}` : undefined;
}

function byDay(jobs: readonly Job[], now: number): [string, Job[]][] {
  const days = new Map<string, Job[]>();
  for (const job of jobs) {
    const day = formatDay(job.createdAt, now);
    days.set(day, [...days.get(day) ?? [], job]);
  }
  return [...days];
}

// The lists of the page: of all, of the active ones for the head, and of those that the filter asks for. Each of them is the
// server's; until the filter's own has come, what the others know of it is shown.
function useLists(filter: number) {
  const all = useDownloadJobs();
  const active = useDownloadJobs({ status: FILTERS[ACTIVE]!.states, limit: ANSWER_MAX });
  const own = useDownloadJobs(filter > ACTIVE ? { status: FILTERS[filter]!.states } : null);
  useLooks(all);
  useLooks(active);
  useLooks(own);
  const listOf = (i: number) => (i === ALL ? all : i === ACTIVE ? active : i === filter ? own : undefined);
  const known = FILTERS.map(({ states }, i): Known => {
    const list = listOf(i);
    return list && isLoaded(list) ? list : knownOf(all, states);
  });
  return { start: all.start, known, chosen: listOf(filter)!, failed: [all, active, own].filter(({ error }) => error) };
}

function textOfNone(filter: number, known: Known[]): string {
  if (known[filter]!.hasMore) return 'None of these among the newest.';
  return known[ALL]!.jobs.length || known[ALL]!.hasMore ? 'None of these.' : 'No downloads yet. Give a file id above.';
}

export function Downloads() {
  const client = useDownloadClient();
  const shown = useShownInAddress();
  const filter = Math.max(ALL, FILTERS.findIndex(({ name }) => addressOf(name) === shown));
  const { start, known, chosen, failed } = useLists(filter);
  const { jobs } = known[filter]!;
  const { hasMore, loading } = chosen;
  const [fault] = failed;
  useDepth(filter, chosen);
  return (
    <>
      <PageHead title="Downloads" counts={countsOf(known[ACTIVE]!)} />
      <main tabIndex={-1}>
        <NewDownload start={start} />
        <div className="filters" role="group" aria-label="Show">
          {FILTERS.map(({ name }, i) => (
            <button key={name} type="button" aria-pressed={i === filter} onClick={() => readdress(i === ALL ? '/' : `/?show=${addressOf(name)}`)}>
              {name}{i !== ALL && ` ${several(known[i]!.jobs.length, known[i]!.hasMore)}`.trimEnd()}
            </button>
          ))}
        </div>
        {byDay(jobs, client.now()).map(([day, ofDay]) => (
          <section key={day} aria-label={day}>
            <h2>{day}</h2>
            <ul>{ofDay.map((job) => <li key={job.jobId}><JobItem jobId={job.jobId} initialJob={job} /></li>)}</ul>
          </section>
        ))}
        {fault?.error && <Problem error={fault.error} again={() => failed.forEach((list) => void list.loadMore())} />}
        {!fault && !loading && !jobs.length && <p className="empty">{textOfNone(filter, known)}</p>}
        {!fault && loading && !hasMore && <p className="empty">Loading…</p>}
        <MoreButton key={filter} list={chosen} />
      </main>
    </>
  );
}
