// The rows of a list, without a server: what pages and news make of them.
import { expect, test } from 'vitest';
import { ROWS_MAX, createJobRows } from '../src/react/job-rows.js';
import type { JobListQuery, JobRows } from '../src/react/job-rows.js';
import type { Job } from '../src/index.js';

// Ids grow with time; jobs of tens are made in one second.
const id = (n: number) => String(n).padStart(5, '0');
const job = (n: number, more: Partial<Job> = {}) => (
  { jobId: id(n), createdAt: Math.floor(n / 10), status: 'queued', userId: null, version: 1, ...more }) as Job;
const page = (numbers: number[], next = false) => ({ jobs: numbers.map((n) => job(n)), nextCursor: next ? 'next' : null });
const rowsOf = (query: JobListQuery = {}) => createJobRows(query, (known) => known);
const shown = (rows: JobRows) => rows.shown().map(({ jobId }) => Number(jobId));

// Of two pages: 9 8, then 7 6; more is behind them.
function deepRows() {
  const rows = rowsOf();
  rows.renew(page([9, 8], true), false);
  rows.append(page([7, 6], true));
  return rows;
}

test('nothing is loaded: no row, no cursor, and a page without jobs is the end', () => {
  const rows = rowsOf();
  expect([shown(rows), rows.going(), rows.cursor()]).toEqual([[], [], undefined]);
  rows.renew(page([]), false);
  expect([shown(rows), rows.cursor()]).toEqual([[], null]);
});

test('newest first, in one second by id', () => {
  const rows = rowsOf();
  rows.renew(page([3, 21, 5, 12]), false);
  expect(shown(rows)).toEqual([21, 12, 5, 3]);
});

test('news: of another user, of another status or older than what is loaded are none of the list\'s', () => {
  const rows = rowsOf({ userId: 'u1', status: ['queued', 'running'] });
  rows.renew({ jobs: [job(5, { userId: 'u1' })], nextCursor: 'next' }, false);
  expect(rows.hear(job(6, { userId: 'u2' }))).toBe(false);
  expect(rows.hear(job(6, { userId: 'u1', status: 'failed' }))).toBe(false);
  expect(rows.hear(job(4, { userId: 'u1' }))).toBe(false);
  expect(rows.hear(job(6, { userId: 'u1' }))).toBe(true);
  expect(shown(rows)).toEqual([6, 5]);
});

test('a row with another status is not shown, goes on as long as it has not ended, and may come back', () => {
  const rows = rowsOf({ status: 'failed' });
  rows.renew({ jobs: [job(5, { status: 'failed' })], nextCursor: null }, false);
  expect(rows.going()).toEqual([]);
  expect(rows.hear(job(5, { status: 'running' }))).toBe(true);
  expect([shown(rows), rows.going()]).toEqual([[], [job(5, { status: 'running' })]]);
  rows.hear(job(5, { status: 'failed' }));
  expect([shown(rows), rows.going()]).toEqual([[5], []]);
});

test('what is known newer than an answer counts', () => {
  const known = job(5, { status: 'failed' });
  const rows = createJobRows({ status: 'queued' }, (one) => (one.jobId === known.jobId ? known : one));
  rows.renew(page([6, 5]), false);
  expect(shown(rows)).toEqual([6]);
});

// Of `count` rows in two pages; more is behind them.
function manyRows(count: number) {
  const numbers = Array.from({ length: count }, (_, i) => count - i);
  const rows = rowsOf();
  rows.renew(page(numbers.slice(0, 50), true), false);
  rows.append(page(numbers.slice(50), true));
  return rows;
}

test('however many rows pages brought: news come before them, and the first page is their top for whoever looks or comes back', () => {
  const count = ROWS_MAX + 200;
  const rows = manyRows(count);
  expect(rows.hear(job(count + 1))).toBe(true);
  expect(shown(rows).slice(0, 2)).toEqual([count + 1, count]);
  for (const anew of [false, true]) {
    rows.asked();
    rows.renew(page([count + 2, count + 1, count - 1], true), anew);
    expect(shown(rows).slice(0, 4)).toEqual([count + 2, count + 1, count - 1, count - 2]);
    expect(shown(rows)).toHaveLength(count + 1);
  }
});

test('news beyond the limit: the newest stand, and of those that are newer than all pages the oldest goes', () => {
  const rows = rowsOf();
  rows.renew(page([2, 1], true), false);
  for (let i = 0; i < ROWS_MAX; i++) rows.hear(job(10 + i));
  expect(shown(rows)).toHaveLength(ROWS_MAX + 2);
  expect(rows.hear(job(10 + ROWS_MAX))).toBe(true);
  expect(shown(rows)).toHaveLength(ROWS_MAX + 2);
  expect(shown(rows)[0]).toBe(10 + ROWS_MAX);
  expect(shown(rows).slice(-3)).toEqual([11, 2, 1]);
  rows.hear(job(10)); // older than all of these: it pushes out no other
  expect(shown(rows).slice(-3)).toEqual([11, 2, 1]);
});

