// Streams of many jobs while parts of the stack die: two gateways, two brokers, two workers.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { Follower } from './lib/follower.mjs';
import { Stack } from './lib/stack.mjs';
import { pause, until } from './lib/wait.mjs';

const LONG_MS = 90_000;
const JOBS = 24;
let stack, clients, names = 0;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, gateways: 2, brokers: 2, workers: 2, slots: 32, 'gateway-threads': 1 });
  clients = [1, 2].map((gateway) => new Client(stack.url(gateway)));
});
after(() => stack?.destroy());

// Follows at one gateway after the other, as through a proxy.
let turn = 0;
const nextApi = () => clients[turn++ % 2].api;
const followList = (ids) => new Follower(() => `${nextApi()}/subscribe?${ids.map((id) => `jobId=${id}`).join('&')}`);
const followUser = (user, options) => new Follower(() => `${nextApi()}/subscribe?userId=${user}`, options);

// A job that is asked for until it is accepted; a key makes that safe.
async function submit(i, user, simulate) {
  const key = { 'idempotency-key': `${user}-${i}` };
  return until('accepted', async () => {
    const { status, json } = await clients[i % 2].initiate({ file_id: 1, userId: user, options: { simulate } }, key).catch(() => ({}));
    return status === 202 && json.jobId;
  }, LONG_MS);
}

const work = (i) => ({ durationMs: 500 + (i % 8) * 400, progressMs: 100, size: 1000, failAttempts: i % 6 === 0 ? 1 : 0, errorCode: 'WORKER_LOST' });

// Jobs one after the other while `disturb` happens; list and user streams see each change once.
async function disturbed(disturb) {
  const user = `user-${names++}`;
  const follower = followUser(user);
  await until('begun', () => follower.lastId, LONG_MS);
  const early = await Promise.all(Array.from({ length: JOBS / 2 }, (_, i) => submit(i, user, work(i))));
  const list = followList(early);
  const disturbing = disturb();
  const late = [];
  for (let i = JOBS / 2; i < JOBS; i++) {
    late.push(submit(i, user, work(i)));
    await pause(50);
  }
  await disturbing;
  const ids = [...early, ...await Promise.all(late)];
  for (const jobId of ids) await follower.saw(jobId, 'completed', LONG_MS);
  await list.done;
  await follower.stop();
  for (const jobId of early) list.assertExact(jobId, await stack.record(jobId));
  for (const jobId of ids) follower.assertExact(jobId, await stack.record(jobId), { whole: true });
  return { list, follower };
}

test('nothing dies: events cross gateways and brokers', () => disturbed(async () => {}));

test('a gateway is stopped (SIGTERM) and one is killed', async () => {
  const { list, follower } = await disturbed(async () => {
    for (const [name, signal] of [['gateway-1', 'SIGTERM'], ['gateway-2', 'SIGKILL']]) {
      const old = await stack.signal(name, signal);
      await until(`successor of ${name}`, async () => (await stack.pid(name)) !== old);
      await stack.awaitReady(Number(name.at(-1)));
    }
  });
  assert.ok(list.connections + follower.connections > 2);
});

test('a broker is killed', async () => {
  await disturbed(() => stack.killAndAwaitSuccessor('broker-1'));
});

test('Redis is killed', async () => {
  await disturbed(() => stack.killAndAwaitSuccessor('redis'));
});

test('a worker is killed', async () => {
  await disturbed(() => stack.killAndAwaitSuccessor('worker-1'));
});
