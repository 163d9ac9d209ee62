// Numbers and times as people read them, at the edges of their units.
import { describe, expect, test } from 'vitest';
import { formatAbout, formatBytes, formatClock, formatDay } from '../src/format.js';

test.each([
  [0, '0 B'], [999, '999 B'], [1000, '1.00 kB'], [9990, '9.99 kB'], [9999, '10 kB'], [999_499, '999 kB'], [999_500, '1.00 MB'],
  [1_050_000_000, '1.05 GB'], [5e12, '5.00 TB'], [5e15, '5000 TB'],
])('%i bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});

test.each([[0, '0:00'], [7.9, '0:07'], [60, '1:00'], [3599, '59:59'], [3600, '1:00:00'], [3847, '1:04:07'], [90_000, '25:00:00']])(
  '%d s by a clock are %s', (seconds, text) => {
    expect(formatClock(seconds)).toBe(text);
  });

test.each([
  [0, '1 s'], [9, '9 s'], [11, '10 s'], [13, '15 s'], [60, '1 min'], [89, '1 min'], [91, '2 min'], [3600, '1 h'], [5500, '2 h'],
])('%d s that are guessed are about %s', (seconds, text) => {
  expect(formatAbout(seconds)).toBe(`about ${text}`);
});

describe('the day that a job stands under', () => {
  const at = (text: string) => new Date(text).getTime();
  const dayOf = (job: string, now: string) => formatDay(at(job) / 1000, at(now));

  test('is the visitor’s own, from midnight to midnight', () => {
    const now = '2026-11-28T00:30:00';
    expect(dayOf('2026-11-28T00:00:00', now)).toBe('Today');
    expect(dayOf('2026-11-27T23:59:59', now)).toBe('Yesterday');
    expect(dayOf('2026-11-27T00:00:00', now)).toBe('Yesterday');
    expect(dayOf('2026-11-26T23:59:59', now)).toBe(new Date(at('2026-11-26T12:00:00')).toLocaleDateString(undefined, { dateStyle: 'medium' }));
    expect(dayOf('2026-11-28T00:31:00', now)).toBe('Today'); // of a server whose clock is ahead
  });

  test('also where it had 23 hours, or 25', () => {
    expect(at('2026-10-26T00:00:00') - at('2026-10-25T00:00:00')).toBe(25 * 3_600_000); // by the zone of these tests
    expect(dayOf('2026-10-25T00:30:00', '2026-10-26T12:00:00')).toBe('Yesterday');
    expect(dayOf('2026-03-28T23:30:00', '2026-03-30T12:00:00')).not.toBe('Yesterday');
  });
});
