// The client package against real programs, with everything between them that goes wrong.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { digest } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { UnrulyProxy } from './lib/unruly-proxy.mjs';
import { until, within } from './lib/wait.mjs';
import { loadClient } from './lib/web-client.mjs';

let stack, package_, proxy, client;
before(async () => {
  package_ = await loadClient();
  stack = await Stack.start({ 'allow-simulate': true });
});
after(() => stack?.destroy());
afterEach(disconnect);

async function disconnect() {
  client?.close();
  await proxy?.close();
  client = proxy = undefined;
}

async function connect(options = {}) {
  proxy = await UnrulyProxy.start(stack.url());
  client = package_.createDownloadClient({ baseUrl: proxy.url, ...options });
}

const simulate = (durationMs, more = {}) => (
  client.initiate({ file_id: 1, options: { simulate: { durationMs, progressMs: 50, ...more } } }));

// All states of a job up to its end, which comes within the test's time.
function follow(jobId) {
  const seen = [];
  const end = (async () => {
    for await (const job of client.watch(jobId)) seen.push(job);
    return seen;
  })();
  return { seen, end: within(`end of ${jobId}`, end, 60_000) };
}

function assertInOrder(seen) {
  for (let i = 1; i < seen.length; i++) {
    const [before_, now] = [seen[i - 1], seen[i]];
    assert.ok(now.version >= before_.version, `versions: ${seen.map((job) => job.version)}`);
  }
}

test('a list of several states', async () => {
  await connect();
  const { jobId } = await client.initiate({ file_id: 1, userId: 'lister', options: { delaySeconds: 600, simulate: {} } });
  const { jobs } = await client.list({ userId: 'lister', status: ['queued', 'running'], limit: 5 });
  assert.deepEqual(jobs.map((job) => job.jobId), [jobId]);
  assert.deepEqual((await client.list({ userId: 'lister', status: 'completed' })).jobs, []);
  await client.cancel(jobId);
});

test('a job from request to file', async () => {
  await connect();
  const { jobId, status } = await simulate(600, { size: 1000 });
  assert.equal(status, 'queued');
  const seen = await follow(jobId).end;
  assertInOrder(seen);
  assert.equal(seen.at(-1).status, 'completed');
  assert.ok(seen.some((job) => job.status === 'running' && job.progress > 0));
  const link = await client.link(jobId);
  assert.ok(link.url.startsWith(`${proxy.url}/v1/download/files/`), link.url);
  const file = await digest(link.url);
  assert.deepEqual([file.status, file.size, file.sha256], [200, 1000, link.sha256]);
  const streams = proxy.asked(/GET .*\/subscribe/).map(({ url }) => url);
  assert.equal(streams.length, 1, streams.join());
});

test('wait gives a failed job as it is; retry and cancel', async () => {
  await connect();
  const { jobId } = await client.initiate({
    file_id: 1, options: { maxAttempts: 1, simulate: { durationMs: 50, failAttempts: 1, errorCode: 'SOURCE_FORBIDDEN' } },
  });
  const failed = await client.wait(jobId, { timeoutMs: 30_000 });
  assert.equal(failed.status, 'failed');
  assert.equal(failed.error.code, 'SOURCE_FORBIDDEN');
  await client.retry(jobId);
  assert.equal((await client.wait(jobId, { timeoutMs: 30_000 })).status, 'completed');
  await assert.rejects(client.cancel(jobId), { code: 'ALREADY_TERMINAL', status: 409, retryable: false });
  const other = await simulate(60_000);
  await client.cancel(other.jobId);
  assert.equal((await client.wait(other.jobId, { timeoutMs: 30_000 })).status, 'canceled');
});

test('a stream that is cut again and again: nothing goes back, and the end comes', async () => {
  await connect();
  const { jobId } = await simulate(12_000);
  const { seen, end } = follow(jobId);
  for (let cuts = 1; cuts <= 3; cuts++) {
    await until('another stream', () => proxy.asked(/subscribe/).length >= cuts && proxy.streams.size === 1);
    const count = seen.length;
    await until('news on it', () => seen.length > count + 2);
    proxy.cut();
  }
  await end;
  assertInOrder(seen);
  assert.equal(seen.at(-1).status, 'completed');
  const resumed = proxy.asked(/subscribe/).slice(1);
  assert.ok(resumed.length > 0);
  for (const { headers } of resumed) assert.match(headers['last-event-id'] ?? '', /^\d+$/);
});

