// Programs of a shard that is not the first: the same service, with its number in ids and keys.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { Follower } from './lib/follower.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const SHARD = 37;
const PREFIX = '15'; // 37 in base32
let stack, client;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, gateways: 2 }, { LONGHAUL_SHARD: String(SHARD) });
  client = new Client(stack.url());
});
after(() => stack?.destroy());

const submit = (simulate, headers) => client.submit({ file_id: 1, userId: 'u1', options: { simulate } }, headers);

test('jobs run, are listed, followed, canceled, retried and removed', async () => {
  const follower = new Follower(() => `${client.api}/subscribe?userId=u1`);
  await until('begun', () => follower.lastId);
  const jobId = await submit({ durationMs: 200, size: 10 }, { 'idempotency-key': 'a' });
  assert.ok(jobId.startsWith(PREFIX), jobId);
  assert.equal(await submit({ durationMs: 200, size: 10 }, { 'idempotency-key': 'a' }), jobId);
  const { result } = await client.completed(jobId);
  assert.equal((await call(client.link(result.url))).status, 200);
  const long = await submit({ durationMs: 60_000 });
  await client.running(long);
  await client.cancel(long);
  await client.until(long, 'canceled', (job) => job.status === 'canceled');
  assert.equal((await call(`${client.api}/retry/${long}`, { method: 'POST' })).status, 202);
  await client.running(long);
  for (const gateway of [1, 2]) {
    const { json } = await call(`${stack.url(gateway)}/v1/download/jobs?userId=u1`);
    assert.deepEqual(json.jobs.map((job) => job.jobId), [long, jobId]);
  }
  await client.cancel(long);
  await follower.saw(jobId, 'completed');
  await until('canceled twice', () => follower.statusesOf(long).filter((status) => status === 'canceled').length === 2);
  await follower.stop();
  for (const id of [jobId, long]) follower.assertExact(id, await stack.record(id), { whole: true });
  assert.equal((await call(`${client.api}/${jobId}`, { method: 'DELETE' })).status, 204);
});

test('every key of the queue is of the shard', async () => {
  const keys = (await stack.redis('keys', 'lh:*')).split('\n');
  assert.ok(keys.length > 1);
  assert.deepEqual(keys.filter((key) => !key.startsWith(`lh:{${SHARD}}:`) && !key.startsWith('lh:ticket:')), []);
});
