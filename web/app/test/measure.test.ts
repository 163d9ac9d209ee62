// When a job that waits will start, from how its place fell; and that a running one's end is another matter.
import { describe, expect, test } from 'vitest';
import type { Job } from '@longhaul/client';
import { NONE, measure, secondsToEnd } from '../src/measure.js';
import type { Measures } from '../src/measure.js';

const START_MS = 1_796_000_000_000;
const PICTURE = { jobId: 'j', version: 1, status: 'queued', etaSeconds: null, bytesDone: 0, updatedAt: START_MS / 1000 };
const picture = (fields: object) => ({ ...PICTURE, ...fields }) as unknown as Job;
const waits = (queuePosition: number | null) => picture({ queuePosition });

// The seconds to the start that are shown `afterS` the last of [seconds, place].
function shown(places: readonly [number, number | null][], afterS = 0): number | null {
  let measures: Measures = NONE;
  let atS = 0;
  for (const [seconds, place] of places) measures = measure(measures, waits(place), START_MS + (atS = seconds) * 1000);
  return secondsToEnd(measures, START_MS + (atS + afterS) * 1000);
}

test('nothing is said before the place was seen falling for a known time', () => {
  expect(shown([[0, null]])).toBe(null);
  expect(shown([[0, 5]])).toBe(null);
  expect(shown([[0, 5], [30, 5]])).toBe(null);
  expect(shown([[0, 5], [3, 4]])).toBe(null); // when the start before it was nobody saw
  expect(shown([[0, 1]], 600)).toBe(null);
});

test('from the second fall on it is as many turns as the place, each as long as they took', () => {
  expect(shown([[0, 5], [3, 4], [23, 3]])).toBe(60);
  expect(shown([[0, 9], [20, 5]])).toBe(25); // several at once
  expect(shown([[0, 3], [3, 2], [13, 1]])).toBe(10);
  expect(shown([[0, 9], [3, 8], [13, 7], [73, 4]])).toBe(67); // three of 20 s count more than the one of 10 s
});

test('it is counted down between pictures, without a jump where the next start comes in time', () => {
  const places: [number, number][] = [[0, 6], [3, 5], [23, 4]];
  expect(shown(places)).toBe(80);
  expect(shown(places, 1)).toBe(79);
  expect(shown(places, 19)).toBe(61);
  expect(shown([...places, [43, 3]])).toBe(60);
  expect(shown([...places, [44, 3]])).toBe(60); // a second late
});

test('one turn that took longer moves it by a part, and the estimate by less than half jumps nowhere', () => {
  const before = shown([[0, 9], [3, 8], [13, 7], [23, 6]]);
  expect(before).toBe(60);
  const after = shown([[0, 9], [3, 8], [13, 7], [23, 6], [38, 5]])!;
  expect(after).toBeGreaterThan(45); // as counted down
  expect(after).toBeLessThan(58); // as this turn alone would have it: 75
});

test('while nothing starts it does not run out before its turn, and is hidden once nobody knows', () => {
  const places: [number, number][] = [[0, 6], [3, 5], [63, 4]]; // a minute each
  expect(shown(places, 60)).toBe(180);
  expect(shown(places, 120)).toBe(150); // three turns, but for what a page may not have seen yet
  expect(shown(places, 200)).toBe(150);
  expect(shown(places, 300)).toBe(null);
  expect(shown([[0, 3], [3, 2], [13, 1]], 10)).toBe(null); // it should have started
  expect(shown([[0, 3], [3, 2], [13, 1]], 9)).toBe(1);
});

test('a place that grows ends it, until it was seen falling again', () => {
  const places: [number, number][] = [[0, 6], [3, 5], [13, 4]];
  expect(shown(places)).toBe(40);
  expect(shown([...places, [15, 7]])).toBe(null);
  expect(shown([...places, [15, 7], [16, 6]])).toBe(null);
  expect(shown([...places, [15, 7], [16, 6], [36, 5]])).toBe(100);
  expect(shown([...places, [14, 5], [14, 4], [14, 3]])).toBe(null); // no time at all is no measurement
});

