/** One job: what it is, and its timeline. */
import * as api from './api.js';
import type { JobDetail, JobEvent } from './api.js';
import { element, make, setText } from './dom.js';
import { count, duration, time } from './format.js';

function factsOf({ job, workerId, retries }: JobDetail): [string, string][] {
  const facts: [string, string][] = [
    ['Status', `${job.status}${job.progress === null ? '' : `, ${job.progress} %`}`],
    ['Stage', job.stage],
    ['User', job.userId ?? 'none'],
    ['File', String(job.file_id)],
    ['Attempts charged', `${job.attempts} of ${job.maxAttempts}, retried by hand ${retries} times`],
    ['Worker', workerId ?? 'none'],
    ['Created', time(job.createdAt)],
    ['Updated', time(job.updatedAt)],
  ];
  if (job.error) facts.push(['Error', `${job.error.code}: ${job.error.message}`]);
  if (job.result) facts.push(['Result', `${job.result.fileName ?? 'a file'}, ${count(job.result.size)} bytes`]);
  return facts;
}

function lineOf(event: JobEvent, before: JobEvent | undefined): HTMLElement {
  const parts = [
    event.attempt === null ? '' : `attempt ${event.attempt}`,
    event.workerId === null ? '' : `on ${event.workerId}`,
    event.errorCode ?? '',
    before ? `after ${duration((event.at - before.at) * 1000)}` : '',
  ].filter(Boolean);
  return make('li', { class: event.status }, make('time', { datetime: new Date(event.at * 1000).toISOString() }, time(event.at)),
    ' ', make('b', {}, event.status), ` ${parts.join(', ')}`);
}

function show(detail: JobDetail): void {
  setText(element('job-title'), `Job ${detail.job.jobId}`);
  element('facts').replaceChildren(...factsOf(detail).map(([name, value]) => (
    make('div', {}, make('dt', {}, name), make('dd', {}, value)))));
  const { events } = detail.history;
  element('timeline').replaceChildren(...events.map((event, i) => lineOf(event, events[i - 1])));
  element('job').hidden = false;
}

export class JobView {
  private id: string | null = null;
  private turn = 0; // of jobs that were opened: only the last one is shown

  async open(id: string): Promise<void> {
    const turn = ++this.turn;
    this.id = null;
    const detail = await api.job(id).catch((error: unknown) => {
      if (turn === this.turn) throw error;
    });
    if (!detail || turn !== this.turn) return;
    show(detail);
    this.id = id;
    element('job-title').focus();
  }

  /** While it is looked at. A job that is gone stays as it was last seen. */
  async refresh(): Promise<void> {
    if (this.id === null) return;
    const { turn } = this;
    const detail = await api.job(this.id).catch(() => null);
    if (detail && turn === this.turn) show(detail);
  }
}
