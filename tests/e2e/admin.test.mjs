// The operator's API: its numbers are those of Redis and of what was asked for, under load and after it;
// its changes do what they say; and what browsers are made to send by strangers does nothing.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const SLOTS = 4, WORKERS = 2, CAPACITY = SLOTS * WORKERS;
const UNKNOWN = '00123456789abcdefghjkmnpqrs';

let stack, api;
before(async () => {
  stack = await Stack.start({
    'allow-simulate': true, 'admin-changes': true, brokers: 2, workers: WORKERS, slots: SLOTS, gateways: 2 });
  api = new Client(stack.url());
});
after(() => stack?.destroy());
afterEach(async () => { // what a test that failed left behind
  const { jobs } = (await get('jobs?status=queued,running&limit=200')).json;
  for (const { jobId } of jobs) await api.cancel(jobId);
  for (const { jobId } of jobs) await api.terminal(jobId);
});

const get = (path, options, gateway = 1) => call(`${stack.admin(gateway)}/admin/api/${path}`, { direct: true, ...options });
const post = (path, body, headers = {}) => get(path, {
  method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body),
  headers: { 'content-type': 'application/json', ...headers },
});
async function overview(gateway) {
  const { status, json } = await get('overview', {}, gateway);
  assert.equal(status, 200);
  return json;
}
const workers = async () => (await get('workers')).json.workers;
const worker = async (id) => (await workers()).find((w) => w.id === id && w.state !== 'away');
const zcard = async (name) => Number(await stack.redis('zcard', `lh:{0}:${name}`));
const start = (durationMs, simulate = {}, options = {}) => api.simulate({ durationMs, ...simulate }, options);
const total = (o, name) => o.jobs.total[name];

