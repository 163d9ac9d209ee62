// Idempotency-Key: one key, one job, one answer, whatever dies in between.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { freePorts } from './lib/ports.mjs';
import { RawConnection } from './lib/raw.mjs';
import { post } from './lib/raw_cases.mjs';
import { Stack } from './lib/stack.mjs';
import { pause, until } from './lib/wait.mjs';

const NOOP = { file_id: 1, options: { simulate: { durationMs: 0 } } };
const BODY = JSON.stringify(NOOP);
const ROUNDS = 30;
let stack, clients, client, keys = 0;

before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, gateways: 2, slots: 4 });
  clients = [new Client(stack.url(1)), new Client(stack.url(2))];
  [client] = clients;
});
after(() => stack?.destroy());

const newKey = () => ({ 'idempotency-key': `key-${++keys}` });
const jobs = async () => Number(await stack.redis('zcard', 'lh:{0}:index'));

function assertReplay(reply, jobId) {
  assert.equal(reply.status, 202, reply.text);
  assert.equal(reply.text, JSON.stringify({ jobId, status: 'queued' }));
  assert.equal(reply.headers.location, `/v1/download/status/${jobId}`);
  assert.equal(reply.headers['retry-after'], '1');
  assert.equal(reply.headers['idempotency-replayed'], 'true');
}

function assertProblem(reply, status, code) {
  assert.deepEqual([reply.status, reply.json?.code], [status, code], reply.text);
}

test('another body under the key is 422, and does not disturb what the key stands for', async () => {
  const key = newKey();
  const jobId = await client.submit(NOOP, key);
  const others = [{ ...NOOP, file_id: 2 }, { ...NOOP, options: { ...NOOP.options, priority: 5 } },
    { file_id: 1, options: { simulate: { durationMs: 1 } } }];
  for (const other of others) assertProblem(await client.initiate(other, key), 422, 'IDEMPOTENCY_CONFLICT');
  assertReplay(await client.initiate(NOOP, key), jobId);
});

test('what was refused is not stored: the key is free afterwards', async () => {
  const key = newKey();
  assertProblem(await client.initiate({ ...NOOP, file_id: 0 }, key), 400, 'VALIDATION_FAILED');
  assertProblem(await client.initiate(NOOP, { ...key, 'content-type': 'text/plain' }), 415, 'UNSUPPORTED_MEDIA_TYPE');
  const first = await client.initiate({ ...NOOP, file_id: 3 }, key);
  assert.deepEqual([first.status, first.headers['idempotency-replayed']], [202, undefined]);
});

test('the first reply again, byte for byte', async () => {
  const bytes = post(BODY, 'Idempotency-Key: bytes', 'X-Request-Id: same');
  const texts = [];
  for (let i = 0; i < 3; i++) {
    const connection = await RawConnection.open(stack.port);
    connection.send(bytes);
    await connection.replies(['POST'], (reply) => reply.status >= 200);
    texts.push(connection.text.replace(/^date: .*\r\n/im, ''));
    connection.end();
  }
  assert.match(texts[0], /^HTTP\/1\.1 202 Accepted\r\n/);
  const replayed = 'idempotency-replayed: true\r\n';
  assert.ok(!texts[0].includes(replayed));
  for (const again of texts.slice(1)) assert.equal(again.replace(replayed, ''), texts[0]);
});

test('the first reply also when the job has long ended, was canceled, or another gateway is asked', async () => {
  const key = newKey();
  const jobId = await client.submit(NOOP, key);
  await client.completed(jobId);
  for (const one of clients) assertReplay(await one.initiate(NOOP, key), jobId);
  const held = { file_id: 1, options: { delaySeconds: 600, simulate: {} } };
  const canceledKey = newKey();
  const canceled = await client.submit(held, canceledKey);
  await client.cancel(canceled);
  assertReplay(await clients[1].initiate(held, canceledKey), canceled);
});

test('order of members, white space and escapes do not make another body', async () => {
  const key = newKey();
  const options = '"fileName":"a/b","simulate":{"durationMs":0,"size":1}';
  const jobId = await client.submit(`{"file_id":1,"userId":"u","options":{${options}}}`, key);
  const spellings = [
    `\r\n{ "options" : {${options}} ,\t"userId":"u", "file_id":1 }\n`,
    '{"userId":"\\u0075","options":{"simulate":{"size":1,"durationMs":0},"fileName":"a\\/b"},"file_id":1}',
    '{"user\\u0049d":"u","file_id":1,"options":{"simulate":{"size":1,"durationMs":0},"fileName":"a/b"}}',
  ];
  for (const body of spellings) assertReplay(await client.initiate(body, key), jobId);
});

test('a key is its caller\'s: the same one of two users, or of none, makes three jobs', async () => {
  const key = newKey();
  const bodies = [NOOP, { ...NOOP, userId: 'ada' }, { ...NOOP, userId: 'bob' }];
  const ids = [];
  for (const body of bodies) ids.push(await client.submit(body, key));
  assert.equal(new Set(ids).size, 3);
  for (const [i, body] of bodies.entries()) assertReplay(await client.initiate(body, key), ids[i]);
});

