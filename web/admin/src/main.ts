// The operator's page: asks the admin API every two seconds while somebody looks.
import * as api from './api.js';
import { element, setText } from './dom.js';
import { JobView } from './job.js';
import { JobsTable } from './jobs.js';
import { showOverview } from './overview.js';
import { WorkersTable } from './workers.js';
import './style.css';

const EVERY_MS = 2000;

const say = (text: string) => { setText(element('said'), text); };

class Page {
  private readonly view = new JobView();
  private readonly workers: WorkersTable;
  private readonly jobs: JobsTable;

  constructor(changes: boolean) {
    this.workers = new WorkersTable(changes, say);
    this.jobs = new JobsTable(changes, this.view, say);
    element('read-only').hidden = changes;
  }

  async refresh(): Promise<void> {
    this.workers.show((await api.workers()).workers);
    await this.view.refresh();
    await this.jobs.refresh();
  }
}

let page: Page | undefined;

async function turn(): Promise<void> {
  try {
    const now = await api.overview();
    page ??= new Page(now.changes);
    showOverview(now);
    await page.refresh();
    document.body.classList.remove('stale');
    setText(element('freshness'), `As of ${new Date(now.nowMs).toLocaleTimeString('en', { hourCycle: 'h23' })}`);
  } catch (error) {
    document.body.classList.add('stale');
    setText(element('freshness'), `Not up to date: ${(error as Error).message}`);
  }
}

/** Until it is time, or somebody looks again. */
function pause(): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', over);
      resolve();
    };
    const timer = setTimeout(over, EVERY_MS);
    document.addEventListener('visibilitychange', over);
  });
}

async function run(): Promise<void> {
  for (;;) {
    if (!document.hidden) await turn();
    await pause();
  }
}

void run();
