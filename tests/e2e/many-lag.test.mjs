// Streams that come back at a gateway which has not heard of what they saw at another one: changes
// are made in Redis by the brokers' own functions, so that no broker tells of them.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { Events } from './lib/sse.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const DAY_MS = 86_400_000;
let stack, quick, slow; // the gateway that reads the record, the one that knows an old one
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, gateways: 2, 'gateway-threads': 1 });
  [quick, slow] = [1, 2].map((gateway) => new Client(stack.url(gateway)));
});
after(() => stack?.destroy());

const cancelUnheard = (jobId) => stack.redis('fcall', 'lh_cancel', '1', 'lh:{0}:', '0', String(DAY_MS), jobId);
const retryUnheard = (jobId) => stack.redis('fcall', 'lh_retry', '1', 'lh:{0}:', '0', '0', jobId, '');
const listOf = (client, ids) => `${client.api}/subscribe?${ids.map((id) => `jobId=${id}`).join('&')}`;
const changes = (events, jobId) => events.named('status').map((frame) => JSON.parse(frame.data))
  .filter((job) => job.jobId === jobId).map((job) => job.version);

// A job that waits, and a stream of it at the slow gateway, which so has its first version.
async function known(t) {
  const jobId = await quick.simulate({ durationMs: 60_000 }, { delaySeconds: 600 });
  const events = await slow.events(jobId);
  t.after(() => events.close());
  await events.message('the first version', (job) => job.version === 1);
  return jobId;
}

// From now on no broker says anything, until the test lets it.
async function silence(t) {
  await stack.signal('broker-1', 'SIGSTOP');
  const end = () => stack.signal('broker-1', 'SIGCONT');
  t.after(end);
  return end;
}

test('a stream that has seen the end elsewhere gets 204', async (t) => {
  const jobId = await known(t);
  await silence(t);
  await cancelUnheard(jobId);
  const back = await slow.events(jobId, { headers: { 'last-event-id': '2' } });
  back.close();
  assert.equal(back.status, 204);
});

test('a stream that has seen more elsewhere gets what is newer, and no old state', async (t) => {
  const jobId = await known(t);
  const speak = await silence(t);
  await cancelUnheard(jobId);
  await retryUnheard(jobId);
  const back = await slow.events(jobId, { headers: { 'last-event-id': '2' } });
  await until('a change', () => back.messages.length > 0);
  await speak();
  await back.message('running', (job) => job.status === 'running');
  assert.deepEqual(changes(back, jobId), [3, 4]);
  await quick.cancel(jobId);
  await back.finish();
});

test('a list likewise', async (t) => {
  const ids = [await known(t), await known(t)].sort();
  const [first, other] = ids;
  const before = await Events.open(listOf(slow, ids));
  await until('both', () => ids.every((id) => changes(before, id).length === 1));
  before.close();
  assert.match(before.lastId, /11$/, 'the versions, in the order of the ids');
  const speak = await silence(t);
  await cancelUnheard(first);
  const back = await Events.open(listOf(slow, ids), { 'last-event-id': before.lastId.replace(/11$/, '21') });
  await speak();
  assert.equal(back.status, 200);
  await quick.cancel(other);
  await back.finish();
  assert.deepEqual(changes(back, first), []);
  assert.deepEqual(changes(back, other), [2]);
  const again = await Events.open(listOf(slow, ids), { 'last-event-id': back.lastId });
  again.close();
  assert.equal(again.status, 204);
});

test('an id of the future is read after, and gets the full state', async (t) => {
  const jobId = await known(t);
  const before = await stack.metric('longhaul_gateway_record_reads_total', 2);
  const events = await slow.events(jobId, { headers: { 'last-event-id': '999999' } });
  await events.message('the present state', (job) => job.version === 1);
  events.close();
  const reads = await stack.metric('longhaul_gateway_record_reads_total', 2) - before;
  assert.ok(reads >= 1, `${reads} reads`);
});

test('with Redis away the stream begins, and tells what is newer once Redis is back', async (t) => {
  const jobId = await known(t);
  await cancelUnheard(jobId);
  await stack.signal('redis', 'SIGSTOP');
  t.after(() => stack.signal('redis', 'SIGCONT'));
  const back = await slow.events(jobId, { headers: { 'last-event-id': '2' } });
  assert.equal(back.status, 200);
  await stack.signal('redis', 'SIGCONT');
  await back.finish();
  assert.equal(back.messages.length, 0);
});
