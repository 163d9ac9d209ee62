import { beforeEach, expect, test, vi } from 'vitest';
import { createDownloadClient } from '../src/index.js';
import type { ClientOptions, DownloadClient, Job, JobSnapshot } from '../src/index.js';
import { createFakeServer } from '../src/testing/index.js';
import type { FakeServer } from '../src/testing/index.js';
import { statuses } from './support/setup.js';
import { stubTabs } from './support/tabs.js';
import { pass, rest, useOwnTime } from './support/time.js';

useOwnTime();

let server: FakeServer;
let tabs: ReturnType<typeof stubTabs>;
beforeEach(() => {
  server = createFakeServer();
  tabs = stubTabs();
});

// The module for tabs is loaded by the first: more turns of the loop than timers know of.
async function tab(jobId: string, options: ClientOptions = {}): Promise<{ client: DownloadClient; seen: JobSnapshot[] }> {
  const client = createDownloadClient({ fetch: server.fetch, ...options });
  const seen: JobSnapshot[] = [];
  client.subscribe(jobId, (snapshot) => seen.push(snapshot));
  await rest();
  await import('../src/page.js');
  await rest();
  return { client, seen };
}

const subscribes = () => server.requests.map(({ path }) => path).filter((path) => path.includes('subscribe'));

test('three tabs have one stream, and all get the news', async () => {
  const ids = [1, 2].map((id) => server.add({ file_id: id }).jobId);
  const one = await tab(ids[0]!);
  const two = await tab(ids[1]!);
  const three = await tab(ids[1]!);
  expect(server.streams).toBe(1);
  expect(subscribes()).toHaveLength(2); // of one job, then of both
  for (const { client } of [one, two, three]) expect(client.connection()).toEqual({ state: 'live' });
  ids.forEach((jobId) => server.complete(jobId));
  await rest();
  for (const { seen } of [one, two, three]) expect(statuses(seen)).toEqual(['queued', 'completed']);
  expect(server.streams).toBe(0);
});

test('the tab that had the stream closes: another has it at once, and misses nothing', async () => {
  const { jobId } = server.add({ file_id: 1 });
  const one = await tab(jobId);
  const two = await tab(jobId);
  one.client.close();
  server.run(jobId);
  await rest();
  expect(server.streams).toBe(1);
  server.complete(jobId);
  await rest();
  expect(statuses(two.seen)).toEqual(['queued', 'running', 'completed']);
});

test('a job that a follower could not have, and that the leader knows for long, is asked for again', async () => {
  const [done, going] = [1, 2].map((id) => server.add({ file_id: id }).jobId);
  const one = await tab(going!);
  server.complete(done!);
  await one.client.status(done!);
  const two = await tab(going!);
  server.refuse({ status: 502, match: /status/ });
  const seen: JobSnapshot[] = [];
  two.client.subscribe(done!, (snapshot) => seen.push(snapshot));
  await rest();
  expect(seen.at(-1)).toMatchObject({ job: undefined, error: { status: 502 } });
  await pass(20_000);
  expect(seen.at(-1)).toMatchObject({ job: { status: 'completed' } });
  expect(seen.at(-1)!.error).toBeUndefined();
});

test('tabs that come and go are forgotten, also by one that never leads', async () => {
  const forgotten: unknown[] = [];
  const { jobId } = server.add({ file_id: 1 });
  await tab(jobId);
  await tab(jobId);
  const visitor = new BroadcastChannel('longhaul/2 https://app.example/ true');
  visitor.postMessage({ from: 'visitor', want: [] });
  await pass(200_000);
  const forget = Map.prototype.delete;
  vi.spyOn(Map.prototype, 'delete').mockImplementation(function (this: Map<unknown, unknown>, key: unknown) {
    if (this.has(key)) forgotten.push(key);
    return forget.call(this, key);
  });
  visitor.postMessage({ from: 'another', want: [] });
  await rest();
  visitor.close();
  expect(forgotten).toContain('visitor'); // by the follower: the leader did at one of its beats
});

test('a tab that closes takes its jobs along', async () => {
  const { jobId } = server.add({ file_id: 1 });
  const one = await tab(jobId);
  const two = await tab(server.add({ file_id: 2 }).jobId);
  two.client.close();
  server.complete(jobId);
  await rest();
  expect(server.streams).toBe(0);
  one.client.close();
});

test('a tab that is stopped while it has the stream: the others say so, and one of them takes over', async () => {
  const { jobId } = server.add({ file_id: 1 });
  await tab(jobId);
  const others = [await tab(jobId), await tab(jobId), await tab(jobId)];
  await pass(30_000);
  server.heartbeat();
  for (const { client } of others) expect(client.connection().state).toBe('live');
  expect(subscribes()).toHaveLength(1);
  const states = others.map(({ client }) => {
    const seen: string[] = [];
    client.subscribeConnection(({ state }) => seen.push(state));
    return seen;
  });
  tabs.freeze(0);
  server.run(jobId);
  await pass(35_000);
  for (const seen of states) expect([seen[0], seen.at(-1)]).toEqual(['connecting', 'live']);
  expect(subscribes()).toHaveLength(2);
  expect(server.streams).toBe(1);
  for (const { seen } of others) expect(statuses(seen)).toEqual(['queued', 'running']);
});

