import { expect, test } from 'vitest';
import type { Job } from '../src/index.js';
import { setUp } from './support/setup.js';
import { pass, rest, useOwnTime } from './support/time.js';

useOwnTime();

async function collect(states: AsyncIterable<Job>): Promise<string[]> {
  const seen: string[] = [];
  for await (const job of states) seen.push(job.status);
  return seen;
}

test('watch: the states in order, up to the end', async () => {
  const { server, client } = setUp();
  const { jobId } = server.add({ file_id: 1 });
  const seen = collect(client.watch(jobId));
  await rest();
  server.run(jobId);
  await rest();
  server.fail(jobId);
  await rest();
  expect(await seen).toEqual(['queued', 'running', 'failed']);
  expect(server.streams).toBe(0);
});

test('watch: who leaves the loop closes the stream', async () => {
  const { server, client } = setUp();
  const { jobId } = server.add({ file_id: 1 });
  for await (const job of client.watch(jobId)) {
    expect(job.status).toBe('queued');
    break;
  }
  await rest();
  expect(server.streams).toBe(0);
});

test('watch: an abort ends it with its reason', async () => {
  const { server, client } = setUp();
  const { jobId } = server.add({ file_id: 1 });
  const controller = new AbortController();
  const seen = collect(client.watch(jobId, { signal: controller.signal }));
  await rest();
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(seen).rejects.toBe(reason);
  await rest();
  expect(server.streams).toBe(0);
});

test('watch: no such job throws; a lost connection does not', async () => {
  const { server, client } = setUp();
  await expect(collect(client.watch('nosuchjob'))).rejects.toMatchObject({ code: 'JOB_NOT_FOUND' });
  const { jobId } = server.add({ file_id: 1 });
  server.offline = true;
  const seen = collect(client.watch(jobId));
  await pass(20_000);
  server.offline = false;
  await pass(16_000);
  server.complete(jobId);
  await pass(61_000);
  expect(await seen).toEqual(['queued', 'completed']);
});

test('watch: what was heard between the call and the loop is shown', async () => {
  const { server, client } = setUp();
  const { jobId } = server.add({ file_id: 1 });
  server.complete(jobId);
  const states = client.watch(jobId);
  await client.status(jobId);
  expect(await collect(states)).toEqual(['completed']);
});

test('watch: no access ends it; the next one asks again', async () => {
  const { server, client } = setUp({ transport: 'poll' });
  const { jobId } = server.add({ file_id: 1 });
  await client.status(jobId);
  server.refuse({ status: 401, code: 'UNAUTHENTICATED', times: 2 });
  const refused = expect(collect(client.watch(jobId))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  await rest();
  await refused;
  // Still no access: its own fault, not the one of before.
  await expect(collect(client.watch(jobId))).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  expect(server.requests.filter(({ path }) => path.includes('status'))).toHaveLength(3);
  const seen = collect(client.watch(jobId));
  await rest();
  server.complete(jobId);
  await pass(2000);
  expect(await seen).toEqual(['queued', 'completed']);
});

test.each(['poll', 'sse'] as const)('wait: a bare 500 in between does not end it (%s)', async (transport) => {
  const { server, client } = setUp({ transport });
  const { jobId } = server.add({ file_id: 1 });
  const done = client.wait(jobId);
  await rest();
  server.refuse({ status: 500, code: 'BAD_REPLY', times: 2 });
  server.cutStreams();
  await pass(10_000);
  server.complete(jobId);
  await pass(20_000);
  expect((await done).status).toBe('completed');
});

test('a client that is closed: who watches, and who begins to, hears of it', async () => {
  const { server, client } = setUp();
  const { jobId } = server.add({ file_id: 1 });
  const seen = expect(collect(client.watch(jobId))).rejects.toMatchObject({ name: 'AbortError' });
  await rest();
  client.close();
  await seen;
  await expect(client.wait(jobId)).rejects.toMatchObject({ name: 'AbortError' });
});

test('wait: the job at its end', async () => {
  const { server, client } = setUp({ server: { durationMs: 30_000 } });
  const { jobId } = await client.initiate({ file_id: 1 });
  const done = client.wait(jobId, { timeoutMs: 60_000 });
  await pass(31_000);
  expect(await done).toMatchObject({ status: 'completed', result: { fileName: 'file-1' } });
  expect(server.streams).toBe(0);
});

test('wait: too long is an error, and the job goes on', async () => {
  const { server, client } = setUp();
  const { jobId } = server.add({ file_id: 1 });
  const done = client.wait(jobId, { timeoutMs: 5000 });
  const checked = expect(done).rejects.toMatchObject({ code: 'WAIT_TIMEOUT', retryable: true });
  await pass(5100);
  await checked;
  expect(server.job(jobId)?.status).toBe('queued');
  expect(server.streams).toBe(0);
});

test('wait: longer than any timer is no limit', async () => {
  const { server, client } = setUp();
  const { jobId } = server.add({ file_id: 1 });
  const ends = [Infinity, 2 ** 31].map((timeoutMs) => client.wait(jobId, { timeoutMs }));
  await rest();
  server.complete(jobId);
  await rest();
  expect((await Promise.all(ends)).map(({ status }) => status)).toEqual(['completed', 'completed']);
});

test.each(['subscribe', 'subscribeAll'] as const)('a listener of %s that throws harms nobody else, and is heard of', async (kind) => {
  const { server, client } = setUp();
  const { jobId } = server.add({ file_id: 1 });
  const throws = () => { throw new Error('mine'); };
  if (kind === 'subscribe') client.subscribe(jobId, throws);
  else client.subscribeAll(throws);
  const end = client.wait(jobId);
  await expect(rest()).rejects.toThrow('mine'); // with these timers, what nobody caught comes out of the wait for them
  await rest();
  expect(client.connection()).toEqual({ state: 'live' });
  server.complete(jobId);
  await expect(rest()).rejects.toThrow('mine');
  expect((await end).status).toBe('completed');
});
