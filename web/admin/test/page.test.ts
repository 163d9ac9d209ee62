// @vitest-environment jsdom
// What the operator's page makes of the admin API's answers.
import { beforeEach, describe, expect, test } from 'vitest';
import PAGE from '../index.html?raw';
import type { Broker, Overview, Worker } from '../src/api.js';
import { keyed, make } from '../src/dom.js';
import { duration, percent } from '../src/format.js';
import { showOverview } from '../src/overview.js';
import { sparkline } from '../src/sparkline.js';
import { WorkersTable } from '../src/workers.js';

beforeEach(() => { document.body.innerHTML = new DOMParser().parseFromString(PAGE, 'text/html').body.innerHTML; });

const texts = (selector: string) => [...document.querySelectorAll(selector)].map(({ textContent }) => textContent);

describe('the overview', () => {
  const COUNTS = { accepted: 0, completed: 0, failed: 0, canceled: 0, retried: 0 };
  const MINUTE_S = 1_795_844_820;
  interface Parts { recent?: object; queue?: object | null; brokers?: Broker[]; redis?: Overview['redis'] }

  function show(secondsOfMinute: number, { recent = {}, queue = {}, brokers = [], redis = { up: true, latencyMs: 1 } }: Parts = {}) {
    showOverview({
      nowMs: (MINUTE_S + secondsOfMinute) * 1000, changes: false,
      queue: queue && { oldestWaitingMs: null, ready: 0, delayed: 0, parked: 0, running: 0, kept: 0, garbage: 0, ...queue },
      slots: { total: 4, free: 1, running: 3, workers: 1 },
      jobs: { total: COUNTS, recent: { ...COUNTS, minutes: 5, failureRate: null, p95Ms: null, ...recent }, minutes: [] },
      failures: [], gateway: { streams: 0, connections: 0, waiting: 0, draining: false }, redis, brokers,
    });
    return Object.fromEntries([...document.querySelectorAll('#numbers div')].map(({ children: [name, value] }) => (
      [name!.textContent, `${value!.textContent}${value!.parentElement!.className && ' !'}`])));
  }

  test.each([
    [0, '30.0'], // four whole minutes
    [30, '26.7'], // and half of this one
    [59, '24.1'],
  ])('counts what was completed over the time that has passed, %i s into a minute', (seconds, perMinute) => {
    expect(show(seconds, { recent: { completed: 120 } })['Completed a minute, 5 min']).toBe(perMinute);
  });

  test('says what is not known, and what is none', () => {
    const nothing = show(0, { queue: null });
    expect(nothing).toMatchObject({ 'Oldest waiting job': 'unknown', Waiting: '–', 'Failure rate, 5 min': '–', 'p95 of an attempt': '–' });
    expect(show(0)).toMatchObject({ 'Oldest waiting job': 'none waits', Waiting: '0' });
    expect(show(0, { queue: { oldestWaitingMs: 0 } })).toMatchObject({ 'Oldest waiting job': '0 ms' });
  });

  test('marks a failure rate above one in twenty', () => {
    expect(show(0, { recent: { failureRate: 0.05 } })['Failure rate, 5 min']).toBe('5.0 %');
    expect(show(0, { recent: { failureRate: 0.051 } })['Failure rate, 5 min']).toBe('5.1 % !');
  });

  test('says of each broker whether it is of use', () => {
    const up = { endpoint: 'tcp://b', up: true, uptimeMs: 5000, credit: 2, workers: 1 };
    show(0, { redis: { up: false }, brokers: [{ endpoint: 'tcp://a', up: false }, { ...up, id: 'b', ready: true },
      { ...up, id: 'c', ready: true, draining: true }, { ...up, id: 'd', ready: false }] });
    expect(texts('#parts li')).toEqual(['▲ Redis does not answer', '▲ tcp://a does not answer',
      '● b ready, workers 1, free slots 2, up 5.0 s', '● c draining, workers 1, free slots 2, up 5.0 s',
      '▲ d cannot reach Redis, workers 1, free slots 2, up 5.0 s']);
  });

  test('stays as long as it is where one broker answers at two addresses', () => {
    const brokers = ['tcp://a', 'tcp://b'].map((endpoint) => ({ endpoint, id: 'broker-1', up: true, ready: true }));
    for (let turn = 0; turn < 5; turn++) show(0, { brokers });
    expect(texts('#parts b')).toEqual(['Redis', 'broker-1', 'broker-1']);
  });
});

