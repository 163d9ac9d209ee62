/** The numbers, the lines of the last hour, the dependencies and the failures. */
import type { Broker, Counts, Overview } from './api.js';
import { element, keyed, make, setText } from './dom.js';
import { count, duration, percent } from './format.js';
import { sparkline } from './sparkline.js';

const MINUTE_MS = 60_000;

type Fact = [name: string, value: string, bad?: boolean];

function facts(o: Overview): Fact[] {
  const q = o.queue, known = (n: number | undefined) => (n === undefined ? '–' : count(n));
  const { recent } = o.jobs;
  const minutes = recent.minutes - 1 + (o.nowMs % MINUTE_MS) / MINUTE_MS; // the present one has just begun, or nearly ended
  return [
    ['Oldest waiting job', q === null ? 'unknown' : q.oldestWaitingMs === null ? 'none waits' : duration(q.oldestWaitingMs)],
    ['Waiting', known(q?.ready)],
    ['Delayed', known(q?.delayed)],
    ['Held back by users’ caps', known(q?.parked)],
    ['Running', known(q?.running)],
    ['Slots free', `${count(o.slots.free)} of ${count(o.slots.total)}`],
    [`Failure rate, ${recent.minutes} min`, percent(recent.failureRate), (recent.failureRate ?? 0) > 0.05],
    [`Completed a minute, ${recent.minutes} min`, (recent.completed / minutes).toFixed(1)],
    ['p95 of an attempt', recent.p95Ms === null ? '–' : `under ${duration(recent.p95Ms)}`],
    ['Event streams here', count(o.gateway.streams)],
    ['Kept', known(q?.kept)],
    ['Files to delete', known(q?.garbage)],
  ];
}

function showNumbers(o: Overview): void {
  keyed(element('numbers'), facts(o), ([name]) => name.replace(/\d+/, ''),
    ([name]) => make('div', {}, make('dt', {}, name), make('dd')),
    (made, [, value, bad]) => {
      setText(made.lastElementChild!, value);
      made.classList.toggle('bad', bad === true);
    });
}

const LINES: [keyof Counts, string][] = [
  ['accepted', 'Accepted'], ['completed', 'Completed'], ['failed', 'Failed'], ['canceled', 'Canceled'],
];

function showLines(o: Overview): void {
  element('lines').replaceChildren(...LINES.map(([name, label]) => {
    const values = o.jobs.minutes.map((minute) => minute[name]);
    const total = values.reduce((a, b) => a + b, 0);
    return make('figure', { class: name }, make('figcaption', {}, `${label} `, make('b', {}, count(total))),
      sparkline(label, values));
  }));
}

function ofBroker(b: Broker): [string, string, boolean] {
  const name = b.id ?? b.endpoint;
  if (!b.up) return [name, 'does not answer', false];
  const state = b.draining ? 'draining' : b.ready ? 'ready' : 'cannot reach Redis';
  return [name, `${state}, workers ${count(b.workers ?? 0)}, free slots ${count(b.credit ?? 0)}, up ${duration(b.uptimeMs ?? 0)}`,
    b.ready === true];
}

function showParts(o: Overview): void {
  const parts: [string, string, boolean][] = [
    ['Redis', o.redis.up ? `answers in ${o.redis.latencyMs} ms` : 'does not answer', o.redis.up],
    ...o.brokers.map(ofBroker),
  ];
  keyed(element('parts'), parts, ([name]) => name,
    ([name]) => make('li', {}, make('span', { 'aria-hidden': 'true' }), ' ', make('b', {}, name), ' ', make('span')),
    (made, [, text, good]) => {
      made.className = good ? 'good' : 'bad';
      setText(made.firstElementChild!, good ? '●' : '▲');
      setText(made.lastElementChild!, text);
    });
}

function showFailures(o: Overview): void {
  keyed(element('failures'), o.failures, ({ code }) => code,
    ({ code }) => make('tr', {}, make('th', { scope: 'row' }, code), make('td', { class: 'n' }), make('td', { class: 'n' })),
    (row, { jobs, attempts }) => {
      setText(row.cells[1]!, count(jobs));
      setText(row.cells[2]!, count(attempts));
    });
  element('no-failures').hidden = o.failures.length > 0;
}

export function showOverview(o: Overview): void {
  showNumbers(o);
  showLines(o);
  showParts(o);
  showFailures(o);
}
