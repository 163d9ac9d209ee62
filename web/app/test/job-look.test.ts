// What is said of a job that waits.
import { expect, test } from 'vitest';
import type { Job } from '@longhaul/client';
import { lookOf } from '../src/job-look.js';
import type { Circumstances } from '../src/job-look.js';

const waits = (fields: object) => ({ status: 'queued', attempts: 0, maxAttempts: 3, etaSeconds: null, ...fields }) as unknown as Job;
const says = (fields: object, circumstances: Partial<Circumstances> = {}) => lookOf(waits(fields), {
  secondsLeft: null, secondsToEnd: null, bytesPerSecond: null, canceling: false, ...circumstances }).text;

test.each([
  ['neither place nor time is known', {}, {}, 'In queue'],
  ['the place', { queuePosition: 4 }, {}, 'In queue (position 4)'],
  ['what the page saw', { queuePosition: 4 }, { secondsToEnd: 92 }, 'In queue (position 4), starts in about 2 min'],
  ['the server knows better', { queuePosition: 4, etaSeconds: 30 }, { secondsToEnd: 92 }, 'In queue (position 4), starts in about 30 s'],
  ['another attempt', { queuePosition: 2, attempts: 1 }, { secondsToEnd: 7 }, 'In queue (position 2) (attempt 2 of 3), starts in about 7 s'],
  ['its time is set', { attempts: 1 }, { secondsLeft: 65 }, 'Trying again in 1:05 (attempt 2 of 3)'],
])('%s', (_, fields, circumstances, text) => {
  expect(says(fields, circumstances)).toBe(text);
});
