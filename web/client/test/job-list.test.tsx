// @vitest-environment jsdom
// Lists stay true: jobs that come and go, that others make and remove, and servers that are away.
import { act } from 'react';
import type { ReactNode } from 'react';
import { cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createDownloadClient } from '../src/index.js';
import type { DownloadClient, Job } from '../src/index.js';
import { DownloadProvider, useDownloadJobs } from '../src/react/index.js';
import type { JobListQuery, UseDownloadJobs } from '../src/react/index.js';
import { createFakeServer } from '../src/testing/index.js';
import type { FakeServer } from '../src/testing/index.js';
import { pass, useOwnTime } from './support/time.js';

useOwnTime();

// It is loaded when it is first needed: more turns of the loop than timers know of.
beforeAll(() => import('../src/page.js'));

let server: FakeServer;
let client: DownloadClient;
let held: Promise<void> | undefined; // what answers wait for
beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  held = undefined;
  server = createFakeServer();
  client = createDownloadClient({
    async fetch(...request) {
      const answer = await server.fetch(...request);
      await held;
      return answer;
    },
  });
});
afterEach(() => {
  cleanup();
  client.close();
});

const wrapper = ({ children }: { children: ReactNode }) => <DownloadProvider client={client}>{children}</DownloadProvider>;
const time = (ms = 50) => act(() => pass(ms));
const lists = () => server.requests.filter(({ path }) => path.includes('/jobs'));
const files = ({ jobs }: UseDownloadJobs) => jobs.map(({ file_id: fileId }) => fileId);
const add = (...fileIds: number[]) => fileIds.map((fileId) => server.add({ file_id: fileId }).jobId);

async function show(...queries: (JobListQuery | null)[]): Promise<UseDownloadJobs[]> {
  const shown: UseDownloadJobs[] = [];
  renderHook(() => queries.forEach((query, i) => { shown[i] = useDownloadJobs(query); }), { wrapper });
  await time();
  return shown;
}

function hold(): () => Promise<void> {
  let release = () => {};
  held = new Promise((resolve) => { release = resolve; });
  return async () => {
    release();
    await time();
  };
}

// As when a visitor comes back to the tab.
async function seeAgain() {
  document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  await time();
}

test('of nothing: nothing is asked, and more of it neither', async () => {
  const shown = await show(null);
  expect(shown[0]).toMatchObject({ jobs: [], loading: false, hasMore: false });
  await act(async () => {
    await shown[0]!.loadMore();
    await shown[0]!.refresh();
  });
  await seeAgain();
  expect(server.requests).toEqual([]);
});

test('of a status: a job that comes to it stands at its place, as far as is loaded; one that goes on leaves', async () => {
  const ids = add(1, 2, 3, 4, 5);
  for (const i of [0, 2, 4]) server.fail(ids[i]!);
  const shown = await show({ status: 'failed', limit: 2 }, {});
  expect(files(shown[0]!)).toEqual([5, 3]);
  expect(shown[0]!.hasMore).toBe(true);
  act(() => void server.fail(ids[3]!)); // newer than the oldest that is loaded
  act(() => void server.fail(ids[1]!)); // older: it comes with its page
  await time();
  expect(files(shown[0]!)).toEqual([5, 4, 3]);
  await act(() => shown[0]!.loadMore());
  expect(files(shown[0]!)).toEqual([5, 4, 3, 2, 1]);
  await act(() => client.retry(ids[3]!));
  await time();
  expect(files(shown[0]!)).toEqual([5, 3, 2, 1]);
});

test('seen again: what others made is there, what they removed is not, and older pages stay', async () => {
  const ids = add(1, 2, 3, 4, 5);
  for (const jobId of ids) server.complete(jobId);
  const shown = await show({ limit: 2 });
  await act(() => shown[0]!.loadMore());
  expect(files(shown[0]!)).toEqual([5, 4, 3, 2]);
  server.remove(ids[4]!);
  add(6);
  await seeAgain();
  expect(files(shown[0]!)).toEqual([6, 4, 3, 2]);
  expect(lists()).toHaveLength(3);
  await act(() => shown[0]!.loadMore());
  expect(files(shown[0]!)).toEqual([6, 4, 3, 2, 1]);
});

test('seen again after more than a page was made: it begins anew, without a gap', async () => {
  add(1, 2, 3);
  const shown = await show({ limit: 2 });
  await act(() => shown[0]!.loadMore());
  add(4, 5, 6);
  await act(() => shown[0]!.start({ file_id: 7 })); // known, but what is between is not
  expect(files(shown[0]!)).toEqual([7, 3, 2, 1]);
  await seeAgain();
  expect(files(shown[0]!)).toEqual([7, 6]);
  for (const count of [4, 6]) {
    await act(() => shown[0]!.loadMore());
    expect(files(shown[0]!)).toEqual([7, 6, 5, 4, 3, 2].slice(0, count));
  }
});

