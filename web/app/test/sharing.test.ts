// @vitest-environment jsdom
// Tabs share what they know only where each of them may see all of it.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { maySeeAll } from '../src/sharing.js';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

const answer = (status: number) => vi.fn<typeof fetch>(async () => new Response(null, { status }));

test.each([401, 403, 404, 429, 500, 502, 503])('not where the server answers %i', async (status) => {
  vi.stubGlobal('fetch', answer(status));
  expect(await maySeeAll()).toBe(false);
});

test('not where nobody answers', async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
  expect(await maySeeAll()).toBe(false);
});

test('not where no answer comes in time, which is not long', async () => {
  vi.useRealTimers(); // the signal's own is none of the page's timers
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockImplementation(() => AbortSignal.abort());
  vi.stubGlobal('fetch', (_: string, { signal }: RequestInit) => new Promise((_resolve, reject) => {
    if (signal!.aborted) reject(signal!.reason as Error);
  }));
  expect(await maySeeAll()).toBe(false);
  expect(timeout.mock.calls[0]![0]).toBeLessThanOrEqual(2000);
});

test('where it lets the visitor ask for anybody’s jobs: somebody else’s each time', async () => {
  const fetched = answer(200);
  vi.stubGlobal('fetch', fetched);
  expect([await maySeeAll(), await maySeeAll()]).toEqual([true, true]);
  const asked = fetched.mock.calls.map(([path]) => new URL(String(path), 'http://a').searchParams.get('userId'));
  expect(new Set(asked).size).toBe(2);
});
