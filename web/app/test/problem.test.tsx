// @vitest-environment jsdom
// What is said of an error, and when it is tried again.
import { act } from 'react';
import { cleanup, render } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DownloadError, createDownloadClient } from '@longhaul/client';
import type { DownloadClient } from '@longhaul/client';
import { DownloadProvider } from '@longhaul/client/react';
import { pass, useOwnTime } from '../../client/test/support/time.js';
import { createFakeServer } from '../../client/src/testing/index.js';
import { Problem } from '../src/problem.js';

useOwnTime();

const MINUTE_MS = 60_000, DAY_MS = 24 * 60 * MINUTE_MS;

let client: DownloadClient;
let again: ReturnType<typeof vi.fn<() => void>>;
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.spyOn(Math, 'random').mockReturnValue(0); // pauses that are not spread
  client = createDownloadClient({ fetch: createFakeServer().fetch });
  again = vi.fn();
});
afterEach(() => {
  cleanup();
  client.close();
});

const time = (ms: number) => act(() => pass(ms));
const busy = (retryAfterMs?: number) => new DownloadError('QUEUE_FULL', 'no room', { status: 503, retryable: true, retryAfterMs });
const tree = (error: DownloadError, repeat?: () => void) => (
  <DownloadProvider client={client}><Problem error={error} again={repeat} /></DownloadProvider>);
const show = (error: DownloadError, repeat?: () => void) => render(tree(error, repeat));
const says = () => document.querySelector('.fault')!.textContent;
const seen = (hidden: boolean) => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(hidden);
  act(() => void document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
};

describe('the pause that a server asks for', () => {
  test.each([
    [20, '20 s'], [59, '59 s'], [60, '1:00 min'], [90, '1:30 min'], [3599, '59:59 min'], [3600, '1:00:00 h'], [7265, '2:01:05 h'],
  ])('of %i s is told as %s', (seconds, told) => {
    show(busy(seconds * 1000));
    expect(says()).toContain(` Try again in ${told}.`);
  });

  test('is kept to the second, counted down, and no network or stream that is back shortens it', async () => {
    show(busy(2 * MINUTE_MS), again);
    await time(61_000);
    expect(says()).toContain('Trying again in 59 s.');
    act(() => void dispatchEvent(new Event('online')));
    await time(58_999);
    expect(again).not.toHaveBeenCalled();
    await time(1);
    expect(again).toHaveBeenCalledOnce();
    expect(says()).toContain('Trying again…');
  });

  test('is spread by seconds, also where it is long', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    show(busy(10 * MINUTE_MS), again);
    expect(says()).toContain('in 10:05 min');
  });

  test('of months is no reason to ask at once, nor for ever', async () => {
    show(busy(90 * DAY_MS), again); // a timer of so many milliseconds would be over at once
    await time(MINUTE_MS);
    expect(again).not.toHaveBeenCalled();
    expect(says()).toContain('in 23:59:00 h');
  });
});

test('where the server asks for none it doubles, up to twenty seconds; and the network ends it', async () => {
  const { rerender } = show(busy(), again);
  for (const seconds of [5, 10, 20, 20]) {
    again.mockClear();
    await time(seconds * 1000 - 1);
    expect(again).not.toHaveBeenCalled();
    await time(1);
    expect(again).toHaveBeenCalledOnce();
    rerender(tree(busy(), again));
  }
  again.mockClear();
  act(() => void dispatchEvent(new Event('online')));
  expect(again).toHaveBeenCalledOnce();
  await time(MINUTE_MS);
  expect(again).toHaveBeenCalledOnce();
});

test('while nobody sees the page nothing is tried; once somebody does it is, if it is time', async () => {
  show(busy(), again);
  seen(true);
  await time(4000);
  seen(false);
  expect(again).not.toHaveBeenCalled();
  seen(true);
  await time(MINUTE_MS);
  expect(again).not.toHaveBeenCalled();
  seen(false);
  expect(again).toHaveBeenCalledOnce();
});

test('nothing is tried once it is no longer shown', async () => {
  const { unmount } = show(busy(), again);
  unmount();
  act(() => void dispatchEvent(new Event('online')));
  await time(MINUTE_MS);
  expect(again).not.toHaveBeenCalled();
});

test('what a repetition does not help is tried by nobody but the visitor', async () => {
  show(new DownloadError('FORBIDDEN', 'no', { status: 403, retryable: false }), again);
  await time(MINUTE_MS);
  act(() => void dispatchEvent(new Event('online')));
  expect(again).not.toHaveBeenCalled();
  expect(says()).toBe('You may not see this.  Try again');
  document.querySelector('button')!.click();
  expect(again).toHaveBeenCalledOnce();
});

test.each([
  ['JOB_NOT_FOUND', 404, 'There is no such download, or it was too long ago.'],
  ['SOMETHING_NEW', 429, 'Too many requests.'],
  ['BAD_REPLY', 502, 'The server is not available at the moment.'],
  ['VALIDATION_FAILED', 400, 'The server does not accept this request. in its words'],
  ['SOMETHING_NEW', 418, 'in its words'],
])('%s of status %i is said', (code, status, text) => {
  show(new DownloadError(code, 'in its words', { status, retryable: false }));
  expect(document.querySelector('[role=alert]')!.textContent).toBe(text);
});
