// @vitest-environment jsdom
// What a visitor does with a download, and sees of it.
import { StrictMode, act } from 'react';
import { cleanup, render } from '@testing-library/react';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDownloadClient } from '@longhaul/client';
import type { DownloadClient } from '@longhaul/client';
import { DownloadProvider } from '@longhaul/client/react';
import { createFakeServer } from '../../client/src/testing/index.js';
import type { FakeServer } from '../../client/src/testing/index.js';
import { pass, useOwnTime } from '../../client/test/support/time.js';
import { JobItem } from '../src/job-item.js';

useOwnTime();

// It is loaded when it is first needed: more turns of the loop than timers know of.
beforeAll(() => import('../../client/src/page.js'));

const LATENCY_MS = 150;
/** Until the actions of an item can be used again. */
const REST_MS = 700;

let server: FakeServer;
let client: DownloadClient;
let latencyMs: number; // of actions
let opened: string[]; // what the browser was made to download
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  latencyMs = 0;
  opened = [];
  vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) { opened.push(this.href); });
  server = createFakeServer();
  client = createDownloadClient({
    async fetch(...request) {
      const answer = await server.fetch(...request);
      if (request[1]?.method === 'POST' || String(request[0]).includes('redirect=0')) {
        await new Promise((resolve) => { setTimeout(resolve, latencyMs); });
      }
      return answer;
    },
  });
});
afterEach(() => {
  cleanup();
  client.close();
});

const time = (ms = 50) => act(() => pass(ms));
const $ = (selector: string) => document.querySelector(selector)?.textContent ?? null;
const show = async (...jobIds: string[]) => {
  const items = jobIds.map((jobId) => <JobItem key={jobId} jobId={jobId} />);
  render(<StrictMode><DownloadProvider client={client}>{items}</DownloadProvider></StrictMode>);
  await time();
};
const buttons = () => [...document.querySelectorAll('button')];
const named = (name: string) => buttons().find(({ textContent }) => textContent.startsWith(name))!;
// detail: how many clicks in a row this is; 0 is a key.
const press = (button: Element, detail = 0) => act(() => {
  button.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, detail }));
});
const click = async (name: string) => {
  press(named(name));
  await time();
};
// What stands where the pointer is gets the second click, as in a browser.
const clickTwice = async (name: string, pauseMs: number, detail: number) => {
  press(named(name), 1);
  await time(pauseMs);
  const now = buttons()[0];
  if (now) press(now, detail);
  await time(2000);
};
const posted = () => server.requests.filter(({ method }) => method === 'POST').map(({ path }) => path.split('/')[3]);
const refused = (status: number, match: RegExp, code = 'SOME_REASON') => server.refuse({ status, code, match });

describe('clicks in a row', () => {
  const queued = () => server.add({ file_id: 1 }).jobId;
  const canceled = () => server.cancel(queued()).jobId;

  // Slower than a double click, too: it is of no interest how long the answer took.
  for (const [pauseMs, detail] of [[LATENCY_MS - 50, 2], [LATENCY_MS + 50, 2], [LATENCY_MS + 50, 1], [LATENCY_MS + 400, 1]] as const) {
    test(`on Cancel cancel, and no more: ${pauseMs} ms, ${detail}`, async () => {
      latencyMs = LATENCY_MS;
      await show(queued());
      await clickTwice('Cancel', pauseMs, detail);
      expect([posted(), $('.what')]).toEqual([['cancel'], expect.stringMatching(/Canceled$/)]);
    });

    test(`on Start again start it, and no more: ${pauseMs} ms, ${detail}`, async () => {
      latencyMs = LATENCY_MS;
      await show(canceled());
      await clickTwice('Start again', pauseMs, detail);
      expect([posted(), $('.what'), $('.fault')]).toEqual([['retry'], expect.stringMatching(/^In queue/), null]);
    });
  }

  test('of a row that goes do nothing to the one that takes its place', async () => {
    await show(queued(), queued());
    press(named('Cancel'), 1);
    press(buttons().at(-1)!, 2);
    await time();
    expect(posted()).toEqual(['cancel']);
  });

  test('on Download bring one download, however soon the link comes', async () => {
    for (latencyMs of [0, LATENCY_MS]) {
      const { jobId } = server.add({ file_id: 1 });
      server.complete(jobId);
      await show(jobId);
      opened = [];
      await clickTwice('Download', 100, 2);
      expect(opened).toHaveLength(1);
      await clickTwice('Download', 100, 1); // by two fingers, or keys
      expect(opened).toHaveLength(2);
      cleanup();
    }
  });

  test('are taken again after a moment', async () => {
    await show(queued());
    await click('Cancel');
    expect(named('Start again').getAttribute('aria-disabled')).toBe('true');
    press(named('Start again'));
    expect(posted()).toEqual(['cancel']);
    await time(REST_MS);
    expect(named('Start again').getAttribute('aria-disabled')).not.toBe('true');
    await click('Start again');
    expect([posted(), $('.what')]).toEqual([['cancel', 'retry'], expect.stringMatching(/^In queue/)]);
  });

  test('are taken at once where a download has just come to be seen', async () => {
    await show(queued());
    press(named('Cancel'), 1);
    await time();
    expect(posted()).toEqual(['cancel']);
  });

  test('do one thing at a time, and the button keeps the focus', async () => {
    latencyMs = LATENCY_MS;
    const { jobId } = server.add({ file_id: 1 });
    server.fail(jobId, { retryable: true });
    await show(jobId);
    const button = named('Retry');
    button.focus();
    press(button);
    press(button);
    expect([button.getAttribute('aria-disabled'), document.activeElement]).toEqual(['true', button]);
    expect(named('Details').getAttribute('aria-disabled')).toBe('true');
    await time(2000);
    expect([posted(), $('.fault')]).toEqual([['retry'], null]);
    expect(document.activeElement).toBe(document.querySelector('article')); // the button is gone
  });
});

