// idle: waits nearly all of its time, so it may run beside others.
// A job of 100 s that reports nothing, watched through proxies that cut what is silent for 20 s: only
// the gateway's heartbeats keep its streams alive.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { FRONTS } from './lib/fronts.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const JOB_MS = 100_000;
const JOB_AND_MORE_MS = 150_000;
const HEARTBEATS_MIN = 5; // of 15 s each, in 100 s

// The time after which each proxy, as configured, cuts a silent stream.
const TIMEOUTS = {
  'nginx as in the original document': ['proxy_read_timeout 300s;', (s) => `proxy_read_timeout ${s}s;`],
  'nginx by default': ['location / {', (s) => `location / { proxy_read_timeout ${s}s;`],
  'nginx as recommended': ['proxy_read_timeout 300s;', (s) => `proxy_read_timeout ${s}s;`],
  'HAProxy as recommended': ['timeout server 30s', (s) => `timeout server ${s}s`],
};
const withTimeout = (name, seconds) => (text) => {
  const [from, to] = TIMEOUTS[name];
  assert.ok(text.includes(from), `${name}: ${from}`);
  return text.replaceAll(from, to(seconds)).replaceAll('timeout client 30s', `timeout client ${seconds}s`);
};

let stack, direct;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true });
  direct = new Client(stack.url());
});
after(() => stack?.destroy());

test('each proxy has a live stream for 100 s of silence', { timeout: JOB_AND_MORE_MS }, async (t) => {
  const jobId = await direct.simulate({ durationMs: JOB_MS, progressMs: JOB_MS }, { timeoutSeconds: 300 });
  await direct.running(jobId);
  await Promise.all(Object.keys(FRONTS).map(async (name) => {
    const front = await FRONTS[name]([stack.port], withTimeout(name, 20));
    t.after(() => front.destroy());
    const events = await new Client(front.url).events(jobId);
    assert.equal(events.status, 200, name);
    await events.finish(JOB_AND_MORE_MS);
    assert.equal(events.cut, false, name);
    const statuses = events.named('status').map((frame) => JSON.parse(frame.data).status);
    assert.deepEqual(statuses, ['running', 'completed'], name);
    const heartbeats = events.frames.filter((frame) => frame.comment !== undefined).length;
    assert.ok(heartbeats >= HEARTBEATS_MIN, `${name}: ${heartbeats} heartbeats`);
    assert.ok(events.named('progress').length <= 1, `${name}: it was silent`);
  }));
});

test('a proxy that cuts sooner than a heartbeat comes: the stream ends, and is resumed', async (t) => {
  const jobId = await direct.simulate({}, { delaySeconds: 600 });
  for (const name of Object.keys(FRONTS)) {
    const front = await FRONTS[name]([stack.port], withTimeout(name, 1));
    t.after(() => front.destroy());
    const client = new Client(front.url);
    const first = await client.events(jobId);
    await first.finish();
    assert.equal(first.frames.filter((frame) => frame.comment !== undefined).length, 0, name);
    const second = await client.events(jobId, { headers: { 'last-event-id': first.lastId } });
    assert.equal(second.status, 200);
    await second.finish();
    assert.equal(second.messages.length, 0, `${name}: nothing is sent twice`);
  }
  await direct.cancel(jobId);
  await until('no streams', async () => (await stack.metric('longhaul_gateway_streams')) === 0);
});
