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
  expect(newerJob(have, completed({}))).toBe(have);
  expect(newerJob(have, completed({ url: '/y', expiresAt: 800 }))).toBe(have);
  const renewed = completed({ url: '/z', expiresAt: 1800 });
  expect(newerJob(have, renewed)).toBe(renewed);
});

test.each([
  ['no job', undefined, null],
  ['running without an estimate', job({ etaSeconds: null }), null],
  ['canceled', job({ status: 'canceled' }), null],
  ['queued', job({ status: 'queued' }), null],
  ['completed, from a list', completed({}), null],
  ['running', job({ etaSeconds: 18 }), 8],
  ['running, overdue', job({ etaSeconds: 3 }), 0],
  ['waiting for the next attempt', job({ status: 'queued', nextAttemptAt: 1012 }), 2],
  ['completed', completed({ url: '/x', expiresAt: 1910 }), 900],
  ['completed, the link expired', completed({ url: '/x', expiresAt: 1009 }), 0],
])('seconds left: %s', (_, given, seconds) => {
  expect(secondsLeft(given, 1_010_000)).toBe(seconds);
});