test('what a page has meanwhile does not count as news', () => {
  const rows = rowsOf();
  rows.renew(page([2, 1], true), false);
  rows.hear(job(10));
  rows.asked();
  rows.renew(page([10, 2], true), false);
  for (let i = 0; i < ROWS_MAX; i++) rows.hear(job(20 + i));
  expect(shown(rows)).toHaveLength(ROWS_MAX + 2);
  expect(shown(rows).slice(-3)).toEqual([20, 10, 2]);
});

test('what is loaded has no holes: a row that came between those of pages is not counted and does not go', () => {
  const rows = rowsOf({ status: 'failed' });
  const failed = (n: number) => job(n, { status: 'failed' });
  rows.renew({ jobs: [failed(5), failed(1)], nextCursor: 'next' }, false);
  rows.hear(failed(3));
  for (let i = 0; i <= ROWS_MAX; i++) rows.hear(failed(10 + i));
  expect(shown(rows)).toHaveLength(ROWS_MAX + 3);
  expect(shown(rows).slice(-4)).toEqual([11, 5, 3, 1]);
});

test('news of jobs that come to a status and go on, however many: the next one comes, and one that stays in it stays', () => {
  const rows = rowsOf({ status: 'running' });
  rows.renew(page([]), false);
  rows.hear(job(1, { status: 'running' }));
  for (let i = 2; i < 2 * ROWS_MAX; i++) for (const status of ['running', 'completed'] as const) rows.hear(job(i, { status }));
  expect(rows.hear(job(2 * ROWS_MAX, { status: 'running' }))).toBe(true);
  expect(shown(rows)).toEqual([2 * ROWS_MAX, 1]);
});

test('news beyond the limit: one that goes on stays for one that has ended', () => {
  const rows = rowsOf();
  rows.renew(page([]), false);
  rows.hear(job(1, { status: 'running' }));
  for (let i = 2; i < 2 * ROWS_MAX; i++) rows.hear(job(i, { status: 'completed' }));
  expect(shown(rows)).toHaveLength(ROWS_MAX);
  expect(shown(rows)[0]).toBe(2 * ROWS_MAX - 1);
  expect(rows.going()).toHaveLength(1);
});

test('the first page once more, of a list that is one page: it is the list', () => {
  const rows = rowsOf();
  rows.renew(page([9, 8], true), false);
  rows.renew(page([11, 10], true), false);
  expect(shown(rows)).toEqual([11, 10]);
});

test('of a deep list it is the top: what is missing there is gone, what is below stays', () => {
  const rows = deepRows();
  rows.renew(page([11, 8], true), false);
  expect(shown(rows)).toEqual([11, 8, 7, 6]);
  expect(rows.cursor()).toBe('next');
});

test('where it does not meet a deep list: that stays for somebody who looks, and begins anew for somebody who comes back', () => {
  const rows = deepRows();
  rows.renew(page([21, 20], true), false);
  expect(shown(rows)).toEqual([9, 8, 7, 6]);
  rows.renew(page([21, 20], true), true);
  expect(shown(rows)).toEqual([21, 20]);
  expect(rows.hear(job(7))).toBe(false);
});

test('of a deep list, all there is: older pages are gone', () => {
  const rows = deepRows();
  rows.renew(page([9, 7]), false);
  expect([shown(rows), rows.cursor()]).toEqual([[9, 7], null]);
});

test('an empty first page with more behind it tells nothing of a deep list', () => {
  const rows = rowsOf();
  rows.renew(page([], true), false);
  rows.append(page([3], true));
  for (const anew of [false, true]) rows.renew(page([], true), anew);
  expect(shown(rows)).toEqual([3]);
  rows.append(page([], true));
  expect(shown(rows)).toEqual([3]);
});

test('a job that there was news of since the question stays, though the answer does not have it; news before that count for nothing', () => {
  const rows = rowsOf();
  rows.renew(page([5, 4], true), false);
  rows.hear(job(6));
  rows.asked();
  rows.hear(job(7));
  rows.renew(page([5, 4], true), false);
  expect(shown(rows)).toEqual([7, 5, 4]);
});

test('of a deep list that looks have made too long: it begins anew', () => {
  const rows = deepRows();
  let newest = 9;
  const look = () => rows.renew(page([newest += 1, newest - 1], true), false);
  for (let i = 0; i < ROWS_MAX + 1; i++) look();
  expect(shown(rows)).toHaveLength(4 + ROWS_MAX + 1);
  look();
  expect(shown(rows)).toEqual([newest, newest - 1]);
});

test('a query with no status is of any', () => {
  const rows = rowsOf({ status: [] });
  rows.renew(page([2, 1]), false);
  expect(rows.hear(job(3, { status: 'failed' }))).toBe(true);
  expect(shown(rows)).toEqual([3, 2, 1]);
});
