// kill -9 of each part while jobs run: every accepted job completes, once.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const JOBS = 40;
const ARTIFACT_BYTES = 1000;
const ALL_DONE_MS = 90_000;

const HANG_MS = 5000; // long enough to be seen running, also by a busy machine

const body = (i, durationMs = 200 + 30 * i) => ({
  file_id: i + 1,
  options: { simulate: { durationMs, progressMs: 100, size: ARTIFACT_BYTES } },
});

// As a careful client: repeats with the same key until there is a 202.
async function submitSurely(clients, i, prefix, durationMs) {
  const headers = { 'idempotency-key': `${prefix}-${i}` };
  let tries = 0;
  const reply = await until(`job ${i} accepted`, async () => {
    const client = clients[tries++ % clients.length];
    const answer = await client.initiate(body(i, durationMs), headers);
    return answer.status === 202 && answer;
  }, ALL_DONE_MS);
  return reply.json.jobId;
}

// Everything that must be true of a job that was accepted, however many parts died meanwhile.
async function assertCompletedOnce(stack, client, jobId) {
  const job = await client.completed(jobId, ALL_DONE_MS);
  assert.equal(job.result.size, ARTIFACT_BYTES);
  assert.equal(job.attempts, 0, 'what is not the job\'s fault is not charged');
  const record = await stack.record(jobId);
  const { transitions } = record;
  assert.equal(transitions.filter((entry) => entry.status === 'c').length, 1, record.log);
  assert.equal(transitions.at(-1).status, 'c', record.log);
  assert.equal(transitions[0].status, 'q', record.log);
  for (let i = 1; i < transitions.length; i++) {
    assert.ok(transitions[i].version > transitions[i - 1].version, record.log);
    const allowed = { q: 'r', r: 'qc' }[transitions[i - 1].status] ?? '';
    assert.ok(allowed.includes(transitions[i].status), record.log);
  }
  assert.equal(Number(record.version), transitions.at(-1).version);
  assert.equal(Number.parseInt(record.run, 10), transitions.filter((entry) => entry.status === 'r').length);
  const file = await call(client.link(job.result.url));
  assert.deepEqual([file.status, file.bytes.length], [200, ARTIFACT_BYTES]);
  return record.artifactKey;
}

async function assertQueuesEmpty(stack) {
  for (const key of ['ready', 'delayed', 'lease', 'parked']) {
    assert.equal(await stack.redis('zcard', `lh:{0}:${key}`), '0', key);
  }
}

// Submits 40 jobs, kills `victim` while some of them run, and checks every one.
async function survive(stack, clients, victim) {
  const prefix = `${victim}-${Date.now()}`;
  const submitted = Array.from({ length: JOBS }, (_, i) => submitSurely(clients, i, prefix));
  await until('some jobs run', async () => Number(await stack.redis('zcard', 'lh:{0}:lease')) >= 4);
  await stack.killAndAwaitSuccessor(victim);
  const jobs = await Promise.all(submitted);
  assert.equal(new Set(jobs).size, JOBS);
  await stack.awaitReady();
  const keys = new Set();
  for (const jobId of jobs) keys.add(await assertCompletedOnce(stack, clients[0], jobId));
  assert.equal(keys.size, JOBS);
  await assertQueuesEmpty(stack);
  return jobs;
}

describe('one of each', () => {
  let stack, clients;
  before(async () => {
    stack = await Stack.start({ 'allow-simulate': true });
    clients = [new Client(stack.url())];
  });
  after(() => stack?.destroy());

  for (const victim of ['worker-1', 'broker-1', 'gateway-1', 'redis']) {
    test(`kill -9 of ${victim}`, { timeout: 2 * ALL_DONE_MS }, () => survive(stack, clients, victim));
  }
});

describe('two of each', () => {
  let stack, clients;
  before(async () => {
    stack = await Stack.start({ 'allow-simulate': true, brokers: 2, workers: 2, gateways: 2, slots: 4 });
    clients = [new Client(stack.url(1)), new Client(stack.url(2))];
  });
  after(() => stack?.destroy());

  for (const victim of ['worker-2', 'broker-1', 'broker-2', 'gateway-1']) {
    test(`kill -9 of ${victim}`, { timeout: 2 * ALL_DONE_MS }, () => survive(stack, clients, victim));
  }

  test('a job is seen alike through both gateways, and its stream through either', async () => {
    const jobId = await clients[0].simulate({ durationMs: 700, progressMs: 100 });
    const streams = await Promise.all(clients.map((client) => client.events(jobId)));
    await Promise.all(streams.map((events) => events.finish()));
    for (const events of streams) assert.equal(events.named('result').length, 1);
    const [a, b] = await Promise.all(clients.map((client) => client.status(jobId)));
    assert.deepEqual(a.json, b.json);
    assert.equal(a.headers.etag, b.headers.etag);
  });

  test('one key, 64 racing requests over two gateways: one job', async () => {
    const before = Number(await stack.redis('zcard', 'lh:{0}:index'));
    const key = { 'idempotency-key': 'race-two' };
    const replies = await Promise.all(Array.from({ length: 64 }, (_, i) => clients[i % 2].initiate(body(0), key)));
    const ids = new Set(replies.filter((r) => r.status === 202).map((r) => r.json.jobId));
    assert.equal(ids.size, 1);
    assert.ok(replies.every((reply) => [202, 409].includes(reply.status)));
    assert.equal(Number(await stack.redis('zcard', 'lh:{0}:index')), before + 1);
  });

  test('a worker that hangs and comes back completes nothing twice', { timeout: 120_000 }, async () => {
    const jobs = await Promise.all(Array.from({ length: 6 }, (_, i) => submitSurely(clients, i, 'hang', HANG_MS)));
    await until('worker-1 has one', async () => {
      const records = await Promise.all(jobs.map((jobId) => stack.record(jobId)));
      return records.some((record) => record.status === 'running' && record.run.endsWith(':worker-1'));
    });
    const pid = await stack.signal('worker-1', 'SIGSTOP');
    try {
      for (const jobId of jobs) await clients[0].completed(jobId, 60_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    for (const jobId of jobs) await assertCompletedOnce(stack, clients[0], jobId);
    await until('its leftovers are gone', async () => (
      (await stack.objects()).filter((name) => jobs.includes(name.split('.')[0])).length === jobs.length));
  });
});
