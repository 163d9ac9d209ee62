// Workers that die: the job that they die of ends, and what they had stored without saying so is deleted.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const PATIENCE_MS = 90_000; // leases of 20 s, extended once when brokers were slow to come back
let stack, client;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true });
  client = new Client(stack.url());
});
after(() => stack?.destroy());

// The attempt with this fence runs, and its worker has said so.
const seen = (jobId, fence) => until(`attempt ${fence} of ${jobId} is seen`, async () => (
  new RegExp(`^${fence}:\\d+:1:`).test((await stack.record(jobId)).run)), PATIENCE_MS);

test('a job that three workers were lost with fails WORKER_LOST, uncharged, and may be retried',
  { timeout: 3 * PATIENCE_MS }, async () => {
    const jobId = await client.simulate({ durationMs: 120_000, progressMs: 250 });
    for (let fence = 1; fence <= 3; fence++) {
      await seen(jobId, fence);
      await stack.killAndAwaitSuccessor('worker-1');
    }
    const job = await client.terminal(jobId, PATIENCE_MS);
    assert.deepEqual([job.status, job.error.code, job.error.retryable, job.attempts], ['failed', 'WORKER_LOST', true, 0]);
    const { transitions } = await stack.record(jobId);
    assert.deepEqual(transitions.map((entry) => entry.status).join(''), 'qrqrqrf');
    assert.deepEqual(transitions.filter((entry) => entry.error).map((entry) => entry.error),
      ['WORKER_LOST', 'WORKER_LOST', 'WORKER_LOST']);
    assert.equal((await call(`${client.api}/retry/${jobId}`, { method: 'POST' })).status, 202);
    await seen(jobId, 4);
    assert.equal((await client.status(jobId)).json.error, undefined);
    await client.cancel(jobId);
    await client.terminal(jobId);
  });

test('what was stored, but never recorded, is deleted: after the next attempt, and after a cancel',
  { timeout: 3 * PATIENCE_MS }, async () => {
    const [again, canceled] = await Promise.all([0, 1].map(() => client.simulate({ durationMs: 9000, size: 1000 })));
    for (const jobId of [again, canceled]) await seen(jobId, 1);
    const broker = await stack.signal('broker-1', 'SIGSTOP'); // hears of no result any more
    for (const jobId of [again, canceled]) {
      await until('it is stored', async () => (await stack.objects()).includes(`${jobId}.1`), PATIENCE_MS);
    }
    await stack.killAndAwaitSuccessor('worker-1');
    process.kill(broker, 'SIGKILL');
    await until('another broker', async () => (await stack.pid('broker-1')) !== broker);
    await stack.awaitReady();
    for (const jobId of [again, canceled]) {
      assert.equal((await stack.record(jobId)).status, 'running', 'nobody recorded its end');
    }
    assert.equal((await client.cancel(canceled)).status, 202);
    await client.until(canceled, 'canceled', (job) => job.status === 'canceled', PATIENCE_MS);
    const job = await client.completed(again, PATIENCE_MS);
    assert.equal((await call(client.link(job.result.url))).bytes.length, 1000);
    const { artifactKey } = await stack.record(again);
    assert.notEqual(artifactKey, `${again}.1`);
    await until('only what a record names is left', async () => (
      (await stack.objects()).join() === artifactKey), PATIENCE_MS);
    await until('nothing is left to delete', async () => await stack.redis('zcard', 'lh:{0}:garbage') === '0');
  });
