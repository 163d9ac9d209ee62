// A record that is not what a broker writes: who follows it is told once, in a way that stops an
// EventSource, and who follows others beside it gets those.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { Follower } from './lib/follower.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

let stack, client;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, 'gateway-threads': 1 });
  client = new Client(stack.url());
});
after(() => stack?.destroy());

// Ended, with a name that no record can have.
const damage = (jobId) => stack.redis('hset', `download:job:${jobId}`, 'status', 'completed', 'version', '2', 'fileName', 'x'.repeat(300));
const waiting = () => client.simulate({}, { delaySeconds: 600 });
const listOf = (ids) => `${client.api}/subscribe?${ids.map((id) => `jobId=${id}`).join('&')}`;

function assertInternal(reply) {
  assert.equal(reply.status, 500);
  assert.equal(reply.json.code, 'INTERNAL');
}

test('its status and its stream are 500', async () => {
  const jobId = await waiting();
  await damage(jobId);
  assertInternal(await client.status(jobId));
  assertInternal(await call(`${client.api}/subscribe/${jobId}`));
  assertInternal(await call(`${client.api}/subscribe/${jobId}`, { headers: { 'last-event-id': '2' } }));
});

test('a stream that follows it ends, and whoever comes back gets 500', async () => {
  const jobId = await waiting();
  const events = await client.events(jobId);
  await events.message('its state', (job) => job.status === 'queued');
  await damage(jobId);
  await events.finish();
  assert.equal(events.cut, false);
  assertInternal(await call(`${client.api}/subscribe/${jobId}`, { headers: { 'last-event-id': events.lastId } }));
});

test('a list tells of the others, ends with them, and then is 204', async () => {
  const [damaged, whole] = [await waiting(), await waiting()];
  const follower = new Follower(() => listOf([damaged, whole]));
  await follower.saw(damaged, 'queued');
  await follower.saw(whole, 'queued');
  await damage(damaged);
  await until('the gateway has seen it', async () => (await stack.log('gateway-1')).includes(`record.damaged","detail":"${damaged}`));
  await client.cancel(whole);
  await follower.done;
  assert.deepEqual(follower.statusesOf(damaged), ['queued']);
  assert.deepEqual(follower.statusesOf(whole), ['queued', 'canceled']);
  assert.equal(follower.statuses.at(-1), 204);
});