describe('the workers', () => {
  const worker = (id: string, more: Partial<Worker> = {}): Worker => ({
    id, version: '1', broker: 'b', state: 'working', draining: false, slots: 4, free: 4, running: 0, lastSeenMs: 500, jobIds: [], ...more });

  test('stand by their numbers, with their first jobs; there is a button where it does something', () => {
    const table = new WorkersTable(true, () => {});
    table.show([worker('w-10', { state: 'away' }), worker('w-2', { running: 5, jobIds: ['a', 'b', 'c', 'd'] }),
      worker('w-3', { state: 'drained', draining: true, running: 2, jobIds: ['a'] })]);
    expect(texts('#workers th')).toEqual(['w-2', 'w-3', 'w-10']);
    expect(texts('#workers td:nth-of-type(6)')).toEqual(['a b c and 2 more', 'a and 1 more', '']);
    expect([...document.querySelectorAll('#workers button')].map((one) => (one as HTMLElement).hidden || one.textContent))
      .toEqual(['Drain', 'Put back', true]);
    expect(document.getElementById('no-workers')!.hidden).toBe(true);
    table.show([]);
    expect(document.getElementById('no-workers')!.hidden).toBe(false);
  });

  test('keep the focus when one before them goes, and when one comes', () => {
    const table = new WorkersTable(true, () => {});
    table.show([worker('w-1'), worker('w-2'), worker('w-3')]);
    const button = document.querySelectorAll('button[aria-label]')[1] as HTMLElement;
    button.focus();
    for (const left of [[worker('w-2'), worker('w-3')], [worker('w-0'), worker('w-2')]]) {
      table.show(left);
      expect(texts('#workers th')).toEqual(left.map(({ id }) => id));
      expect(document.activeElement).toBe(button);
    }
  });
});

test('rows come in any new order, each with the element that it had', () => {
  const list = make('ul');
  const show = (text: string) => {
    keyed(list, [...text], (key) => key, () => make('li'), (made, key) => { made.textContent = key; });
    return [...list.children];
  };
  const [a, b, c] = show('abc');
  const [first, , ...others] = show('cxab');
  expect([first, ...others].every((one, i) => one === [c, a, b][i])).toBe(true);
  expect(list.textContent).toBe('cxab');
  show('bb');
  show('b');
  expect([list.children.length, list.firstChild === b]).toEqual([1, true]);
});

test.each([
  [null, '–'], [999, '999 ms'], [1000, '1.0 s'], [9999, '10.0 s'], [10_000, '10 s'], [119_000, '119 s'], [120_000, '2 min'],
  [7_199_000, '120 min'], [7_200_000, '2 h'],
])('%s ms are %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test('shares are per cent', () => {
  expect([null, 0, 0.0625, 1].map(percent)).toEqual(['–', '0.0 %', '6.3 %', '100.0 %']);
});

test('a line has its top at the largest value, and says so; of nothing it is flat', () => {
  const pointsOf = (values: number[]) => sparkline('Failed', values).querySelector('polyline')!.getAttribute('points');
  expect(pointsOf([0, 5, 10])).toBe('0.0,39.0 120.0,21.0 240.0,3.0');
  expect(pointsOf([0, 0])).toBe('0.0,39.0 240.0,39.0');
  expect(pointsOf([7])).toBe('0.0,3.0');
  expect(sparkline('Failed', [1, 1200]).getAttribute('aria-label')).toBe('Failed by minute: 1,201 in the last hour, at most 1,200 a minute');
});
