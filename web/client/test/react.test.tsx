// @vitest-environment jsdom
import { StrictMode, act } from 'react';
import type { ReactNode } from 'react';
import { cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createDownloadClient } from '../src/index.js';
import type { DownloadClient, Job } from '../src/index.js';
import { DownloadProvider, useDownloadJob, useDownloadJobs } from '../src/react/index.js';
import { createFakeServer } from '../src/testing/index.js';
import type { FakeServer } from '../src/testing/index.js';
import { pass, useOwnTime } from './support/time.js';

useOwnTime();

// It is loaded when it is first needed: more turns of the loop than timers know of.
beforeAll(() => import('../src/page.js'));

let server: FakeServer;
let client: DownloadClient;
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  server = createFakeServer();
  client = createDownloadClient({ fetch: server.fetch });
});
afterEach(() => {
  cleanup();
  client.close();
});

const wrapper = ({ children }: { children: ReactNode }) => (
  <StrictMode><DownloadProvider client={client}>{children}</DownloadProvider></StrictMode>);
const time = (ms = 50) => act(() => pass(ms));
const show = <T, P = undefined>(hook: (props: P) => T, initialProps?: P) => (
  renderHook(hook, { wrapper, ...(initialProps !== undefined && { initialProps }) }));

test('without a provider: says what is missing', () => {
  vi.spyOn(console, 'error').mockImplementation(() => {});
  expect(() => renderHook(() => useDownloadJob('a'))).toThrow(/DownloadProvider/);
});

describe('useDownloadJob', () => {
  test('no id: nothing is asked', async () => {
    const { result } = show(() => useDownloadJob(null));
    await time(1000);
    expect(result.current).toMatchObject({ job: undefined, live: false, error: undefined, secondsLeft: null });
    expect(server.requests).toEqual([]);
  });

  test('follows a job, in StrictMode, on one connection that is closed at the end', async () => {
    const { jobId } = server.add({ file_id: 1 });
    const { result, unmount } = show(() => useDownloadJob(jobId));
    expect(result.current.job).toBeUndefined();
    await time();
    expect(result.current).toMatchObject({ job: { status: 'queued' }, live: true });
    act(() => void server.run(jobId, { progress: 30, etaSeconds: 20 }));
    await time();
    expect(result.current).toMatchObject({ job: { status: 'running', progress: 30 }, secondsLeft: 20 });
    await time(5000);
    expect(result.current.secondsLeft).toBe(15);
    expect(server.requests.filter(({ path }) => path.includes('subscribe'))).toHaveLength(1);
    unmount();
    await time();
    expect(server.streams).toBe(0);
  });

  test('another id: the old job is not shown under it', async () => {
    const [one, two] = [1, 2].map((id) => server.add({ file_id: id }).jobId);
    const { result, rerender } = show(({ id }: { id: string }) => useDownloadJob(id), { id: one! });
    await time();
    expect(result.current.job?.jobId).toBe(one);
    rerender({ id: two! });
    expect(result.current.job).toBeUndefined();
    await time();
    expect(result.current.job?.jobId).toBe(two);
    expect(server.streams).toBe(1);
  });

  test('what a server rendered is shown at once, and not asked for again', async () => {
    const { jobId } = server.add({ file_id: 1 });
    const initialJob = server.complete(jobId) as Job;
    const { result } = show(() => useDownloadJob(jobId, { initialJob }));
    expect(result.current.job?.status).toBe('completed');
    await time(5000);
    expect(server.requests).toEqual([]);
    expect(result.current.secondsLeft).toBe(895);
  });

  test('a job from a list: its link is counted down, expires, and is renewed', async () => {
    const { jobId } = server.add({ file_id: 1 });
    server.complete(jobId);
    await time(100_000);
    const { jobs: [initialJob] } = await client.list();
    expect(initialJob).toMatchObject({ status: 'completed', result: { expiresAt: expect.any(Number) } });
    expect(initialJob).not.toHaveProperty('result.url');
    const { result } = show(() => useDownloadJob(jobId, { initialJob }));
    expect(result.current.secondsLeft).toBe(800);
    await time(1000);
    expect(result.current.secondsLeft).toBe(799);
    await time(800_000);
    expect(result.current.secondsLeft).toBe(0);
    await act(() => client.status(jobId));
    const renewed = result.current.job;
    expect(result.current.secondsLeft).toBe(839);
    expect(renewed).toHaveProperty('result.url');
    await act(() => client.list());
    expect(result.current.job).toBe(renewed);
    await time(1700_000);
    await act(() => client.list());
    expect(result.current.secondsLeft).toBeGreaterThan(0);
  });

  test('the validity of a link counts by the server\'s clock', async () => {
    const ahead = createFakeServer({ clockAheadMs: 600_000 });
    client = createDownloadClient({ fetch: ahead.fetch });
    const { jobId } = ahead.add({ file_id: 1 });
    ahead.complete(jobId);
    const { result } = show(() => useDownloadJob(jobId));
    await time();
    expect(result.current.secondsLeft).toBeGreaterThan(897);
    expect(result.current.secondsLeft).toBeLessThan(902);
    await time(905_000);
    expect(result.current.secondsLeft).toBe(0);
  });

  test('actions: cancel, retry, and a refusal that is shown until the next one', async () => {
    const { jobId } = server.add({ file_id: 1 });
    const { result } = show(() => useDownloadJob(jobId));
    await time();
    await act(() => result.current.retry());
    expect(result.current.error).toMatchObject({ code: 'NOT_RETRYABLE', status: 409 });
    await act(() => result.current.cancel());
    expect(result.current).toMatchObject({ error: undefined, job: { status: 'canceled' } });
    await act(() => result.current.retry());
    expect(result.current.job?.status).toBe('queued');
  });

  test('openDownload: a fresh link, opened by a click', async () => {
    const { jobId } = server.add({ file_id: 1 });
    server.complete(jobId);
    const opened: string[] = [];
    vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(function click(this: HTMLAnchorElement) {
      opened.push(this.pathname);
    });
    const { result } = show(() => useDownloadJob(jobId));
    await time();
    await act(() => result.current.openDownload());
    expect(opened).toEqual([`/v1/download/files/${jobId}.1/file-1`]);
    server.refuse({ status: 410, code: 'ARTIFACT_EXPIRED' });
    await act(() => result.current.openDownload());
    expect(opened).toHaveLength(1);
    expect(result.current.error?.code).toBe('ARTIFACT_EXPIRED');
  });

  test('no such job', async () => {
    const { result } = show(() => useDownloadJob('nosuchjob'));
    await time();
    expect(result.current).toMatchObject({ job: undefined, error: { code: 'JOB_NOT_FOUND' } });
  });
});

