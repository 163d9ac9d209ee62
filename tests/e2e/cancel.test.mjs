// Cancel: queued, running, waiting for a retry, and against completion.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Origin } from './lib/origin.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const CANCELED_WITHIN_MS = 2000;
let origin, stack, client;
before(async () => {
  origin = await Origin.start();
  stack = await Stack.start({
    catalog: `${origin.url}/f/{file_id}`, 'source-allow': '127.0.0.0/8', 'allow-simulate': true });
  client = new Client(stack.url());
});
after(async () => {
  await stack?.destroy();
  await origin?.stop();
});

async function cancelRunning(jobId) {
  await client.running(jobId);
  const asked = Date.now();
  const reply = await client.cancel(jobId);
  assert.equal(reply.status, 202, reply.text);
  assert.equal(reply.json.jobId, jobId);
  await client.until(jobId, 'canceled', (job) => job.status === 'canceled', CANCELED_WITHIN_MS);
  return Date.now() - asked;
}

test('a queued job is canceled at once, and again', async () => {
  const jobId = await client.simulate({}, { delaySeconds: 600 });
  const reply = await client.cancel(jobId);
  assert.equal(reply.status, 200);
  assert.equal(reply.json.status, 'canceled');
  const again = await client.cancel(jobId);
  assert.deepEqual([again.status, again.json.status], [200, 'canceled']);
});

test('a job that waits for its next attempt is queued: canceled at once', async () => {
  const jobId = await client.simulate({ failAttempts: 3, errorCode: 'SOURCE_UNREACHABLE' });
  await client.until(jobId, 'waiting', (job) => job.nextAttemptAt !== undefined);
  assert.equal((await client.cancel(jobId)).status, 200);
  assert.equal((await client.status(jobId)).json.status, 'canceled');
});

test('a running simulation is canceled within 2 s', async () => {
  const took = await cancelRunning(await client.simulate({ durationMs: 60_000 }));
  assert.ok(took <= CANCELED_WITHIN_MS, `${took} ms`);
});

test('a running transfer is canceled within 2 s, lets its source go and leaves no file', async () => {
  let closed = false;
  origin.on('/f/5', (_, response) => {
    response.writeHead(200, { 'content-length': 1 << 30 });
    response.write(Buffer.alloc(1 << 20));
    const timer = setInterval(() => response.write(Buffer.alloc(1 << 14)), 50);
    response.on('close', () => { clearInterval(timer); closed = true; });
  });
  const jobId = await client.submit({ file_id: 5 });
  await client.until(jobId, 'has bytes', (job) => job.bytesDone > 0);
  const took = await cancelRunning(jobId);
  assert.ok(took <= CANCELED_WITHIN_MS, `${took} ms`);
  await until('source let go', () => closed);
  assert.deepEqual((await stack.objects()).filter((name) => name.startsWith(jobId)), []);
});

test('a stalled transfer is canceled within 2 s', async () => {
  origin.stalling('/f/6', 1_000_000, 1000);
  const took = await cancelRunning(await client.submit({ file_id: 6 }));
  assert.ok(took <= CANCELED_WITHIN_MS, `${took} ms`);
});

test('completed and failed jobs are not canceled', async () => {
  const done = await client.simulate({});
  await client.completed(done);
  const reply = await client.cancel(done);
  assert.deepEqual([reply.status, reply.json.code], [409, 'ALREADY_TERMINAL']);
  const failed = await client.simulate({ failAttempts: 1, errorCode: 'SOURCE_FORBIDDEN' });
  await client.terminal(failed);
  assert.equal((await client.cancel(failed)).status, 409);
});

test('a canceled job can be retried, and then completes', async () => {
  const jobId = await client.simulate({ durationMs: 300 }, { delaySeconds: 600 });
  await client.cancel(jobId);
  const reply = await call(`${client.api}/retry/${jobId}`, { method: 'POST' });
  assert.equal(reply.status, 202);
  await client.completed(jobId);
});

test('cancel against completion: one of them wins, and what was said stays true', async () => {
  const jobs = await Promise.all(Array.from({ length: 30 }, (_, i) => client.simulate({ durationMs: i * 2 })));
  const replies = await Promise.all(jobs.map((jobId) => client.cancel(jobId)));
  for (const [i, reply] of replies.entries()) {
    const job = await client.terminal(jobs[i]);
    const expected = reply.status === 409 ? 'completed' : 'canceled';
    assert.equal(job.status, expected, `cancel said ${reply.status}, job is ${job.status}`);
    const { transitions } = await stack.record(jobs[i]);
    assert.equal(transitions.filter((entry) => 'cfx'.includes(entry.status)).length, 1);
  }
});

test('slots of canceled jobs are free again', async () => {
  const many = await Promise.all(Array.from({ length: 12 }, () => client.simulate({ durationMs: 60_000 })));
  await Promise.all(many.map((jobId) => client.cancel(jobId)));
  for (const jobId of many) {
    await client.until(jobId, 'canceled', (job) => job.status === 'canceled', CANCELED_WITHIN_MS);
  }
  await client.completed(await client.simulate({}));
});