test('the gateway is killed in the middle: the client finds the next one', async () => {
  await connect();
  const { jobId } = await simulate(6000);
  const { seen, end } = follow(jobId);
  await until('running', () => seen.at(-1)?.status === 'running');
  await stack.killAndAwaitSuccessor('gateway-1');
  await end;
  assertInOrder(seen);
  assert.equal(seen.at(-1).status, 'completed');
});

test('an initiate whose answers are lost makes one job', async () => {
  await connect();
  const lost = proxy.forward.bind(proxy);
  let count = 0;
  proxy.forward = (request, response) => {
    if (count++ > 1) return lost(request, response);
    // The gateway answers; nobody hears it.
    const deaf = { writeHead() { response.destroy(); return deaf; }, end() {}, on() {}, once() {}, emit() {}, destroy() {} };
    return lost(request, Object.assign(deaf, { write() {} }));
  };
  const before_ = Number(await stack.redis('zcard', 'lh:{0}:index'));
  const { jobId } = await simulate(50);
  const asked = proxy.asked(/POST .*initiate/);
  assert.equal(asked.length, 3);
  assert.equal(new Set(asked.map(({ headers }) => headers['idempotency-key'])).size, 1);
  assert.equal(Number(await stack.redis('zcard', 'lh:{0}:index')), before_ + 1);
  assert.equal((await client.wait(jobId, { timeoutMs: 30_000 })).status, 'completed');
});

test('503 with Retry-After on reconnect is waited for', async () => {
  await connect();
  const { jobId } = await simulate(8000);
  const { seen, end } = follow(jobId);
  await until('a stream', () => proxy.streams.size === 1 && seen.length > 1);
  proxy.refuse({ match: /subscribe/, status: 503, headers: { 'retry-after': '3' } });
  proxy.cut();
  await until('the refusal', () => proxy.asked(/subscribe/).length === 2);
  const refused = Date.now();
  await until('the next one', () => proxy.asked(/subscribe/).length === 3);
  assert.ok(Date.now() - refused >= 2900, `after ${Date.now() - refused} ms`);
  await end;
  assert.equal(seen.at(-1).status, 'completed');
});

test('behind a proxy that buffers, the jobs are asked for', async () => {
  await connect();
  proxy.buffering = true;
  const { jobId } = await simulate(25_000);
  const { seen, end } = follow(jobId);
  await until('polling', () => client.connection().state === 'polling');
  await until('progress', () => seen.filter((job) => job.status === 'running').length >= 2);
  await client.cancel(jobId);
  await end;
  assertInOrder(seen);
  assert.ok(proxy.asked(/status/).some(({ headers }) => /^W\/"\d+"$/.test(headers['if-none-match'] ?? '')));
});

test('a clock that is minutes off does not show in what a link has left', async () => {
  await connect();
  proxy.dateShiftMs = 0;
  const { jobId } = await simulate(50);
  const job = await client.wait(jobId, { timeoutMs: 30_000 });
  const now = Date.now;
  try {
    Date.now = () => now() - 420_000; // the visitor's clock is seven minutes late
    const shifted = package_.createDownloadClient({ baseUrl: proxy.url });
    const fresh = await shifted.status(jobId);
    const left = package_.secondsLeft(fresh, shifted.now());
    assert.ok(left > 840 && left <= 901, `${left} s`);
    assert.equal(fresh.jobId, job.jobId);
  } finally {
    Date.now = now;
  }
});

test('many jobs: one stream, resumed where it was cut, and a list', async () => {
  await connect();
  const ids = (await Promise.all([6000, 7000, 8000].map((ms) => simulate(ms)))).map(({ jobId }) => jobId);
  const follows = ids.map(follow);
  await until('news of all', () => follows.every(({ seen }) => seen.at(-1)?.progress > 5));
  const before_ = proxy.asked(/subscribe/).length; // on a slow machine they join one after the other
  proxy.cut();
  const ends = await Promise.all(follows.map(({ end }) => end));
  for (const seen of ends) {
    assertInOrder(seen);
    assert.equal(seen.at(-1).status, 'completed');
  }
  const streams = proxy.asked(/subscribe/).slice(before_ - 1);
  assert.ok(streams.every(({ url }) => /subscribe\?/.test(url)), 'for all of them');
  assert.ok(streams[1].headers['last-event-id'], 'resumed');
  const { jobs } = await client.list({ limit: 3 });
  assert.deepEqual(new Set(jobs.map(({ jobId }) => jobId)), new Set(ids));
  assert.ok(jobs.every((job) => job.result.url === undefined));
});
