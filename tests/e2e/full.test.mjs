// No room: a full Redis refuses new jobs while running ones end; a full store fails the jobs that need
// room, and only those.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';

const refused = (reply) => {
  assert.deepEqual([reply.status, reply.json?.code], [503, 'UNAVAILABLE'], reply.text);
  assert.ok(Number(reply.headers['retry-after']) >= 1);
};

describe('Redis is full', () => {
  let stack, client;
  before(async () => {
    stack = await Stack.start({ 'allow-simulate': true });
    client = new Client(stack.url());
  });
  after(() => stack?.destroy());

  test('503 for new jobs and retries; what was accepted ends; then as before', async () => {
    const failed = await client.simulate({ failAttempts: 1, errorCode: 'SOURCE_NOT_FOUND' });
    await client.terminal(failed);
    const running = await client.simulate({ durationMs: 3000, progressMs: 250, size: 1000 });
    const marked = await client.simulate({ durationMs: 60_000 });
    const waiting = await client.simulate({}, { delaySeconds: 600 });
    await client.running(running);
    await client.running(marked);
    await stack.redis('config', 'set', 'maxmemory', '1');
    try {
      refused(await client.initiate({ file_id: 1, options: { simulate: {} } }, { 'idempotency-key': 'full' }));
      refused(await call(`${client.api}/retry/${failed}`, { method: 'POST' }));
      assert.equal((await client.cancel(waiting)).json.status, 'canceled');
      assert.equal((await client.cancel(marked)).status, 202);
      await client.until(marked, 'canceled', (job) => job.status === 'canceled');
      const job = await client.completed(running);
      assert.equal((await call(client.link(job.result.url))).bytes.length, 1000);
      assert.equal((await call(`${client.api}/${waiting}`, { method: 'DELETE' })).status, 204);
    } finally {
      await stack.redis('config', 'set', 'maxmemory', '0');
    }
    await client.completed(await client.submit({ file_id: 1, options: { simulate: {} } }, { 'idempotency-key': 'full' }));
  });
});

// A mount namespace of its own needs privileges, and leaves nothing behind.
const PRIVATE = ['unshare', '--mount', '--propagation', 'private'];
function mayMount() {
  try {
    execFileSync(PRIVATE[0], [...PRIVATE.slice(1), 'mount', '-t', 'tmpfs', 'none', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('the store is full', { skip: mayMount() ? false : 'needs the right to mount a tmpfs' }, () => {
  const SIZE = 600_000; // of a store of 1 MiB
  let stack, client;
  before(async () => {
    const mount = 'mkdir -p "$0/store" && mount -t tmpfs -o size=1m,mode=700 none "$0/store" && exec "$@"';
    stack = await Stack.start({ 'allow-simulate': true, slots: 1 }, {}, (data) => [...PRIVATE, 'sh', '-c', mount, data]);
    client = new Client(stack.url());
  });
  after(() => stack?.destroy());

  // As the worker sees it.
  const files = async (folder) => readdirSync(`/proc/${await stack.pid('worker-1')}/root${stack.store()}/${folder}`)
    .filter((name) => !name.endsWith('.lock'));
  const job = (size, options = {}) => client.simulate({ size }, options);

  test('a job that does not fit fails STORE_UNAVAILABLE and leaves nothing; others go on', async () => {
    const first = await client.completed(await job(SIZE));
    const lost = await client.terminal(await job(SIZE, { maxAttempts: 1 }));
    assert.deepEqual([lost.status, lost.error.code, lost.error.retryable], ['failed', 'STORE_UNAVAILABLE', true]);
    await client.completed(await job(0));
    await client.completed(await job(1000));
    assert.deepEqual(await files('tmp'), []);
    assert.equal((await files('objects')).length, 2);
    assert.equal((await call(client.link(first.result.url))).bytes.length, SIZE);
  });

  test('it is tried again, and completes when there is room', { timeout: 60_000 }, async () => {
    const keeper = (await files('objects'))[0].split('.')[0];
    const other = (await files('objects'))[1].split('.')[0];
    const jobId = await job(SIZE, { maxAttempts: 10 });
    await client.until(jobId, 'waits for its next attempt', (one) => one.nextAttemptAt !== undefined);
    for (const old of [keeper, other]) {
      assert.equal((await call(`${client.api}/${old}`, { method: 'DELETE' })).status, 204);
    }
    const done = await client.completed(jobId, 50_000);
    assert.ok(done.attempts >= 1);
    assert.equal((await call(client.link(done.result.url))).bytes.length, SIZE);
  });
});