test('more followers than have their turn in time: one takes over, and nobody takes the lead from that one', async () => {
  // As a browser does, by the time of this test.
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => {
    const limit = new AbortController();
    setTimeout(() => limit.abort(new DOMException('late', 'TimeoutError')), ms);
    return limit.signal;
  });
  const { jobId } = server.add({ file_id: 1 });
  await tab(jobId);
  const others = [];
  for (let i = 0; i < 13; i++) others.push(await tab(jobId));
  tabs.freeze(0);
  await pass(30_000);
  server.heartbeat();
  await pass(17_000); // 2 s past the end of the turns; the first tab, which only seems to be stopped, suspects later
  expect(subscribes()).toHaveLength(2);
  for (const { client } of others) expect(client.connection()).toEqual({ state: 'live' });
});

test('a new leader that has nothing to watch is idle', async () => {
  await tab(server.add({ file_id: 1 }).jobId);
  const { jobId } = server.add({ file_id: 2 });
  const two = await tab(jobId);
  server.complete(jobId);
  await rest();
  expect(two.client.connection()).toEqual({ state: 'live' }); // for others
  tabs.freeze(0);
  await pass(35_000);
  expect(two.client.connection()).toEqual({ state: 'idle' });
});

test('a client that is closed while its part for pages is loaded leaves nothing behind', async () => {
  const listen = vi.fn();
  vi.stubGlobal('addEventListener', (_: string, __: unknown, { signal }: AddEventListenerOptions) => signal?.aborted || listen());
  const client = createDownloadClient({ fetch: server.fetch });
  const { jobId } = server.add({ file_id: 1 });
  client.prime((await (await server.fetch(`/v1/download/status/${jobId}`)).json()) as Job);
  client.subscribe(jobId, () => {});
  vi.advanceTimersByTime(50); // begins to load it
  client.close();
  await import('../src/page.js');
  await pass(30_000);
  expect(listen).not.toHaveBeenCalled();
  expect([tabs.waiting(), server.streams]).toEqual([0, 0]);
});

test('a leader that beats slowly, and answers, stays the leader', async () => {
  const { jobId } = server.add({ file_id: 1 });
  await tab(jobId);
  const two = await tab(jobId);
  const states: string[] = [];
  two.client.subscribeConnection(({ state }) => states.push(state));
  for (let i = 0; i < 10; i++) {
    await pass(30_000);
    server.heartbeat();
  }
  expect(states).toEqual([]);
  expect(subscribes()).toHaveLength(1);
});

test('a page that is left holds neither lock nor place in line; back again it goes on', async () => {
  const { jobId } = server.add({ file_id: 1 });
  const one = await tab(jobId);
  await tab(jobId);
  expect(tabs.waiting()).toBe(1);
  tabs.tell('pagehide'); // of both: they are one page here
  await rest();
  expect([tabs.waiting(), server.streams]).toEqual([0, 0]);
  tabs.tell('pageshow');
  await rest();
  expect([tabs.waiting(), server.streams]).toEqual([1, 1]);
  server.run(jobId);
  await rest();
  expect(statuses(one.seen)).toEqual(['queued', 'running']);
});

test('what one tab does, another sees', async () => {
  const { jobId } = server.add({ file_id: 1 });
  const one = await tab(jobId);
  const two = await tab(jobId);
  await two.client.cancel(jobId);
  await rest();
  expect(statuses(one.seen).at(-1)).toBe('canceled');
});

test('a job that is gone is reported in the tab that watches it', async () => {
  const { jobId } = server.add({ file_id: 1 });
  await tab(server.add({ file_id: 2 }).jobId);
  const two = await tab(jobId);
  server.remove(jobId);
  server.refuse({ status: 404, match: /subscribe/, times: 2 });
  server.cutStreams();
  await pass(30_000);
  expect(two.seen.at(-1)?.error).toMatchObject({ code: 'JOB_NOT_FOUND' });
});

test('tabs of different names, and a client that does not share, are by themselves', async () => {
  const { jobId } = server.add({ file_id: 1 });
  await tab(jobId, { tabs: 'alice' });
  await tab(jobId, { tabs: 'bob' });
  await tab(jobId, { tabs: false });
  expect(server.streams).toBe(3);
});

test('tabs with tokens share only under a name: they may be of different users', async () => {
  const { jobId } = server.add({ file_id: 1 });
  const getToken = () => 'token';
  await tab(jobId, { getToken });
  await tab(jobId, { getToken });
  expect(server.streams).toBe(2);
  await tab(jobId, { getToken, tabs: 'alice' });
  await tab(jobId, { getToken, tabs: 'alice' });
  expect(server.streams).toBe(3);
});
