// What is said aloud: at once, then not for a while; of many the newest few.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createTurns } from '../src/turns.js';

const PAUSE_MS = 5000;
beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

function setUp(others?: (count: number) => string) {
  const shown: string[] = [];
  return { shown, ...createTurns(PAUSE_MS, (text) => shown.push(text), others) };
}

test('thirty at once are one text: the newest, and how many there were besides', () => {
  const { shown, add } = setUp((count) => `${count} more failed.`);
  for (let i = 1; i <= 30; i++) add(`${i}`, `File ${i} failed.`);
  vi.advanceTimersByTime(0);
  expect(shown).toEqual(['File 28 failed. File 29 failed. File 30 failed. 27 more failed.']);
  vi.advanceTimersByTime(10 * PAUSE_MS);
  expect(shown).toHaveLength(1);
});

test('one by one within a second: the first at once, the others together after the pause', () => {
  const { shown, add } = setUp((count) => `${count} more failed.`);
  for (let i = 1; i <= 30; i++) {
    add(`${i}`, `File ${i} failed.`);
    vi.advanceTimersByTime(30);
  }
  expect(shown).toEqual(['File 1 failed.']);
  vi.advanceTimersByTime(PAUSE_MS - 30 * 30 - 1);
  expect(shown).toHaveLength(1);
  vi.advanceTimersByTime(1);
  expect(shown.slice(1)).toEqual(['File 28 failed. File 29 failed. File 30 failed. 26 more failed.']);
  add('31', 'File 31 failed.');
  vi.advanceTimersByTime(PAUSE_MS - 1);
  expect(shown).toHaveLength(2);
  vi.advanceTimersByTime(PAUSE_MS);
  add('32', 'File 32 failed.');
  vi.advanceTimersByTime(1);
  expect(shown.slice(2)).toEqual(['File 31 failed.', 'File 32 failed.']);
});

test('of one job only the newest counts; without a word for others they are left out', () => {
  const { shown, add } = setUp();
  add('1', 'One runs.');
  for (let i = 2; i <= 4; i++) add(`${i}`, `${i} runs.`);
  add('1', 'One is ready.');
  vi.advanceTimersByTime(0);
  expect(shown).toEqual(['3 runs. 4 runs. One is ready.']);
});

test('what is true no longer is not said, and no longer shown', () => {
  const { shown, add, drop } = setUp();
  add('1', 'One failed.');
  drop('1');
  vi.advanceTimersByTime(PAUSE_MS);
  expect(shown).toEqual([]);
  add('1', 'One failed.');
  vi.advanceTimersByTime(0);
  drop('2');
  expect(shown).toEqual(['One failed.']);
  drop('1');
  expect(shown).toEqual(['One failed.', '']);
  vi.advanceTimersByTime(PAUSE_MS);
  add('1', 'One failed.'); // the same text is news again
  vi.advanceTimersByTime(PAUSE_MS);
  expect(shown.slice(2)).toEqual(['One failed.']);
});

test('nothing after the end', () => {
  const { shown, add, stop } = setUp();
  add('1', 'One failed.');
  add('2', 'Two failed.');
  stop();
  vi.advanceTimersByTime(10 * PAUSE_MS);
  expect(shown).toEqual([]);
});
