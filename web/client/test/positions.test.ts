// The place in the queue stays true, though no event tells of it.
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import type { Job } from '../src/index.js';
import { setUp } from './support/setup.js';
import { pass, rest, useOwnTime } from './support/time.js';

useOwnTime();

// It is loaded when it is first needed: more turns of the loop than timers know of.
beforeAll(() => import('../src/page.js'));
beforeEach(() => {
  vi.stubGlobal('document', { hidden: false });
  vi.stubGlobal('addEventListener', () => {});
});

const EVERY_MS = 10_000;
const places = (seen: { job?: Job | undefined }[]) => seen.map(({ job }) => job?.status === 'queued' && job.queuePosition);

test('a job that runs, one that waits for its time, and a page that nobody sees: nothing is asked', async () => {
  const { server, watched, asked } = setUp({ tabs: false });
  watched(server.add({ file_id: 1 }, { status: 'running', stage: 'fetching' }).jobId);
  watched(server.add({ file_id: 2 }, { nextAttemptAt: Date.now() / 1000 + 600 }).jobId);
  await pass(9 * EVERY_MS);
  expect(asked('status')).toHaveLength(2);
  vi.stubGlobal('document', { hidden: true });
  watched(server.add({ file_id: 3 }).jobId);
  await pass(9 * EVERY_MS);
  expect(asked('status')).toHaveLength(3);
});

test.each([
  ['fast: the time has come, and its place is asked for', -300_000, -60, 2],
  ['fast: the time is yet to come', -300_000, 60, 1],
  ['slow: the time has come, and its place is asked for', 300_000, -60, 2],
  ['slow: the time is yet to come', 300_000, 60, 1],
])('a job that waits for its time, on a clock five minutes %s', async (_, clockAheadMs, seconds, questions) => {
  const { server, watched, asked } = setUp({ tabs: false, server: { clockAheadMs } });
  watched(server.add({ file_id: 1 }, { nextAttemptAt: (Date.now() + clockAheadMs) / 1000 + seconds }).jobId);
  await pass(EVERY_MS + 1000);
  expect(asked('status')).toHaveLength(questions);
});

test('a queued job is asked for every 10 s while the stream lives, and its new place is shown', async () => {
  const { server, client, watched, asked } = setUp({ tabs: false });
  const { jobId } = server.add({ file_id: 1 }, { queuePosition: 4 });
  const seen = watched(jobId);
  await rest();
  expect(client.connection().state).toBe('live');
  server.move(jobId, 2);
  await pass(EVERY_MS);
  server.move(jobId, 1);
  await pass(EVERY_MS);
  expect(places(seen)).toEqual([4, 2, 1]);
  expect(asked('status')).toHaveLength(3);
  expect(asked('subscribe')).toHaveLength(1);
  server.run(jobId);
  await pass(9 * EVERY_MS);
  expect(asked('status')).toHaveLength(3);
});

test('where jobs are asked for anyway, the place comes along', async () => {
  const { server, watched } = setUp({ tabs: false, transport: 'poll' });
  const { jobId } = server.add({ file_id: 1 }, { queuePosition: 4 });
  const seen = watched(jobId);
  await rest();
  server.move(jobId, 2);
  await pass(2000);
  expect(places(seen)).toEqual([4, 2]);
});

test('of many jobs ten are asked for at a time, each in its turn', async () => {
  const { server, watched, asked } = setUp({ tabs: false });
  for (let id = 1; id <= 15; id++) watched(server.add({ file_id: id }).jobId);
  await rest();
  expect(asked('status')).toHaveLength(15);
  const rounds = [];
  for (let round = 0; round < 3; round++) {
    const before = asked('status').length;
    await pass(EVERY_MS);
    rounds.push(asked('status').slice(before));
  }
  expect(Math.max(...rounds.map((round) => round.length))).toBeLessThanOrEqual(10);
  expect(new Set(rounds.flat()).size).toBe(15);
});

test('a program is told by its stream alone', async () => {
  vi.stubGlobal('document', undefined);
  const { server, watched, asked } = setUp();
  watched(server.add({ file_id: 1 }).jobId);
  await pass(4 * EVERY_MS);
  expect(asked('status')).toHaveLength(1);
});

test('a refusal is not shown, and waited for', async () => {
  const { server, client, watched, asked } = setUp({ tabs: false });
  const { jobId } = server.add({ file_id: 1 });
  watched(jobId);
  await rest();
  server.refuse({ status: 429, code: 'RATE_LIMITED', match: /status/, retryAfterSeconds: 40 });
  await pass(EVERY_MS);
  expect(asked('status')).toHaveLength(2);
  expect(client.snapshot(jobId).error).toBeUndefined();
  await pass(3 * EVERY_MS);
  expect(asked('status')).toHaveLength(2);
  await pass(EVERY_MS + 2000); // pages do not come back in one instant
  expect(asked('status')).toHaveLength(3);
});

test('a refusal for longer than a timer can is waited for as long as any other', async () => {
  const { server, watched, asked } = setUp({ tabs: false });
  watched(server.add({ file_id: 1 }).jobId);
  await rest();
  server.refuse({ status: 429, code: 'RATE_LIMITED', match: /status/, retryAfterSeconds: 5_000_000 }); // over 2^31 ms
  await pass(EVERY_MS);
  expect(asked('status')).toHaveLength(2);
  for (let i = 0; i < 29; i++) {
    await pass(EVERY_MS);
    server.heartbeat();
  }
  expect(asked('status')).toHaveLength(2);
  await pass(EVERY_MS + 2000);
  expect(asked('status')).toHaveLength(3);
});