describe('useDownloadJobs', () => {
  const names = (jobs: readonly Job[]) => jobs.map(({ file_id: fileId, status }) => `${fileId} ${status}`);

  test('pages, newest first, that stay true', async () => {
    const ids = [1, 2, 3].map((id) => server.add({ file_id: id, userId: 'u1' }).jobId);
    server.add({ file_id: 9, userId: 'u2' });
    const { result } = show(() => useDownloadJobs({ userId: 'u1', limit: 2 }));
    expect(result.current).toMatchObject({ jobs: [], loading: true });
    await time();
    expect(names(result.current.jobs)).toEqual(['3 queued', '2 queued']);
    expect(result.current).toMatchObject({ hasMore: true, loading: false });
    await act(() => result.current.loadMore());
    expect(names(result.current.jobs)).toEqual(['3 queued', '2 queued', '1 queued']);
    expect(result.current.hasMore).toBe(false);
    await time();
    act(() => void server.fail(ids[0]!));
    await time();
    expect(names(result.current.jobs)).toEqual(['3 queued', '2 queued', '1 failed']);
    expect(server.streams).toBe(1);
  });

  test('a job that is started stands first; one that no longer fits leaves', async () => {
    const { result } = show(() => useDownloadJobs({ status: ['queued', 'running'] }));
    await time();
    await act(() => result.current.start({ file_id: 5 }));
    await act(() => result.current.start({ file_id: 6 }));
    expect(names(result.current.jobs)).toEqual(['6 queued', '5 queued']);
    await time();
    act(() => void server.complete(result.current.jobs[0]!.jobId));
    await time();
    expect(names(result.current.jobs)).toEqual(['5 queued']);
  });

  test('a list that cannot be had says why, and can be asked for again', async () => {
    server.refuse({ status: 503 });
    const { result } = show(() => useDownloadJobs());
    await time();
    expect(result.current).toMatchObject({ loading: false, error: { status: 503, retryable: true } });
    await act(() => result.current.loadMore());
    expect(result.current.error).toBeUndefined();
  });

  test('nobody looks any more: nothing is open', async () => {
    server.add({ file_id: 1 });
    const { unmount } = show(() => useDownloadJobs());
    await time();
    expect(server.streams).toBe(1);
    unmount();
    await time();
    expect(server.streams).toBe(0);
  });
});
