// @vitest-environment jsdom
// The page of all downloads, as somebody uses it who hears it, or who does not wait.
import { act } from 'react';
import { cleanup, fireEvent, render } from '@testing-library/react';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDownloadClient } from '@longhaul/client';
import type { DownloadClient } from '@longhaul/client';
import { DownloadProvider } from '@longhaul/client/react';
import { pass, useOwnTime } from '../../client/test/support/time.js';
import { createFakeServer } from '../../client/src/testing/index.js';
import type { FakeServer } from '../../client/src/testing/index.js';
import { Announcer, say } from '../src/announce.js';
import { Downloads } from '../src/downloads.js';
import { JobPage } from '../src/job-page.js';
import { navigate, useJobIdInAddress } from '../src/route.js';

useOwnTime();
vi.setConfig({ testTimeout: 30_000 }); // a whole page each, on machines that have other things to do
beforeAll(() => import('../../client/src/page.js')); // by more turns of the loop than timers know of

const PAGE = 5; // of a server that is not told another number

let server: FakeServer;
let client: DownloadClient;
let hold: RegExp | undefined; // requests that get no answer yet
let answer = () => {};
let lists: string[]; // that were asked for
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.stubGlobal('scrollTo', vi.fn());
  history.replaceState(null, '', '/');
  server = createFakeServer();
  hold = undefined;
  lists = [];
  const held = new Promise<void>((resolve) => { answer = resolve; });
  client = createDownloadClient({
    tabs: false,
    fetch: async (input, init) => {
      const url = String(input);
      const isList = url.includes('/jobs');
      if (isList) lists.push(url);
      if (hold?.test(url)) await held;
      return server.fetch(isList && !url.includes('limit=') ? `${url}${url.includes('?') ? '&' : '?'}limit=${PAGE}` : url, init);
    },
  });
});
afterEach(() => {
  cleanup();
  client.close();
});

function App() {
  const jobId = useJobIdInAddress();
  return <>{jobId ? <JobPage key={jobId} jobId={jobId} /> : <Downloads />}<Announcer /></>;
}

const time = (ms = 100) => act(() => pass(ms));
async function show() {
  render(<DownloadProvider client={client}><App /></DownloadProvider>);
  await time();
}
const addMany = (count: number) => {
  for (let i = 0; i < count; i++) server.cancel(server.add({ file_id: 1000 + i }).jobId);
};
const rows = () => document.querySelectorAll('.job').length;
const one = (selector: string) => document.querySelector<HTMLElement>(selector)!;
const find = (name: string) => [...document.querySelectorAll('button')].find(({ textContent }) => textContent === name);
const button = (name: string) => find(name)!;
const status = () => one('[role=status]');
async function press(name: string) {
  button(name).focus();
  fireEvent.click(button(name));
  await time();
}

describe('somebody who asks for a download', () => {
  const ask = async () => {
    fireEvent.change(one('[name=file_id]'), { target: { value: '42' } });
    hold = /initiate/;
    fireEvent.click(button('Prepare'));
    await time();
  };

  test('and waits is brought to it', async () => {
    await show();
    await ask();
    answer();
    await time();
    expect(location.pathname).toMatch(/^\/downloads\/./);
  });

  test('and went elsewhere before the answer stays there, and finds it in the list', async () => {
    const { jobId } = server.add({ file_id: 1 });
    await show();
    await ask();
    await act(async () => navigate(`/downloads/${jobId}`));
    answer();
    await time();
    expect(location.pathname).toBe(`/downloads/${jobId}`);
    await act(async () => navigate('/'));
    await time();
    expect(one('[aria-label="File 42"]')).toBeTruthy();
  });

  test('and went to the list again, by way of another page, stays there too', async () => {
    const { jobId } = server.add({ file_id: 1 });
    await show();
    await ask();
    await act(async () => navigate(`/downloads/${jobId}`));
    await act(async () => navigate('/'));
    answer();
    await time();
    expect(location.pathname).toBe('/');
    expect(one('[aria-label="File 42"]')).toBeTruthy();
  });
});

