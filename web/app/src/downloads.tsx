// The page of all downloads.
import { useState } from 'react';
import { isTerminal } from '@longhaul/client';
import type { Job } from '@longhaul/client';
import { useDownloadClient, useDownloadJobs } from '@longhaul/client/react';
import { formatDay } from './format.js';
import { JobItem } from './job-item.js';
import { NewDownload } from './new-download.js';
import { PageHead } from './page-head.js';
import { Problem } from './problem.js';

const FILTERS: readonly [string, (job: Job) => boolean][] = [
  ['All', () => true],
  ['Active', (job) => !isTerminal(job)],
  ['Ready', (job) => job.status === 'completed'],
  ['Failed', (job) => job.status === 'failed'],
];

function byDay(jobs: readonly Job[], now: number): [string, Job[]][] {
  const days = new Map<string, Job[]>();
  for (const job of jobs) {
    const day = formatDay(job.createdAt, now);
    days.set(day, [...days.get(day) ?? [], job]);
  }
  return [...days];
}

// More may be beyond what was loaded.
const several = (count: number, hasMore: boolean) => `${count}${hasMore ? '+' : ''}`;

function countsOf(jobs: readonly Job[], hasMore: boolean): string | undefined {
  const active = jobs.filter((job) => !isTerminal(job)).length;
  const running = jobs.filter((job) => job.status === 'running').length;
  return active ? `${several(active, hasMore)} active · ${several(running, hasMore)} running` : undefined;
}

export function Downloads() {
  const client = useDownloadClient();
  const { jobs, start, loadMore, hasMore, loading, error } = useDownloadJobs();
  const [filter, setFilter] = useState(0);
  const shown = jobs.filter(FILTERS[filter]![1]);
  return (
    <>
      <PageHead title="Downloads" counts={countsOf(jobs, hasMore)} />
      <main>
        <NewDownload start={start} />
        <div className="filters" role="group" aria-label="Show">
          {FILTERS.map(([name, fits], i) => (
            <button key={name} type="button" aria-pressed={i === filter} onClick={() => setFilter(i)}>
              {name}{i > 0 && ` ${several(jobs.filter(fits).length, hasMore)}`}
            </button>
          ))}
        </div>
        {byDay(shown, client.now()).map(([day, ofDay]) => (
          <section key={day} aria-label={day}>
            <h2>{day}</h2>
            <ul>{ofDay.map((job) => <li key={job.jobId}><JobItem jobId={job.jobId} initialJob={job} /></li>)}</ul>
          </section>
        ))}
        {error && <Problem error={error} again={() => void loadMore()} />}
        {!error && !loading && !shown.length && (
          <p className="empty">{jobs.length ? 'None of these.' : 'No downloads yet. Give a file id above.'}</p>
        )}
        {loading && <p className="empty">Loading…</p>}
        {hasMore && !loading && <button type="button" className="more" onClick={() => void loadMore()}>Show more</button>}
      </main>
    </>
  );
}