describe('an action that failed', () => {
  test('to cancel is said for as long as there is something to cancel', async () => {
    const { jobId } = server.add({ file_id: 1 });
    await show(jobId);
    refused(403, /POST .*cancel/);
    await click('Cancel');
    expect($('.fault')).toContain('You may not see this.');
    expect($('.what')).toMatch(/^In queue/); // not canceling
    act(() => void server.run(jobId, { progress: 2 }));
    await time();
    expect([$('.what'), $('.fault')]).toEqual([expect.stringMatching(/^2 %/), expect.stringContaining('not see')]);
    act(() => void server.complete(jobId));
    await time();
    expect($('.what')).toMatch(/Ready/);
    expect($('.fault')).toBe(null);
  });

  test('to retry goes once somebody else did it', async () => {
    const { jobId } = server.add({ file_id: 1 });
    server.fail(jobId, { retryable: true });
    await show(jobId);
    refused(409, /POST .*retry/, 'RETRY_LIMIT');
    await click('Retry');
    expect($('.fault')).toContain('It was tried again as often as is allowed.');
    act(() => void server.requeue(jobId));
    await time();
    await act(() => client.status(jobId)); // what has ended is followed by nobody
    expect($('.what')).toMatch(/^In queue/);
    expect($('.fault')).toBe(null);
  });

  test('to copy a link goes with the next action', async () => {
    const { jobId } = server.add({ file_id: 1 });
    server.complete(jobId);
    await show(jobId);
    const link = new RegExp(`GET /v1/download/${jobId}\\?`);
    refused(410, link, 'ARTIFACT_EXPIRED');
    await click('Copy link');
    expect($('.fault')).toContain('The file is no longer kept. Start the download again.');
    await time(REST_MS);
    await click('Download');
    expect(opened).toHaveLength(1);
    expect($('.fault')).toBe(null);
  });

  test('because the job had ended meanwhile is no fault at all', async () => {
    const { jobId } = server.add({ file_id: 1 });
    server.run(jobId);
    await show(jobId);
    latencyMs = LATENCY_MS;
    refused(409, /POST .*cancel/, 'ALREADY_TERMINAL');
    await click('Cancel');
    expect($('.what')).toBe('Canceling…');
    act(() => void server.complete(jobId));
    await time(LATENCY_MS);
    expect($('.what')).toMatch(/Ready/);
    expect($('.fault')).toBe(null);
  });

  test('is none of the end that came after it', async () => {
    const { jobId } = server.add({ file_id: 1 });
    server.fail(jobId, { retryable: true });
    await show(jobId);
    latencyMs = LATENCY_MS;
    refused(409, /POST .*retry/, 'NOT_RETRYABLE'); // somebody else was faster
    await click('Retry');
    server.requeue(jobId);
    act(() => void client.prime(server.fail(jobId, { retryable: true, message: 'Once more.' })));
    await time(LATENCY_MS);
    expect([$('.what'), $('.fault')]).toEqual([expect.stringMatching(/Once more\.$/), null]);
  });

  test('because the download is there no more leaves nothing to be done', async () => {
    for (const action of ['Download', 'Copy link']) {
      const { jobId } = server.add({ file_id: 1 });
      server.complete(jobId);
      await show(jobId);
      server.remove(jobId);
      named(action).focus();
      await click(action);
      expect($('.what')).toBe('No longer there');
      expect($('.fault [role=alert]')).toBe('There is no such download, or it was too long ago.');
      expect(buttons()).toEqual([]);
      expect(document.activeElement).toBe(document.querySelector('article'));
      cleanup();
    }
  });

  test('because it was canceled and removed by somebody else, too', async () => {
    const { jobId } = server.add({ file_id: 1 });
    await show(jobId);
    server.remove(jobId);
    await click('Cancel');
    expect([$('.what'), buttons()]).toEqual(['No longer there', []]);
  });

  test('is not what it takes: who watches sees that it went', async () => {
    const { jobId } = server.add({ file_id: 1 });
    await show(jobId);
    server.remove(jobId);
    act(() => server.cutStreams());
    await time(60_000);
    expect([$('.what'), buttons()]).toEqual(['No longer there', []]);
    expect($('.fault')).toContain('There is no such download');
  });
});