// Sends the same request twice while Redis stands still. One of them is refused, which shows that the
// other has left for the broker: that one is returned.
async function inFlight(key) {
  const pair = [await RawConnection.open(stack.port), await RawConnection.open(stack.port)];
  for (const one of pair) one.send(post(BODY, `Idempotency-Key: ${key['idempotency-key']}`));
  const [refused] = await Promise.race(pair.map((one) => one.replies(['POST'], () => true)));
  assert.deepEqual([refused.status, JSON.parse(refused.body).code], [409, 'IDEMPOTENCY_IN_FLIGHT']);
  assert.equal(refused.headers['retry-after'], '1');
  return pair.find((one) => one.text === '');
}

test('while the first request is in flight its key is 409 with Retry-After', async () => {
  const key = newKey();
  const redis = await stack.signal('redis', 'SIGSTOP');
  let first;
  try {
    first = await inFlight(key);
  } finally {
    process.kill(redis, 'SIGCONT');
  }
  const [reply] = await first.replies(['POST'], () => true);
  assert.equal(reply.status, 202);
  assertReplay(await client.initiate(NOOP, key), JSON.parse(reply.body).jobId);
});

test('64 requests that race over two gateways make one job', async () => {
  const key = newKey();
  const count = await jobs();
  const replies = await Promise.all(Array.from({ length: 64 }, (_, i) => clients[i % 2].initiate(NOOP, key)));
  const accepted = replies.filter(({ status }) => status === 202);
  for (const reply of replies) if (reply.status !== 202) assertProblem(reply, 409, 'IDEMPOTENCY_IN_FLIGHT');
  assert.equal(new Set(accepted.map(({ text }) => text)).size, 1);
  assert.equal(accepted.filter(({ headers }) => !headers['idempotency-replayed']).length, 1);
  assert.equal(await jobs(), count + 1);
});

test('a gateway killed between commit and reply: the key gives the job that was recorded', async () => {
  const key = newKey();
  const count = await jobs();
  const redis = await stack.signal('redis', 'SIGSTOP');
  let connection, gateway;
  try {
    connection = await inFlight(key);
    // Another request's way through the gateway's loop and threads, behind this one.
    for (let i = 0; i < 5; i++) assert.equal((await client.initiate(NOOP, key)).status, 409);
    gateway = await stack.signal('gateway-1', 'SIGSTOP');
  } finally {
    process.kill(redis, 'SIGCONT');
  }
  await until('recorded', async () => (await jobs()) === count + 1);
  process.kill(gateway, 'SIGKILL');
  await connection.when('the connection to end', () => connection.closed);
  assert.equal(connection.text, '', 'the reply had not left');
  const elsewhere = await clients[1].initiate(NOOP, key);
  assertReplay(elsewhere, elsewhere.json.jobId);
  await until('successor', async () => (await stack.pid('gateway-1')) !== gateway);
  await stack.awaitReady(1);
  assertReplay(await client.initiate(NOOP, key), elsewhere.json.jobId);
  assert.equal(await jobs(), count + 1);
  await client.completed(elsewhere.json.jobId);
});

// A gateway beside those of the stack, for dying: nobody starts it again.
async function spareGateway() {
  const [port, adminPort] = await freePorts(2);
  const pid = await stack.pid('gateway-1');
  const [program, ...args] = readFileSync(`/proc/${pid}/cmdline`, 'latin1').split('\0').slice(0, -1);
  args[args.indexOf('--listen') + 1] = `127.0.0.1:${port}`;
  args[args.indexOf('--admin-listen') + 1] = `127.0.0.1:${adminPort}`;
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => { child.once('exit', resolve); });
  await until('a spare gateway', async () => (await call(`http://127.0.0.1:${adminPort}/readyz`)).status === 200);
  return { port, async kill() { child.kill('SIGKILL'); await ended; } };
}

// One round: a request, the gateway's death a moment later, the same request again elsewhere.
async function killAround(round) {
  const key = newKey();
  const gateway = await spareGateway();
  const connection = await RawConnection.open(gateway.port);
  connection.send(post(BODY, `Idempotency-Key: ${key['idempotency-key']}`));
  const delayMs = round % 6;
  if (delayMs > 0) await pause(delayMs);
  await gateway.kill();
  await connection.when('the connection to end', () => connection.closed);
  const again = await clients[0].initiate(NOOP, key);
  assert.equal(again.status, 202, again.text);
  assertReplay(await clients[1].initiate(NOOP, key), again.json.jobId);
  const said = /\{"jobId":"(\w+)"/.exec(connection.text)?.[1];
  if (said) assert.equal(again.json.jobId, said, 'what the first reply said');
  return { answered: Boolean(said), recorded: again.headers['idempotency-replayed'] === 'true' };
}

test(`${ROUNDS} gateways killed at any moment of a request: one job a key`, async (t) => {
  const count = await jobs();
  const rounds = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await killAround(round));
  assert.equal(await jobs(), count + ROUNDS);
  for (const { answered, recorded } of rounds) assert.ok(recorded || !answered, 'an answered job was recorded');
  const lost = rounds.filter(({ answered, recorded }) => recorded && !answered).length;
  t.diagnostic(`answered ${rounds.filter(({ answered }) => answered).length}, recorded without an answer ${lost}`);
});
