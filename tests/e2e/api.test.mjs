// The edges of the HTTP API: what is refused and how, idempotency, status, health.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { call, exchange } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const NOOP = { file_id: 1, options: { simulate: { durationMs: 0 } } };
const HOLD = { file_id: 1, options: { simulate: { durationMs: 60_000 } } };
let stack, client;

before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, slots: 4 });
  client = new Client(stack.url());
});
after(() => stack?.destroy());

const at = (path) => client.base + path;

function assertProblem(reply, status, code) {
  assert.equal(reply.status, status, reply.text);
  assert.match(reply.headers['content-type'], /^application\/problem\+json/);
  for (const member of ['type', 'title', 'status', 'detail', 'instance', 'code', 'requestId']) {
    assert.ok(reply.json[member] !== undefined, `${member} in ${reply.text}`);
  }
  assert.equal(reply.json.status, status);
  assert.equal(reply.json.code, code);
  assert.equal(reply.json.requestId, reply.headers['x-request-id']);
}

test('an unknown route is 404', async () => {
  for (const path of ['/none', '/v1', '/v1/download', '/v1/download/a/b/c', '/v1/download/files', '/readyz', '/metrics']) {
    const reply = await call(at(path));
    assert.equal(reply.status, 404, path);
    assert.equal(reply.json?.status, 404, path);
  }
});

const METHODS = [
  ['GET', '/v1/download/initiate', ['POST']],
  ['DELETE', '/v1/download/initiate', ['POST']],
  ['POST', '/v1/download/status/x', ['GET', 'HEAD']],
  ['PUT', '/v1/download/subscribe/x', ['GET']],
  ['GET', '/v1/download/cancel/x', ['POST']],
];
for (const [method, path, allowed] of METHODS) {
  test(`${method} ${path} is 405 with Allow`, async () => {
    const reply = await call(at(path), { method });
    assertProblem(reply, 405, 'METHOD_NOT_ALLOWED');
    const allow = reply.headers.allow.split(/\s*,\s*/);
    for (const one of allowed) assert.ok(allow.includes(one), `${one} in ${reply.headers.allow}`);
  });
}

test('a body over 64 KiB is 413', async () => {
  const body = JSON.stringify({ ...NOOP, pad: 'x'.repeat(65536) });
  assertProblem(await client.initiate(body), 413, 'BODY_TOO_LARGE');
});