describe('Show more', () => {
  test('keeps the focus while rows are on their way, asks once, and says how many came', async () => {
    addMany(2 * PAGE + 1);
    await show();
    expect(rows()).toBe(PAGE);
    hold = /cursor=/;
    await press('Show more');
    const waiting = document.activeElement as HTMLButtonElement;
    expect([waiting.textContent, waiting.getAttribute('aria-disabled')]).toEqual(['Loading…', 'true']);
    const before = lists.length;
    fireEvent.click(waiting);
    answer();
    await time();
    expect(lists.length - before).toBeLessThanOrEqual(1);
    expect(rows()).toBe(2 * PAGE);
    expect(document.activeElement).toBe(waiting);
    expect([waiting.textContent, waiting.getAttribute('aria-disabled')]).toEqual(['Show more', 'false']);
    expect(status().textContent).toBe('5 more downloads are shown.');
  });

  test('gives the focus to the first row that came when it goes', async () => {
    addMany(PAGE + 1);
    await show();
    await press('Show more');
    expect(find('Show more')).toBeUndefined();
    expect(document.activeElement).toBe(document.querySelectorAll('.job')[PAGE]);
    expect(status().textContent).toBe('1 more download is shown.');
  });

  test('keeps the focus where it fails, and says nothing of rows', async () => {
    addMany(PAGE + 1);
    await show();
    server.refuse({ status: 503, code: 'UNAVAILABLE', match: /cursor=/, times: 1 });
    await press('Show more');
    expect(one('.fault').textContent).toContain('not available');
    expect(document.activeElement).toBe(button('Show more'));
    expect(status().textContent).toBe('');
    await press('Show more');
    expect(rows()).toBe(PAGE + 1);
  });

  test('hears how many came also where that took another try, by itself', async () => {
    addMany(PAGE + 1);
    await show();
    server.refuse({ status: 503, code: 'UNAVAILABLE', match: /cursor=/, times: 1 });
    await press('Show more');
    await time(10_000);
    expect(rows()).toBe(PAGE + 1);
    expect(status().textContent).toBe('1 more download is shown.');
  });
});

test('Try again: what it stands in has the focus once that worked', async () => {
  server.refuse({ status: 403, code: 'FORBIDDEN', match: /jobs/, times: 2 }); // both lists
  await show();
  await press('Try again');
  expect(document.querySelector('.fault')).toBeNull();
  expect(document.activeElement).toBe(one('main'));
});

test('the same words said once more are another text in the region', async () => {
  await show();
  const seen: string[] = [];
  const observer = new MutationObserver((changes) => {
    for (const { addedNodes } of changes) seen.push(...[...addedNodes].map(({ textContent }) => textContent!));
  });
  observer.observe(status(), { childList: true, subtree: true, characterData: true });
  for (let i = 0; i < 2; i++) await act(async () => say('Link copied'));
  expect(seen).toEqual(['Link copied', 'Link copied']);
  expect(status().textContent).toBe('Link copied');
});

describe('who comes back', () => {
  const comeBack = async (before = 12) => {
    history.replaceState({ rows: before, y: 250 }, '', '/');
    await show();
  };

  test('has as many rows as there were, and is as far down', async () => {
    addMany(20);
    await comeBack();
    expect(rows()).toBe(15);
    expect(scrollTo).toHaveBeenLastCalledWith(0, 250);
  });

  test('causes later looks, and other lists, that are no longer than others', async () => {
    addMany(40);
    await comeBack(60);
    const before = lists.length;
    await time(80_000);
    fireEvent.click(button('Ready'));
    await time();
    const later = lists.slice(before).filter((url) => !url.includes('status=queued'));
    expect(later.length).toBeGreaterThanOrEqual(2);
    expect(later.filter((url) => url.includes('limit'))).toEqual([]);
  });

  test('to more than is restored gets that, by a bounded number of questions', async () => {
    addMany(40);
    history.replaceState({ rows: 40, y: 900 }, '', '/');
    await show();
    expect(rows()).toBe(20);
    expect(scrollTo).toHaveBeenLastCalledWith(0, 900);
  });

  test('and chooses something else meanwhile is not moved', async () => {
    addMany(20);
    hold = /jobs/;
    await comeBack();
    fireEvent.click(button('Ready'));
    answer();
    await time();
    expect(scrollTo).not.toHaveBeenCalled();
  });

  test.each(['wheel', 'touchmove', 'keydown', 'pointerdown'])('and does something meanwhile is not moved: %s', async (deed) => {
    addMany(20);
    hold = /cursor=/;
    await comeBack();
    expect(rows()).toBe(PAGE);
    fireEvent(document.body, new Event(deed, { bubbles: true }));
    answer();
    await time();
    expect(scrollTo).not.toHaveBeenCalled();
  });
});
