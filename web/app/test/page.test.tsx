// @vitest-environment jsdom
// What a visitor hears of many downloads, and has in the address.
import { StrictMode, act } from 'react';
import type { ReactNode } from 'react';
import { cleanup, render } from '@testing-library/react';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDownloadClient } from '@longhaul/client';
import type { DownloadClient } from '@longhaul/client';
import { DownloadProvider } from '@longhaul/client/react';
import { createFakeServer } from '../../client/src/testing/index.js';
import type { FakeServer } from '../../client/src/testing/index.js';
import { pass, useOwnTime } from '../../client/test/support/time.js';
import { Announcer, say } from '../src/announce.js';
import { keepingDepth, keptDepth, navigate, readdress, useJobIdInAddress, useShownInAddress } from '../src/route.js';

useOwnTime();

// It is loaded when it is first needed: more turns of the loop than timers know of.
beforeAll(() => import('../../client/src/page.js'));

let server: FakeServer;
let client: DownloadClient;
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.stubGlobal('scrollTo', () => {});
  server = createFakeServer();
  client = createDownloadClient({ fetch: server.fetch });
});
afterEach(() => {
  cleanup();
  client.close();
});

const time = (ms = 50) => act(() => pass(ms));
const $ = (selector: string) => document.querySelector(selector)?.textContent ?? null;
const show = async (node: ReactNode) => {
  render(<StrictMode><DownloadProvider client={client}>{node}</DownloadProvider></StrictMode>);
  await time();
};

describe('aloud', () => {
  const voices = () => ({ status: $('[role=status]'), alert: $('[role=alert]') });
  // The news of jobs that a list brings, as a stream would.
  const hear = async () => {
    await act(() => client.list({ limit: 5000 }));
    await time();
  };

  test('what is there already is no news; each quarter, each end and what a visitor did are said', async () => {
    await show(<Announcer />);
    const { jobId } = server.add({ file_id: 7 });
    await hear();
    expect(voices()).toEqual({ status: '', alert: '' });
    const said = async (change: () => unknown, pauseMs = 10_000) => {
      change();
      await hear();
      await time(pauseMs);
      return voices().status;
    };
    expect(await said(() => server.run(jobId))).toBe('File 7 is running.');
    expect(await said(() => server.run(jobId, { progress: 24 }))).toBe('File 7 is running.');
    expect(await said(() => server.run(jobId, { progress: 25 }), 0)).toBe('File 7 is at 25 percent.');
    expect(await said(() => server.run(jobId, { progress: 74 }), 0)).toBe('File 7 is at 25 percent.'); // not yet
    expect(await said(() => server.run(jobId, { progress: 99 }))).toBe('File 7 is at 75 percent.');
    expect(await said(() => server.complete(jobId, { fileName: 'a.zip' }))).toBe('a.zip is ready.');
    act(() => say('Link copied'));
    expect(voices()).toEqual({ status: 'Link copied', alert: '' });
  });

  test('a failure is said at once, by one voice, and no longer than it is true', async () => {
    await show(<Announcer />);
    const { jobId } = server.add({ file_id: 7 });
    await hear();
    server.run(jobId);
    await hear();
    server.fail(jobId, { message: 'No.' });
    await hear();
    expect(voices()).toEqual({ status: '', alert: 'File 7 failed: No.' });
    server.requeue(jobId);
    await hear();
    expect(voices().alert).toBe('');
    await time(10_000);
    expect(voices().status).toBe('File 7 is in the queue.');
  });

  test('of a thousand jobs the steps are remembered, not of more', async () => {
    await show(<Announcer />);
    const ids = Array.from({ length: 1001 }, (_, i) => server.add({ file_id: i }).jobId);
    for (const jobId of ids) client.prime(server.job(jobId)!);
    const goes = async (i: number, change = server.run) => {
      act(() => client.prime(change(ids[i]!)));
      await time(10_000);
      return voices().status;
    };
    expect(await goes(1)).toBe('File 1 is running.'); // the oldest that is remembered
    expect(await goes(0)).toBe('File 1 is running.'); // forgotten
    expect(await goes(1, server.cancel)).toBe('File 1 was canceled.'); // there was news of it since
    expect(await goes(1000)).toBe('File 1000 is running.');
  });
});

describe('the address', () => {
  const Addressed = () => <p className="address">{`${useJobIdInAddress()} ${useShownInAddress()}`}</p>;
  const go = (path: string, by = navigate) => {
    act(() => by(path));
    return $('.address');
  };
  beforeEach(async () => {
    history.replaceState(null, '', '/');
    await show(<Addressed />);
  });

  test('names a job, or none: whatever stands where an id does is one, also where there cannot be one of this name', () => {
    expect(go('/downloads/a_-9')).toBe('a_-9 ');
    expect(go('/downloads/a_-9/')).toBe('a_-9 ');
    for (const path of ['/downloads/a%20b', '/downloads/x.y', '/downloads/%25', '/downloads/ä']) {
      expect(go(path)).toBe(`${location.pathname.split('/')[2]} `);
    }
    for (const path of ['/', '/downloads/', '/downloads/a/b', '/x/downloads/a']) expect(go(path)).toBe('null ');
    expect(go('/?show=failed')).toBe('null failed');
  });

  test('changes in place where somebody chooses, and keeps how far down they were for who comes back', () => {
    const { length } = history;
    expect(go('/?show=ready', readdress)).toBe('null ready');
    expect(history.length).toBe(length);
    const end = keepingDepth(() => ({ rows: 60, y: 2500 }));
    dispatchEvent(new Event('pagehide'));
    expect(keptDepth()).toEqual({ rows: 60, y: 2500 });
    go('/?show=all', readdress);
    expect(keptDepth()).toEqual({ rows: 60, y: 2500 });
    go('/downloads/a');
    expect(history.length).toBe(length + 1);
    expect(keptDepth()).toEqual({ rows: 0, y: 0 });
    end();
    dispatchEvent(new Event('pagehide'));
    expect(keptDepth()).toEqual({ rows: 0, y: 0 });
  });
});