test('a clock that was set back, and pictures of one moment, give no nonsense', () => {
  const places: [number, number][] = [[0, 9], [3, 8], [13, 7]];
  expect(shown([...places, [5, 6]])).toBe(null);
  const same = shown([...places, [13, 6]])!;
  expect(same).toBeGreaterThan(0);
  expect(same).toBeLessThanOrEqual(70);
});

test('another version at the same place changes nothing; a place that is not known ends it', () => {
  let measures = NONE;
  for (const [seconds, place] of [[0, 6], [3, 5], [13, 4]] as const) {
    measures = measure(measures, waits(place), START_MS + seconds * 1000);
  }
  const nowMs = START_MS + 20_000;
  const again = measure(measures, picture({ version: 2, queuePosition: 4 }), nowMs);
  expect(secondsToEnd(again, nowMs)).toBe(33);
  expect(again.version).toBe(2);
  expect(secondsToEnd(measure(again, picture({ version: 3, queuePosition: null }), nowMs), nowMs)).toBe(null);
});

test('once it runs, neither its start nor its place is taken for its end or its speed', () => {
  let measures = NONE;
  for (const [seconds, place] of [[0, 3], [3, 2], [13, 1]] as const) {
    measures = measure(measures, waits(place), START_MS + seconds * 1000);
  }
  const nowMs = START_MS + 20_000;
  const runs = { version: 2, status: 'running', bytesDone: 500, updatedAt: nowMs / 1000 };
  const unknown = measure(measures, picture(runs), nowMs);
  expect([unknown.bytesPerSecond, secondsToEnd(unknown, nowMs)]).toEqual([null, null]);
  const known = measure(measures, picture({ ...runs, etaSeconds: 12 }), nowMs);
  expect(secondsToEnd(known, nowMs)).toBe(12);
  expect(secondsToEnd(known, nowMs + 30_000)).toBe(0); // late, but running
  const ended = measure(known, picture({ version: 3, status: 'completed', etaSeconds: 0 }), nowMs);
  expect(secondsToEnd(ended, nowMs)).toBe(null);
});

describe('a running job', () => {
  const after = (...pictures: [atS: number, bytesDone: number, etaSeconds: number][]) => {
    let measures = NONE;
    pictures.forEach(([atS, bytesDone, etaSeconds], i) => {
      measures = measure(measures, picture({
        version: 2 + i, status: 'running', bytesDone, updatedAt: START_MS / 1000 + atS, etaSeconds }), START_MS + atS * 1000);
    });
    return [measures.bytesPerSecond, secondsToEnd(measures, START_MS + pictures.at(-1)![0] * 1000)];
  };

  test('has a speed and an end from two pictures on, smoothed', () => {
    expect(after([0, 0, 100])).toEqual([null, 100]);
    expect(after([0, 0, 100], [1, 1000, 99])).toEqual([1000, 99]);
    // 20 s more than was left: a part of it
    expect(after([0, 0, 100], [1, 1000, 99], [2, 3000, 118])).toEqual([1300, 104]);
  });

  test('ends when it did by estimates that differ by a second, and at once by one that is another matter', () => {
    expect(after([0, 0, 100], [1, 1000, 100])).toEqual([1000, 99]);
    expect(after([0, 0, 100], [1, 1000, 30])).toEqual([1000, 30]);
  });

  test('that stands still keeps its speed until something comes, which then took all that time', () => {
    expect(after([0, 0, 9], [1, 1000, 9], [5, 1000, 9])[0]).toBe(1000);
    expect(after([0, 0, 9], [1, 1000, 9], [5, 1000, 9], [6, 2000, 9])[0]).toBe(760);
  });

  test('has no speed from pictures of one moment, of a clock that was set back, or of another attempt', () => {
    expect(after([0, 0, 9], [0, 1000, 9])[0]).toBe(null);
    expect(after([5, 0, 9], [4, 1000, 9])[0]).toBe(null);
    expect(after([0, 5000, 9], [1, 1000, 9])[0]).toBe(null);
  });
});
