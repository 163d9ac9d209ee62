import { expect, test } from 'vitest';
import { newerJob, secondsLeft } from '../src/index.js';
import type { Job } from '../src/index.js';

const job = (more: object) => ({ jobId: 'a', status: 'running', version: 3, updatedAt: 1000, ...more }) as unknown as Job;
const completed = (result: object, version = 5) => job({ status: 'completed', version, result: { fileName: 'f', ...result } });

test('an older version changes nothing', () => {
  const have = job({ version: 3 });
  expect(newerJob(have, job({ version: 2, progress: 99 }))).toBe(have);
});

test('the same again is the same object', () => {
  const have = job({ version: 3 });
  expect(newerJob(have, job({ version: 3 }))).toBe(have);
});

test('a newer version is taken, also after a retry', () => {
  const retried = job({ version: 6, status: 'queued' });
  expect(newerJob(completed({ url: '/x', expiresAt: 9 }), retried)).toBe(retried);
});

test('a place in the queue that moved is news of the same version', () => {
  const moved = job({ status: 'queued', queuePosition: 1 });
  expect(newerJob(job({ status: 'queued', queuePosition: 4 }), moved)).toBe(moved);
  const unknown = job({ status: 'queued', queuePosition: null });
  expect(newerJob(moved, unknown)).toBe(moved);
  expect(newerJob(unknown, moved)).toBe(moved);
});

test('a list, which has no links, does not take one away; an older link neither', () => {
  const have = completed({ url: '/x', expiresAt: 900 });
  for (const result of [{}, { expiresAt: 900 }, { expiresAt: 1800 }, { url: '/y', expiresAt: 800 }]) {
    expect(newerJob(have, completed(result))).toBe(have);
    expect(newerJob(have, completed(result), 899_999)).toBe(have);
  }
  const renewed = completed({ url: '/z', expiresAt: 1800 });
  expect(newerJob(have, renewed)).toBe(renewed);
});

test('when a link ends is news where nothing better is known, and where that has expired', () => {
  const listed = completed({ expiresAt: 1800 });
  expect(newerJob(completed({}), listed, 1000_000)).toBe(listed);
  expect(newerJob(completed({ url: '/x', expiresAt: 900 }), listed, 900_000)).toBe(listed);
  expect(newerJob(completed({ expiresAt: 900 }), listed, 850_000)).toBe(listed);
  expect(newerJob(listed, completed({ expiresAt: 900 }), 850_000)).toBe(listed);
  expect(newerJob(listed, completed({}), 850_000)).toBe(listed);
});

test('a link is news where only its end is known, unless it has expired meanwhile', () => {
  const listed = completed({ expiresAt: 900 });
  const linked = completed({ url: '/x', expiresAt: 900 });
  expect(newerJob(listed, linked, 100_000)).toBe(linked);
  const later = completed({ expiresAt: 1800 });
  expect(newerJob(later, linked, 850_000)).toBe(linked);
  expect(newerJob(later, linked, 900_000)).toBe(later);
});

test('a file past its retention has no link: that is news once the last one has expired', () => {
  const have = completed({ url: '/x', expiresAt: 900 });
  const gone = completed({});
  expect(newerJob(have, gone, 899_000)).toBe(have);
  expect(newerJob(have, gone, 900_000)).toBe(gone);
});

test.each([
  ['no job', undefined, null],
  ['running without an estimate', job({ etaSeconds: null }), null],
  ['canceled', job({ status: 'canceled' }), null],
  ['queued', job({ status: 'queued' }), null],
  ['completed, from a list', completed({ expiresAt: 1510 }), 500],
  ['completed, past retention', completed({}), null],
  ['running', job({ etaSeconds: 18 }), 8],
  ['running, overdue', job({ etaSeconds: 3 }), 0],
  ['waiting for the next attempt', job({ status: 'queued', nextAttemptAt: 1012 }), 2],
  ['completed', completed({ url: '/x', expiresAt: 1910 }), 900],
  ['completed, the link expired', completed({ url: '/x', expiresAt: 1009 }), 0],
])('seconds left: %s', (_, given, seconds) => {
  expect(secondsLeft(given, 1_010_000)).toBe(seconds);
});