test('another content type is 415', async () => {
  for (const type of ['text/plain', 'application/json; charset=latin1', 'application/xml']) {
    assertProblem(await client.initiate(NOOP, { 'content-type': type }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  }
  const plain = await client.initiate(NOOP, { 'content-type': 'application/json; charset=UTF-8' });
  assert.equal(plain.status, 202);
});

const REFUSED = [
  ['{"file_id":1', 'MALFORMED_JSON', undefined],
  ['{"file_id":1,"file_id":2}', 'VALIDATION_FAILED', '/file_id'],
  ['[1]', 'VALIDATION_FAILED', ''],
  ['{}', 'VALIDATION_FAILED', ''],
  ['{"file_id":0}', 'VALIDATION_FAILED', '/file_id'],
  ['{"file_id":"1"}', 'VALIDATION_FAILED', '/file_id'],
  ['{"file_id":9007199254740992}', 'VALIDATION_FAILED', '/file_id'],
  ['{"file_id":1,"what":1}', 'VALIDATION_FAILED', '/what'],
  ['{"file_id":1,"options":{"priority":10}}', 'VALIDATION_FAILED', '/options/priority'],
  ['{"file_id":1,"options":{"maxAttempts":0}}', 'VALIDATION_FAILED', '/options/maxAttempts'],
  ['{"file_id":1,"options":{"timeoutSeconds":9}}', 'VALIDATION_FAILED', '/options/timeoutSeconds'],
  ['{"file_id":1,"options":{"a/b~c":1}}', 'VALIDATION_FAILED', '/options/a~1b~0c'],
  ['{"file_id":1,"options":{"simulate":{"durationMs":300001}}}', 'VALIDATION_FAILED',
    '/options/simulate/durationMs'],
  ['{"file_id":1,"userId":""}', 'VALIDATION_FAILED', '/userId'],
];
for (const [body, code, pointer] of REFUSED) {
  test(`400 for ${body}`, async () => {
    const reply = await client.initiate(body);
    assertProblem(reply, 400, code);
    if (pointer) assert.equal(reply.json.pointer, pointer);
  });
}

test('a well-formed X-Request-Id comes back, another is replaced', async () => {
  const given = await client.status('x'.repeat(24), { 'x-request-id': 'my-id_1.2' });
  assert.equal(given.headers['x-request-id'], 'my-id_1.2');
  const other = await client.status('x'.repeat(24), { 'x-request-id': 'not ok!' });
  assert.notEqual(other.headers['x-request-id'], 'not ok!');
  assert.ok(other.headers['x-request-id'].length > 0);
});

test('unknown and malformed job ids are 404 everywhere', async () => {
  for (const id of ['nosuchjob-nosuchjob-00', 'x', '..%2f..%2fetc', 'a'.repeat(200)]) {
    assert.equal((await client.status(id)).status, 404, id);
    assert.equal((await client.result(id)).status, 404, id);
    assert.equal((await client.cancel(id)).status, 404, id);
    assert.equal((await call(`${client.api}/subscribe/${id}`)).status, 404, id);
  }
  assertProblem(await client.status('nosuchjob-nosuchjob-00'), 404, 'JOB_NOT_FOUND');
});

test('status has an ETag, answers 304, and proposes when to ask again', async () => {
  const jobId = await client.submit(HOLD);
  const job = await client.running(jobId);
  const reply = await client.status(jobId);
  assert.equal(reply.headers.etag, `W/"${reply.json.version}"`);
  assert.equal(reply.headers['cache-control'], 'private, no-cache');
  const wait = Number(reply.headers['retry-after']);
  assert.ok(wait >= 1 && wait <= 15, reply.headers['retry-after']);
  assert.ok(job.version >= 2);
  await client.cancel(jobId);
  const ended = await client.terminal(jobId);
  const tag = `W/"${ended.version}"`;
  const same = await client.status(jobId, { 'if-none-match': `"other", ${tag}` });
  assert.equal(same.status, 304);
  assert.equal(same.text, '');
  assert.equal(same.headers.etag, tag);
  assert.equal((await client.status(jobId, { 'if-none-match': '"other"' })).status, 200);
  assert.equal((await client.status(jobId)).headers['retry-after'], undefined);
});

test('HEAD of status has the headers and no body', async () => {
  const jobId = await client.submit(NOOP);
  await client.completed(jobId);
  const head = await call(`${client.api}/status/${jobId}`, { method: 'HEAD' });
  assert.equal(head.status, 200);
  assert.equal(head.text, '');
  assert.ok(head.headers.etag);
});

test('the status object has all members, and only those of its status', async () => {
  const done = await client.completed(await client.submit({ ...NOOP, userId: 'ada' }));
  for (const member of ['jobId', 'status', 'version', 'progress', 'etaSeconds', 'attempts', 'maxAttempts',
    'file_id', 'userId', 'createdAt', 'updatedAt', 'stage', 'bytesDone', 'bytesTotal', 'result']) {
    assert.ok(member in done, member);
  }
  for (const member of ['error', 'nextAttemptAt', 'queuePosition']) assert.ok(!(member in done), member);
  for (const member of ['url', 'expiresAt', 'fileName', 'contentType', 'size', 'sha256']) {
    assert.ok(member in done.result, `result.${member}`);
  }
  const delayed = await client.submit({ file_id: 1, options: { delaySeconds: 600, simulate: {} } });
  const { json } = await client.status(delayed);
  assert.deepEqual([json.status, json.progress, json.userId, json.attempts], ['queued', null, null, 0]);
  assert.ok('queuePosition' in json);
  assert.equal((await client.cancel(delayed)).json.status, 'canceled');
});

test('64 racing requests with one Idempotency-Key make one job', async () => {
  const before = Number(await stack.redis('zcard', 'lh:{0}:index'));
  const key = { 'idempotency-key': 'race-1' };
  const replies = await Promise.all(Array.from({ length: 64 }, () => client.initiate(NOOP, key)));
  const accepted = replies.filter((reply) => reply.status === 202);
  assert.ok(accepted.length >= 1);
  assert.equal(new Set(accepted.map((reply) => reply.text)).size, 1);
  for (const reply of replies) {
    if (reply.status !== 202) assertProblem(reply, 409, 'IDEMPOTENCY_IN_FLIGHT');
    if (reply.status === 409) assert.equal(reply.headers['retry-after'], '1');
  }
  assert.equal(accepted.filter((reply) => !reply.headers['idempotency-replayed']).length, 1);
  assert.equal(Number(await stack.redis('zcard', 'lh:{0}:index')), before + 1);
});

test('the same key again: the first reply byte for byte, in both spellings of the key', async () => {
  const first = await client.initiate(NOOP, { 'idempotency-key': 'again' });
  const bare = await client.initiate(NOOP, { 'idempotency-key': 'again' });
  const quoted = await client.initiate(NOOP, { 'idempotency-key': '"again"' });
  for (const reply of [bare, quoted]) {
    assert.equal(reply.status, 202);
    assert.equal(reply.text, first.text);
    assert.equal(reply.headers['idempotency-replayed'], 'true');
    assert.equal(reply.headers.location, first.headers.location);
  }
  assert.equal(first.headers['idempotency-replayed'], undefined);
});

test('the same key with another body is 422; with the same meaning in other spelling it is not', async () => {
  await client.submit('{"file_id":1,"options":{"simulate":{"durationMs":0}}}', { 'idempotency-key': 'body' });
  const other = await client.initiate({ ...NOOP, file_id: 2 }, { 'idempotency-key': 'body' });
  assertProblem(other, 422, 'IDEMPOTENCY_CONFLICT');
  const spelled = await client.initiate(' {"options":{"simulate":{"durationMs":0}},\n"file_id":1}',
    { 'idempotency-key': 'body' });
  assert.equal(spelled.status, 202);
});

test('keys belong to their user', async () => {
  const a = await client.submit({ ...NOOP, userId: 'a' }, { 'idempotency-key': 'mine' });
  const b = await client.submit({ ...NOOP, userId: 'b' }, { 'idempotency-key': 'mine' });
  assert.notEqual(a, b);
});

test('an Idempotency-Key that is none is refused', async () => {
  for (const key of ['with space', 'x'.repeat(256), '"open']) {
    assertProblem(await client.initiate(NOOP, { 'idempotency-key': key }), 400, 'IDEMPOTENCY_KEY_INVALID');
  }
});

test('a refusal is not stored under its key', async () => {
  const key = { 'idempotency-key': 'refused-first' };
  assert.equal((await client.initiate({ file_id: 0 }, key)).status, 400);
  assert.equal((await client.initiate(NOOP, key)).status, 202);
});

test('more active jobs than a user may have are 429 with Retry-After', async () => {
  const hold = { file_id: 1, userId: 'greedy', options: { delaySeconds: 600, simulate: {} } };
  const replies = [];
  for (let i = 0; i < 101; i++) replies.push(await client.initiate(hold));
  assert.ok(replies.slice(0, 100).every((reply) => reply.status === 202));
  assertProblem(replies[100], 429, 'QUOTA_EXCEEDED');
  assert.ok(Number(replies[100].headers['retry-after']) > 0);
  await client.cancel(replies[0].json.jobId);
  assert.equal((await client.initiate(hold)).status, 202);
});

test('attempts that fail are counted, and a manual retry starts over', async () => {
  const simulate = { durationMs: 0, failAttempts: 1, errorCode: 'SOURCE_NOT_FOUND' };
  const jobId = await client.simulate(simulate);
  const failed = await client.terminal(jobId);
  assert.deepEqual([failed.status, failed.error.code, failed.attempts], ['failed', 'SOURCE_NOT_FOUND', 1]);
  const retry = await call(`${client.api}/retry/${jobId}`, { method: 'POST' });
  assert.equal(retry.status, 202);
  assert.deepEqual(retry.json, { jobId, status: 'queued' });
  const done = await client.completed(jobId);
  assert.equal(done.attempts, 0);
  assert.ok(done.version > failed.version);
  assert.equal((await call(`${client.api}/retry/${jobId}`, { method: 'POST' })).status, 409);
});

test('a removed job is gone; an active one is not removed', async () => {
  const done = await client.submit(NOOP);
  await client.completed(done);
  assert.equal((await call(`${client.api}/${done}`, { method: 'DELETE' })).status, 204);
  assert.equal((await client.status(done)).status, 404);
  const held = await client.submit(HOLD);
  assertProblem(await call(`${client.api}/${held}`, { method: 'DELETE' }), 409, 'JOB_ACTIVE');
  await client.cancel(held);
});

test('jobs that wait are taken by priority, then in order', async () => {
  const blockers = await Promise.all(Array.from({ length: 4 }, () => client.submit(HOLD)));
  for (const id of blockers) await client.running(id);
  const low = await client.simulate({}, { priority: 1 });
  const first = await client.simulate({});
  const second = await client.simulate({});
  const high = await client.simulate({}, { priority: 9 });
  assert.equal((await client.status(high)).json.queuePosition, 1);
  await client.cancel(blockers[0]);
  for (const id of [low, first, second, high]) await client.completed(id);
  const times = await Promise.all([high, first, second, low].map(async (id) => (
    Number(await stack.redis('hget', `download:job:${id}`, 'updatedAt')))));
  assert.deepEqual(times, [...times].sort((a, b) => a - b));
  for (const id of blockers) await client.cancel(id);
});

test('health: livez, healthz, readyz and metrics on the admin listener only', async () => {
  for (const path of ['/livez', '/healthz', '/readyz', '/metrics']) {
    assert.equal((await call(stack.admin() + path)).status, 200, path);
    assert.equal((await call(at(path))).status, 404, path);
  }
  assert.equal((await call(`${stack.admin()}/v1/download/status/x`)).status, 404);
});

test('HTTP/2 is neither spoken nor upgraded to', async () => {
  const direct = await exchange(client.base, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
  assert.doesNotMatch(direct, /^\0/);
  const upgrade = await exchange(client.base, 'GET /v1/x HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, '
    + 'HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n', 20_000);
  assert.doesNotMatch(upgrade, /101/);
});

test('two lengths, or a length and chunks: the connection does not outlive the reply', async () => {
  const body = JSON.stringify(NOOP);
  const head = 'POST /v1/download/initiate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
  const twice = `${head}Content-Length: ${body.length}\r\nContent-Length: 5\r\n\r\n${body}`;
  const both = `${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n`
    + `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`;
  for (const bytes of [twice, both]) {
    const answer = await exchange(client.base, bytes);
    assert.equal(answer.match(/HTTP\/1\.1 \d/g)?.length ?? 0, 1, answer);
  }
});

test('without Redis: 503 with Retry-After for new work, not ready, alive; afterwards as before', async () => {
  const pid = await stack.signal('redis', 'SIGSTOP');
  try {
    const reply = await client.initiate(NOOP, { 'idempotency-key': 'no-redis' });
    assertProblem(reply, 503, 'UNAVAILABLE');
    assert.ok(Number(reply.headers['retry-after']) > 0);
    await until('not ready', async () => (await call(`${stack.admin()}/readyz`)).status === 503);
    assert.equal((await call(`${stack.admin()}/livez`)).status, 200);
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await stack.awaitReady();
  const again = await until('accepted again', async () => {
    const reply = await client.initiate(NOOP, { 'idempotency-key': 'no-redis' });
    return reply.status === 202 && reply;
  });
  await client.completed(again.json.jobId);
});
