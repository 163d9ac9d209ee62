/** The table of workers, and taking one out of service. */
import * as api from './api.js';
import type { Worker } from './api.js';
import { confirmed } from './confirm.js';
import { element, keyed, make, setText } from './dom.js';
import { count, duration } from './format.js';

const WORDS: Record<Worker['state'], string> = {
  working: 'in service', drained: 'drained', stopping: 'stopping', away: 'away',
};
const JOBS_SHOWN = 3;

async function changeService(worker: Worker, say: (text: string) => void): Promise<void> {
  const draining = !worker.draining;
  const sure = await confirmed(
    draining ? `Drain ${worker.id}?` : `Put ${worker.id} back into service?`,
    draining ? 'It finishes the jobs it has and takes no new ones, until it is put back or started again.'
      : 'It takes new jobs again.',
    draining ? 'Drain' : 'Put back');
  if (!sure) return;
  try {
    await api.drain(worker.id, draining);
    say(draining ? `${worker.id} takes no new jobs.` : `${worker.id} is back in service.`);
  } catch (error) {
    say(`${worker.id}: ${(error as Error).message}`);
  }
}

function row(changes: boolean, say: (text: string) => void, current: Map<string, Worker>, key: string): HTMLTableRowElement {
  const cells = ['', '', '', 'n', '', ''].map((name) => make('td', name ? { class: name } : {}));
  const made = make('tr', {}, make('th', { scope: 'row' }), ...cells);
  if (changes) {
    const button = make('button', { type: 'button' });
    button.addEventListener('click', () => {
      const worker = current.get(key);
      if (worker) void changeService(worker, say);
    });
    made.append(make('td', {}, button));
  }
  return made;
}

function jobsOf(worker: Worker): string {
  const more = worker.running - Math.min(JOBS_SHOWN, worker.jobIds.length);
  return worker.jobIds.slice(0, JOBS_SHOWN).join(' ') + (more > 0 ? ` and ${more} more` : '');
}

function fill(made: HTMLTableRowElement, w: Worker): void {
  const texts = [w.id, w.version ?? '–', w.broker, WORDS[w.state], `${count(w.running)} of ${count(w.slots)}`,
    `${duration(w.lastSeenMs)} ago`, jobsOf(w)];
  texts.forEach((text, i) => { setText(made.cells[i]!, text); });
  made.className = w.state;
  const button = made.querySelector('button');
  if (!button) return;
  setText(button, w.draining ? 'Put back' : 'Drain');
  button.setAttribute('aria-label', `${w.draining ? 'Put back' : 'Drain'} ${w.id}`);
  button.hidden = w.state === 'away' || w.state === 'stopping';
}

export class WorkersTable {
  private readonly current = new Map<string, Worker>();

  constructor(private readonly changes: boolean, private readonly say: (text: string) => void) {
    if (changes) element('workers-head').append(make('th', { scope: 'col' }, 'Service'));
  }

  show(workers: Worker[]): void {
    const keyOf = (w: Worker) => `${w.id} ${w.broker}`;
    const sorted = [...workers].sort((a, b) => a.id.localeCompare(b.id, 'en', { numeric: true }));
    this.current.clear();
    for (const worker of sorted) this.current.set(keyOf(worker), worker);
    keyed(element('workers'), [...this.current.values()], keyOf,
      (w) => row(this.changes, this.say, this.current, keyOf(w)), fill);
    element('no-workers').hidden = sorted.length > 0;
  }
}
