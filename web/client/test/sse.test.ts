import { describe, expect, test } from 'vitest';
import { createSseParser } from '../src/sse.js';

// Everything that a stream of `pieces` says.
function parse(...pieces: string[]): { events: string[][]; retries: number[] } {
  const events: string[][] = [];
  const retries: number[] = [];
  const take = createSseParser(({ id, data }) => events.push([id, data]), (ms) => retries.push(ms));
  pieces.forEach(take);
  return { events, retries };
}

describe('what is none of an event', () => {
  test.each([
    ['a comment', ':\n\n: hello\n\n'],
    ['an id alone', 'id: 4\n\n'],
    ['an event without data', 'event: status\n\n'],
    ['an unknown field', 'date: 1\n\n'],
    ['data that is not finished', 'data: 1\n'],
    ['nothing', '\n\n\n'],
  ])('%s', (_, text) => {
    expect(parse(text).events).toEqual([]);
  });

  test('a retry line that is no number', () => {
    expect(parse('retry: 1e3\n\nretry: -1\n\nretry:\n\n').retries).toEqual([]);
  });

  test('an id with a NUL is not taken', () => {
    expect(parse('id: 3\ndata: a\n\nid: 4\0\ndata: b\n\n').events).toEqual([['3', 'a'], ['3', 'b']]);
  });
});

test.each([
  ['one line that does not end', `data: ${'x'.repeat(1 << 20)}`],
  ['many lines of one event', `data: ${'x'.repeat(1023)}\n`.repeat(1100)],
])('an event beyond the limit throws: %s', (_, text) => {
  expect(() => parse(text)).toThrow(RangeError);
});

const STREAM = 'retry: 3000\r\n\r\nevent: status\rid: 7\rdata: {"a":1}\r\rdata: x\ndata:y\ndata:  z\n\n:\n\nid\ndata\n\n';
const MEANING = { events: [['7', '{"a":1}'], ['7', 'x\ny\n z'], ['', '']], retries: [3000] };

test('all ends of lines, and several lines of data', () => {
  expect(parse(STREAM)).toEqual(MEANING);
});

test('a stream means the same wherever it is cut in two, or in single characters', () => {
  for (let at = 0; at <= STREAM.length; at++) {
    expect(parse(STREAM.slice(0, at), STREAM.slice(at)), `cut at ${at}`).toEqual(MEANING);
  }
  expect(parse(...STREAM)).toEqual(MEANING);
});