test('what does not follow the rules is refused, and nothing is done', async () => {
  const jobId = await start(60_000);
  const body = { jobIds: [jobId] };
  const refused = async (reply, status, code, pointer) => {
    const { json, status: was } = await reply;
    assert.deepEqual([was, json.code, json.pointer], [status, code, pointer]);
  };
  await refused(post('jobs/cancel', body, { origin: 'http://evil.example' }), 403, 'FORBIDDEN');
  await refused(post('jobs/cancel', body, { origin: stack.url() }), 403, 'FORBIDDEN'); // the API's own port
  await refused(post('jobs/cancel', body, { origin: 'null' }), 403, 'FORBIDDEN');
  await refused(post('jobs/cancel', body, { 'sec-fetch-site': 'cross-site' }), 403, 'FORBIDDEN');
  await refused(post('jobs/cancel', body, { 'sec-fetch-site': 'same-site' }), 403, 'FORBIDDEN');
  await refused(post('jobs/cancel', body, { host: 'evil.example' }), 403, 'FORBIDDEN');
  await refused(get('overview', { headers: { host: 'evil.example:9090' } }), 403, 'FORBIDDEN');
  await refused(post('jobs/cancel', body, { 'content-type': 'text/plain' }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  await refused(post('jobs/cancel', '{'), 400, 'MALFORMED_JSON', '');
  await refused(post('jobs/cancel', { jobIds: [] }), 400, 'VALIDATION_FAILED', '/jobIds');
  await refused(post('jobs/cancel', { jobIds: [jobId, jobId] }), 400, 'VALIDATION_FAILED', '/jobIds/1');
  await refused(post('jobs/cancel', { ...body, force: true }), 400, 'VALIDATION_FAILED', '');
  await refused(post('jobs/cancel', ' '.repeat(16385)), 413, 'BODY_TOO_LARGE');
  await refused(post('workers/worker-1/drain', {}), 400, 'VALIDATION_FAILED', '/draining');
  await refused(post('workers/nobody/drain', { draining: true }), 404, 'NOT_FOUND');
  await refused(post('workers/worker%2D1/drain', { draining: true }), 404, 'NOT_FOUND');
  await refused(get('jobs/not-an-id'), 404, 'JOB_NOT_FOUND');
  await refused(get(`jobs/${UNKNOWN}`), 404, 'JOB_NOT_FOUND');
  await refused(get('jobs?status=lost'), 400, 'BAD_REQUEST');
  await refused(get('jobs/cancel'), 405, 'METHOD_NOT_ALLOWED');
  await refused(get('everything'), 404, 'NOT_FOUND');
  assert.equal((await call(`${stack.url()}/admin/api/overview`, { direct: true })).status, 404, 'not on the public port');
  assert.equal((await api.status(jobId)).json.status, 'running');
  assert.equal((await worker('worker-1')).state, 'working');
  await api.cancel(jobId);
  assert.equal((await api.terminal(jobId)).status, 'canceled');
});

test('under load the numbers are those of Redis and of what was asked for', async () => {
  const before = await overview();
  const ids = await Promise.all(Array.from({ length: 30 }, () => start(60_000)));
  const late = await start(0, {}, { delaySeconds: 300 });
  const o = await until('all slots taken', async () => {
    const now = await overview();
    return now.slots.running === CAPACITY && now;
  });
  assert.equal(total(o, 'accepted') - total(before, 'accepted'), 31);
  assert.deepEqual(o.slots, { total: CAPACITY, free: 0, running: CAPACITY, workers: WORKERS });
  const { queue } = o;
  assert.deepEqual([queue.ready, queue.running, queue.delayed], [30 - CAPACITY, CAPACITY, 1]);
  assert.deepEqual([queue.ready, queue.running, queue.delayed, queue.kept],
    await Promise.all(['ready', 'lease', 'delayed', 'expiry'].map(zcard)));
  assert.ok(queue.oldestWaitingMs >= 0 && queue.oldestWaitingMs < 60_000, `${queue.oldestWaitingMs}`);
  const other = await overview(2);
  assert.deepEqual([other.jobs.total, other.slots], [o.jobs.total, o.slots], 'another gateway says the same');
  assert.equal(other.changes, true);
  assert.equal(o.redis.up, true);
  assert.deepEqual(o.brokers.map(({ id, up, ready }) => [id, up, ready]), [['broker-1', true, true], ['broker-2', true, true]]);

  const table = await workers();
  assert.deepEqual(table.map((w) => [w.id, w.state, w.slots, w.free, w.running]).sort(),
    [['worker-1', 'working', SLOTS, 0, SLOTS], ['worker-2', 'working', SLOTS, 0, SLOTS]]);
  const running = new Set(table.flatMap(({ jobIds }) => jobIds));
  for (const id of ids) {
    assert.equal((await stack.redis('hget', `download:job:${id}`, 'status')) === 'running', running.has(id), id);
  }
  for (const { version, lastSeenMs } of table) assert.ok(/^\d+\.\d+\.\d+$/.test(version) && lastSeenMs < 3000);

  const reply = await post('jobs/cancel', { jobIds: [...ids, late, UNKNOWN] }, { origin: stack.admin(), 'sec-fetch-site': 'same-origin' });
  assert.equal(reply.status, 200);
  assert.deepEqual(reply.json.results.map(({ jobId, done }) => [jobId, done]),
    [...ids, late, UNKNOWN].map((id) => [id, id !== UNKNOWN]));
  assert.equal(reply.json.results.at(-1).code, 'JOB_NOT_FOUND');
  for (const id of ids) assert.equal((await api.terminal(id)).status, 'canceled');
  const end = await until('every cancel counted', async () => {
    const now = await overview();
    return total(now, 'canceled') - total(before, 'canceled') === 31 && now;
  });
  assert.deepEqual([end.queue.ready, end.queue.running, end.queue.delayed, end.queue.oldestWaitingMs], [0, 0, 0, null]);
});

test('ends are counted once, by code, with how long they took', async () => {
  const before = await overview();
  const good = await Promise.all(Array.from({ length: 20 }, () => start(200, { size: 100 })));
  const bad = await Promise.all(Array.from({ length: 3 }, () => start(0, { failAttempts: 9, errorCode: 'SOURCE_NOT_FOUND' })));
  const twice = await start(0, { failAttempts: 1, errorCode: 'SOURCE_STALLED' }, { maxAttempts: 2 });
  for (const id of [...good, twice]) await api.completed(id);
  for (const id of bad) assert.equal((await api.terminal(id)).status, 'failed');
  const o = await until('all counted', async () => { // the broker hears a moment later that it is recorded
    const now = await overview();
    const ended = ['completed', 'failed', 'retried'].map((name) => total(now, name) - total(before, name));
    return ended.reduce((a, b) => a + b) >= 25 && now;
  });
  const grown = Object.fromEntries(Object.keys(o.jobs.total).map((name) => [name, total(o, name) - total(before, name)]));
  assert.deepEqual(grown, { accepted: 24, completed: 21, failed: 3, canceled: 0, retried: 1 });
  const code = (name) => o.failures.find((f) => f.code === name);
  assert.deepEqual(code('SOURCE_NOT_FOUND'), { code: 'SOURCE_NOT_FOUND', jobs: 3, attempts: 0 });
  assert.deepEqual(code('SOURCE_STALLED'), { code: 'SOURCE_STALLED', jobs: 0, attempts: 1 });
  assert.equal(o.jobs.minutes.length, 60);
  for (const name of ['accepted', 'completed', 'failed', 'canceled', 'retried']) {
    assert.equal(o.jobs.minutes.reduce((sum, minute) => sum + minute[name], 0), total(o, name), name);
  }
  assert.ok(Math.abs(o.jobs.recent.failureRate - 3 / 24) < 0.001, `${o.jobs.recent.failureRate}`);
  assert.ok(o.jobs.recent.p95Ms >= 200, `${o.jobs.recent.p95Ms}`);

  const again = (await post('jobs/retry', { jobIds: [bad[0], good[0]] })).json.results;
  assert.deepEqual(again.map(({ done, code: why }) => [done, why]), [[true, undefined], [false, 'NOT_RETRYABLE']]);
  await until('it failed again', async () => total(await overview(), 'failed') - total(before, 'failed') === 4);
  const { json } = await get(`jobs/${bad[0]}`);
  assert.deepEqual([json.job.status, json.retries, json.job.error.code], ['failed', 1, 'SOURCE_NOT_FOUND']);
  assert.deepEqual(json.history.events.map(({ status }) => status), ['queued', 'running', 'failed', 'queued', 'running', 'failed']);
});

test('jobs are found by user and status', async () => {
  const mine = await api.submit({ file_id: 1, userId: 'ops-ann', options: { simulate: {} } });
  await api.completed(mine);
  const found = (await get('jobs?userId=ops-ann&status=completed')).json;
  assert.deepEqual(found.jobs.map(({ jobId }) => jobId), [mine]);
  assert.equal((await get('jobs?userId=ops-ann&status=failed')).json.jobs.length, 0);
});

test('a drained worker finishes what it has and takes no more, wherever it is connected', async () => {
  const kept = await Promise.all(Array.from({ length: CAPACITY }, () => start(3000)));
  await until('all running', async () => (await overview()).slots.running === CAPACITY);
  const reply = await post('workers/worker-1/drain', { draining: true });
  assert.deepEqual([reply.status, reply.json], [202, { id: 'worker-1', draining: true }]);
  await until('drained', async () => (await worker('worker-1')).state === 'drained');
  for (const id of kept) assert.equal((await api.completed(id)).attempts, 0);
  const next = await Promise.all(Array.from({ length: 6 }, () => start(100)));
  for (const id of next) assert.match((await api.completed(id) && await stack.record(id)).run, /:worker-2$/);

  const { broker } = await worker('worker-1');
  await stack.killAndAwaitSuccessor(broker); // it moves, and tells the other broker
  await until('drained at another broker, or at the new one', async () => {
    const w = await worker('worker-1');
    return w?.state === 'drained' && (w.broker !== broker || w.lastSeenMs < 1500);
  });
  const more = await Promise.all(Array.from({ length: 6 }, () => start(100)));
  for (const id of more) assert.match((await api.completed(id) && await stack.record(id)).run, /:worker-2$/);

  assert.equal((await post('workers/worker-1/drain', { draining: false })).status, 202);
  await until('back in service', async () => {
    const w = await worker('worker-1');
    return w.state === 'working' && w.free === SLOTS;
  });
  const shared = await Promise.all(Array.from({ length: CAPACITY }, () => start(2000)));
  await until('both work', async () => (await workers()).filter((w) => w.running > 0).length === WORKERS);
  for (const id of shared) await api.completed(id);
});

test('what is away is shown as away, and the rest goes on', async () => {
  const pid = await stack.signal('broker-2', 'SIGSTOP');
  try {
    await until('broker-2 does not answer', async () => {
      const { brokers } = await overview();
      return brokers.some(({ up }) => !up) && brokers.some(({ up }) => up);
    });
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await until('it answers again', async () => (await overview()).brokers.every(({ up, ready }) => up && ready));
  const redis = await stack.signal('redis', 'SIGSTOP');
  try {
    await until('Redis is away', async () => {
      const o = await overview();
      return !o.redis.up && o.queue === null && o.slots.total >= 0;
    });
  } finally {
    process.kill(redis, 'SIGCONT');
  }
  await until('Redis is back', async () => (await overview()).queue !== null);
});