test('a long list: a job that is started stands first, and neither a look nor coming back takes rows away', async () => {
  const count = 1200;
  for (const jobId of add(...Array.from({ length: count + 1 }, (_, i) => i))) server.complete(jobId);
  const shown = await show({ limit: 200 });
  while (shown[0]!.jobs.length < count) await act(() => shown[0]!.loadMore());
  expect(shown[0]!.hasMore).toBe(true);
  await act(() => shown[0]!.start({ file_id: count + 1 }));
  expect(files(shown[0]!).slice(0, 2)).toEqual([count + 1, count]);
  add(count + 2);
  for (const look of [() => act(() => shown[0]!.refresh()), seeAgain]) {
    await look();
    expect(files(shown[0]!).slice(0, 3)).toEqual([count + 2, count + 1, count]);
    expect(shown[0]!.jobs).toHaveLength(count + 2);
  }
});

test('looking at it: pages that were asked for stay, whatever comes before them; a first page that is all there was asked for does not grow', async () => {
  add(1, 2, 3);
  const shown = await show({ limit: 2 }, { limit: 2 });
  await act(() => shown[0]!.loadMore());
  add(4, 5, 6);
  for (const list of shown) await act(() => list.refresh());
  expect(files(shown[0]!).slice(-3)).toEqual([3, 2, 1]);
  expect(files(shown[1]!)).toEqual([6, 5]);
});

test('a list whose first page is empty, with more behind it, keeps what was found further down', async () => {
  const ids = add(1, 2, 3);
  server.fail(ids[0]!);
  const shown = await show({ status: 'failed', limit: 1 });
  const { fetch } = server;
  // As of a server that looks at a number of jobs for each answer, and finds none among the newest.
  server.fetch = async (...request) => {
    const answer = await fetch(...request);
    return /cursor/.test(String(request[0])) ? answer : Response.json({ jobs: [], nextCursor: ids[1] });
  };
  await act(() => shown[0]!.refresh());
  expect(files(shown[0]!)).toEqual([]);
  await act(() => shown[0]!.loadMore());
  expect(files(shown[0]!)).toEqual([1]);
  await act(() => shown[0]!.refresh());
  await seeAgain();
  expect(files(shown[0]!)).toEqual([1]);
});

test('not seen: nothing is asked', async () => {
  await show({});
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
  await seeAgain();
  window.dispatchEvent(new Event('online'));
  await time();
  expect(lists()).toHaveLength(1);
});

test('a job that comes while a first page is on its way stays', async () => {
  add(1);
  const shown = await show({ limit: 5 });
  const release = hold();
  act(() => void shown[0]!.refresh());
  await time();
  act(() => client.prime({ ...server.add({ file_id: 2 }) } as Job));
  await release();
  expect(files(shown[0]!)).toEqual([2, 1]);
});

test('the last question counts: more that is on its way when the network returns is asked for again', async () => {
  add(1, 2, 3);
  const shown = await show({ limit: 2 });
  const release = hold();
  act(() => void shown[0]!.loadMore());
  await time();
  act(() => void window.dispatchEvent(new Event('online')));
  await release();
  expect(files(shown[0]!)).toEqual([3, 2, 1]);
  expect(shown[0]).toMatchObject({ loading: false, hasMore: false });
  expect(lists()).toHaveLength(3);
});

test('away: the rows stay, it is said until there is an answer, and asked again when the network is back', async () => {
  add(1, 2, 3);
  const shown = await show({ limit: 2 });
  server.offline = true;
  await seeAgain();
  const { error } = shown[0]!;
  expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
  expect(files(shown[0]!)).toEqual([3, 2]);
  const release = hold();
  server.offline = false;
  act(() => void window.dispatchEvent(new Event('online')));
  await time();
  expect(shown[0]).toMatchObject({ error, loading: false });
  await release();
  expect(shown[0]).toMatchObject({ error: undefined, loading: false, hasMore: true });
});

test('a failed page is the one that is asked for again', async () => {
  add(1, 2, 3);
  const shown = await show({ limit: 2 });
  server.refuse({ status: 500 });
  await act(() => shown[0]!.loadMore());
  expect(shown[0]).toMatchObject({ error: { status: 500 }, loading: false });
  await act(() => shown[0]!.loadMore());
  expect(files(shown[0]!)).toEqual([3, 2, 1]);
  server.refuse({ status: 500 });
  await seeAgain();
  expect(shown[0]!.error).toBeDefined();
  add(4);
  await act(() => shown[0]!.loadMore());
  expect(files(shown[0]!)).toEqual([4, 3, 2, 1]);
});

test('a server that asks for patience is not asked because somebody looks', async () => {
  server.refuse({ status: 503, retryAfterSeconds: 30 });
  const shown = await show({});
  await seeAgain();
  expect(lists()).toHaveLength(1);
  await time(30_000);
  await seeAgain();
  expect(lists()).toHaveLength(2);
  expect(shown[0]!.error).toBeUndefined();
});
