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

test('many rows: news add none beyond the limit, pages do', () => {
  const rows = rowsOf();
  rows.renew(page(Array.from({ length: ROWS_MAX }, (_, i) => i + 1), true), false);
  expect(rows.hear(job(ROWS_MAX + 1))).toBe(false);
  expect(rows.hear(job(ROWS_MAX))).toBe(true);
  rows.append(page([0]));
  expect(shown(rows)).toHaveLength(ROWS_MAX + 1);
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
