// What each state of a job looks like: what is said of it, and what can be done.
import { describe, expect, test } from 'vitest';
import type { Job } from '@longhaul/client';
import { lookOf, nameOf } from '../src/job-look.js';
import type { Circumstances } from '../src/job-look.js';

const job = (fields: object) => ({ attempts: 0, maxAttempts: 3, etaSeconds: null, progress: null, bytesDone: 0, bytesTotal: null,
  ...fields }) as unknown as Job;
const look = (fields: object, circumstances: Partial<Circumstances> = {}) => lookOf(job(fields), {
  secondsLeft: null, secondsToEnd: null, bytesPerSecond: null, canceling: false, gone: false, ...circumstances });

test.each([
  ['neither place nor time is known', {}, {}, 'In queue'],
  ['the place', { queuePosition: 4 }, {}, 'In queue (position 4)'],
  ['what the page saw', { queuePosition: 4 }, { secondsToEnd: 92 }, 'In queue (position 4), starts in about 2 min'],
  ['the server knows better', { queuePosition: 4, etaSeconds: 30 }, { secondsToEnd: 92 }, 'In queue (position 4), starts in about 30 s'],
  ['another attempt', { queuePosition: 2, attempts: 1 }, { secondsToEnd: 7 }, 'In queue (position 2) (attempt 2 of 3), starts in about 7 s'],
  ['its time is set', { attempts: 1 }, { secondsLeft: 65 }, 'Trying again in 1:05 (attempt 2 of 3)'],
  ['its time has come', { attempts: 1 }, { secondsLeft: 0 }, 'In queue (attempt 2 of 3)'],
])('waiting: %s', (_, fields, circumstances, text) => {
  expect(look({ status: 'queued', ...fields }, circumstances)).toEqual({ kind: 'waiting', bar: null, text, actions: ['cancel'] });
});

const KNOWN = { progress: 58, bytesDone: 612e6, bytesTotal: 1.05e9 };
test.each([
  ['nothing is known', {}, {}, 'Running'],
  ['what is done, of nobody knows how much', { bytesDone: 5000 }, { bytesPerSecond: 0 }, '5.00 kB · 0 B/s'],
  ['all is known', KNOWN, { bytesPerSecond: 24e6, secondsToEnd: 18 }, '58 % · 612 MB of 1.05 GB · 24 MB/s · about 20 s'],
  ['it is late', { progress: 0 }, { secondsToEnd: 0 }, '0 % · about 1 s'],
])('running: %s', (_, fields, circumstances, text) => {
  expect(look({ status: 'running', ...fields }, circumstances))
    .toEqual({ kind: 'running', bar: job(fields).progress, text, actions: ['cancel'] });
});

describe('what was asked for by the visitor', () => {
  test.each(['queued', 'running'])('holds what is %s where it is', (status) => {
    expect(look({ status, progress: 30 }, { canceling: true, secondsLeft: 5 }))
      .toEqual({ kind: 'canceling', bar: 30, text: 'Canceling…', actions: [] });
    expect(look({ status }, { canceling: true }).bar).toBe(0);
  });

  test('of a job that is there no more: nothing can be done, whatever it was', () => {
    for (const status of ['queued', 'running', 'completed', 'canceled']) {
      expect(look({ status, progress: 30, result: {} }, { gone: true, canceling: true }))
        .toEqual({ kind: 'gone', bar: 30, text: 'No longer there', actions: [] });
    }
  });

  test('changes nothing of what has ended', () => {
    const error = { code: 'A', message: 'No.', retryable: true };
    expect(look({ status: 'failed', error }, { canceling: true }).kind).toBe('failed');
    expect(look({ status: 'canceled', progress: 40 }, { canceling: true }))
      .toEqual({ kind: 'canceled', bar: 40, text: 'Canceled', actions: ['again'] });
  });
});

describe('completed', () => {
  const completed = (result: object, secondsLeft: number | null) => look({
    status: 'completed', progress: 100, result: { size: 5000, sha256: null, expiresAt: 1, ...result } }, { secondsLeft });

  test.each([
    ['how long its link is good', { sha256: 'ab'.repeat(32) }, 702, 'Ready · link valid 11:42 · 5.00 kB · SHA-256 abababab…'],
    ['not how long, before the clock is known', {}, null, 'Ready · 5.00 kB'],
    ['that it is empty', { size: 0 }, 1, 'Ready · link valid 0:01 · 0 B'],
  ])('says %s', (_, result, secondsLeft, text) => {
    expect(completed(result, secondsLeft)).toEqual({ kind: 'ready', bar: 100, text, actions: ['download', 'copy'] });
  });

  test('offers a new link once that has ended, and nothing where there can be none', () => {
    expect(completed({}, 0)).toEqual({ kind: 'expired', bar: 100, text: 'Link expired', actions: ['renew'] });
    const gone = completed({ expiresAt: undefined }, 100);
    expect(gone).toMatchObject({ kind: 'expired', actions: [] });
    expect(gone.text).toContain('no longer kept');
  });
});

test.each([[true, ['retry', 'details']], [false, ['details']]])('failed: Retry only where it may help (%s)', (retryable, actions) => {
  expect(look({ status: 'failed', progress: 12, error: { code: 'A', message: 'No.', retryable } }))
    .toEqual({ kind: 'failed', bar: 12, text: 'Failed: No.', actions });
});

describe('its name', () => {
  const named = (fileName: string | null) => nameOf(job({ status: 'completed', file_id: 42, result: { fileName } }));

  test.each(['a', '7', '.', '…', '€', '日本', 'مرحبا', '\u200Fملف\u200F', '🎉', ' x ', 'ㅎ'])('%s can be seen', (name) => {
    expect(named(name)).toBe(name);
  });

  test.each([
    ['nothing', ''], ['no name', null], ['blanks', ' \u00A0\u2003\u3000'], ['a zero width', '\u200B\u200C\u200D\u2060\uFEFF'],
    ['marks of direction', '\u200E\u200F\u202E\u2067'], ['a soft hyphen', '\u00AD'], ['a variation', '\uFE0F'],
    ['fillers, which are letters', '\u3164\u115F\u1160\uFFA0'], ['the blank of Braille, which is a symbol', '\u2800'],
    ['tags', '\u{E0041}'], ['a mark on nothing', '\u034F'],
  ])('of %s is replaced', (_, name) => {
    expect(named(name)).toBe('File 42');
  });

  test('before there is a result it is the file’s number, or says that they are several', () => {
    expect(nameOf(job({ status: 'running', file_id: 42 }))).toBe('File 42');
    expect(nameOf(job({ status: 'failed', file_id: null }))).toBe('File archive');
  });
});
