/** Looking for jobs, and retrying or canceling many. */
import * as api from './api.js';
import type { Job, JobPage } from './api.js';
import { confirmed } from './confirm.js';
import { element, keyed, make, setText } from './dom.js';
import { time } from './format.js';
import type { JobView } from './job.js';

const PAGE = 50;
const CHOSEN_MAX = 200; // of one request

export class JobsTable {
  private jobs: Job[] = [];
  private cursor: string | null = null;
  private pages = 1;
  private query = new URLSearchParams({ limit: String(PAGE) });
  private readonly chosen = new Set<string>();
  private turn = 0; // of questions for rows: only the last one's answer is shown
  private busy = 0; // orders of the visitor's under way, which a refresh must not overtake

  constructor(private readonly changes: boolean, private readonly view: JobView, private readonly say: (text: string) => void) {
    element('search').addEventListener('submit', (event) => {
      event.preventDefault();
      void this.guarded(() => this.search());
    });
    element('more').addEventListener('click', () => { void this.guarded(() => this.older()); });
    if (!changes) return;
    element('bulk').hidden = false;
    element('jobs-head').prepend(make('th', { scope: 'col' }, 'Choose'));
    for (const kind of ['retry', 'cancel'] as const) {
      element(kind).addEventListener('click', () => { void this.guarded(() => this.command(kind)); });
    }
  }

  private async guarded(run: () => Promise<void>): Promise<void> {
    this.busy++;
    try {
      await run();
    } catch (error) {
      this.say((error as Error).message);
    } finally {
      this.busy--;
    }
  }

  private async search(): Promise<void> {
    const id = element<HTMLInputElement>('job-id').value.trim();
    this.say('');
    if (id) return this.view.open(id);
    this.query = new URLSearchParams({ limit: String(PAGE) });
    for (const [name, field] of [['userId', 'user'], ['status', 'status']] as const) {
      const value = element<HTMLInputElement>(field).value.trim();
      if (value) this.query.set(name, value);
    }
    this.forget(); // rows of another search are none to choose from, also where this one fails
    await this.load();
    this.say(this.cursor ? `The newest ${this.jobs.length} jobs.` : `${this.jobs.length} jobs.`);
  }

  /** Asks, and shows what `take` makes of the answer, unless something else was asked for meanwhile. */
  private async ask(query: URLSearchParams, take: (page: JobPage) => boolean): Promise<void> {
    const turn = ++this.turn;
    const page = await api.jobs(query);
    if (turn !== this.turn || !take(page)) return;
    this.cursor = page.nextCursor;
    this.show();
  }

  private load(): Promise<void> {
    return this.ask(this.query, ({ jobs }) => {
      if (this.chosen.size > 0) return false; // meanwhile: what is chosen stays in sight
      this.pages = 1;
      this.jobs = jobs;
      return true;
    });
  }

  private async older(): Promise<void> {
    if (!this.cursor) return;
    const query = new URLSearchParams(this.query);
    query.set('cursor', this.cursor);
    await this.ask(query, ({ jobs }) => {
      this.pages++;
      this.jobs = [...this.jobs, ...jobs];
      return true;
    });
  }

  /** Only what nobody is working with: a list that was gone down in, or chosen from, stays. */
  async refresh(): Promise<void> {
    if (this.pages === 1 && this.chosen.size === 0 && this.busy === 0) await this.load();
  }

  private forget(): void {
    this.chosen.clear();
    this.jobs = [];
    this.pages = 1;
    this.cursor = null;
    this.show();
    element('no-jobs').hidden = true; // nobody knows yet
  }

  private async command(kind: 'retry' | 'cancel'): Promise<void> {
    const ids = [...this.chosen];
    const many = ids.length === 1 ? '1 job' : `${ids.length} jobs`;
    const sure = await confirmed(`${kind === 'retry' ? 'Retry' : 'Cancel'} ${many}?`,
      kind === 'retry' ? 'Each that failed or was canceled is queued again; the others stay as they are.'
        : 'Each that is queued or running is stopped and its work is lost; the others stay as they are.',
      kind === 'retry' ? `Retry ${many}` : `Cancel ${many}`);
    if (!sure) return;
    const { results } = await api.command(kind, ids);
    const refused = results.filter(({ done }) => !done);
    const why = [...new Set(refused.map(({ title }) => title))].join('; ');
    this.say(`${results.length - refused.length} of ${results.length} ${kind === 'retry' ? 'retried' : 'canceled'}.`
      + (refused.length > 0 ? ` Refused: ${refused.length} (${why}).` : ''));
    this.chosen.clear();
    await this.load();
  }

  private choose(id: string, wanted: boolean): void {
    if (wanted) this.chosen.add(id);
    else this.chosen.delete(id);
    this.showChosen();
  }

  private showChosen(): void {
    const { size } = this.chosen;
    setText(element('chosen'), size > CHOSEN_MAX ? `${size} chosen: at most ${CHOSEN_MAX} at a time` : `${size} chosen`);
    for (const kind of ['retry', 'cancel']) {
      element<HTMLButtonElement>(kind).disabled = size === 0 || size > CHOSEN_MAX;
    }
  }

  private row(job: Job): HTMLTableRowElement {
    const open = make('button', { type: 'button', class: 'link' }, job.jobId);
    open.addEventListener('click', () => { void this.guarded(() => this.view.open(job.jobId)); });
    const cells = ['', 'n', '', 'n', '', '', ''].map((name) => make('td', name ? { class: name } : {}));
    const made = make('tr', {}, make('th', { scope: 'row' }, open), ...cells);
    if (this.changes) {
      const box = make('input', { type: 'checkbox', 'aria-label': `Choose ${job.jobId}` });
      box.addEventListener('change', () => { this.choose(job.jobId, box.checked); });
      made.prepend(make('td', {}, box));
    }
    return made;
  }

  private fill(made: HTMLTableRowElement, job: Job): void {
    const first = this.changes ? 2 : 1;
    const texts = [job.status, job.progress === null ? '–' : `${job.progress} %`, job.userId ?? '–', String(job.file_id),
      time(job.createdAt), time(job.updatedAt), job.error?.code ?? ''];
    texts.forEach((text, i) => { setText(made.cells[first + i]!, text); });
    made.className = job.status;
    const box = made.querySelector('input');
    if (box) box.checked = this.chosen.has(job.jobId);
  }

  private show(): void {
    keyed(element('jobs'), this.jobs, ({ jobId }) => jobId, (job) => this.row(job), (made, job) => { this.fill(made, job); });
    element('no-jobs').hidden = this.jobs.length > 0;
    element('more').hidden = this.cursor === null;
    this.showChosen();
  }
}
