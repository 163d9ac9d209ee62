// Each status that is described of an operation is given by it, and each that it gives is described. What cannot
// be had here stands in ELSEWHERE, with the test that has it.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Client } from '../e2e/lib/client.mjs';
import { call, open } from '../e2e/lib/http.mjs';
import { Stack, temporaryFolder } from '../e2e/lib/stack.mjs';
import { bearer, hmacSigned } from '../e2e/lib/tokens.mjs';
import { buildWeb } from '../e2e/lib/web-client.mjs';
import { operation, operations, optionsFaults, replyFaults } from './lib/api.mjs';
import { readStream } from './lib/streams.mjs';

const ELSEWHERE = {
  500: ['an error of our own: no request makes one', () => true],
  503: ['e2e/faults, full, limits: what is away or full', () => true],
  409: ['e2e/idempotency: while the first request is in flight', ({ id }) => ['initiateDownload', 'startDownload'].includes(id)],
  410: ['e2e/retention: an artifact past its time', ({ id }) => id === 'getDownload'],
  404: ['docs.test.mjs: a gateway without pages', ({ id }) => id === 'getApiDescription' || id === 'getApiReference'],
};
const ORIGIN = 'https://app.example';
const SECRET = 'a secret of at least thirty-two bytes';
const NOBODY = '0'.repeat(27);
const SIMULATE = { file_id: 1, options: { simulate: { size: 100 } } };
const WAITS = { file_id: 1, options: { delaySeconds: 600, simulate: {} } };
const seen = new Map(operations.map(({ id }) => [id, new Set()]));
let folder, stack, guarded, limited, client;

before(async () => {
  buildWeb();
  folder = await temporaryFolder();
  await writeFile(path.join(folder, 'secret'), SECRET);
  const cors = { LONGHAUL_CORS_ORIGINS: ORIGIN };
  stack = await Stack.start({ 'allow-simulate': true, slots: 8 }, cors);
  guarded = await Stack.start({ 'allow-simulate': true }, { ...cors, LONGHAUL_AUTH: 'jwt',
    LONGHAUL_JWT_SECRET_FILE: path.join(folder, 'secret'), LONGHAUL_JWT_ISSUER: 'https://id.example',
    LONGHAUL_JWT_AUDIENCE: 'longhaul' });
  limited = await Stack.start({}, { ...cors, LONGHAUL_RATE_ADDRESS: '1/m:1' });
  client = new Client(stack.url());
});
after(async () => {
  await Promise.all([stack, guarded, limited].map((one) => one?.destroy()));
  await rm(folder, { recursive: true, force: true });
});

// Asks an operation: at `to`, or where its path leads with `id`. The reply is held against the description.
async function ask(operationId, { of = stack, id = NOBODY, to, query = '', headers = {}, body } = {}) {
  const one = operation(operationId);
  const where = to ?? one.path.replace(/\{(jobId|key|fileName)\}/g, id);
  const json = body === undefined ? {} : { 'content-type': 'application/json' };
  const text = typeof body === 'object' ? JSON.stringify(body) : body;
  const response = await open(of.url() + where + query, { method: one.method, body: text,
    headers: { ...json, ...(text ? { 'content-length': Buffer.byteLength(text) } : {}), origin: ORIGIN, ...headers } });
  const said = await readStream(response);
  const isJson = /json/.test(response.headers['content-type'] ?? '') && said !== '';
  const reply = { status: response.statusCode, headers: response.headers, text: said, json: isJson ? JSON.parse(said) : undefined };
  assert.deepEqual(replyFaults(one, reply), [], `${one.method} ${where}${query}`);
  assert.equal(reply.headers['access-control-allow-origin'], ORIGIN, operationId);
  assert.match(reply.headers.vary, /Origin/, operationId);
  if (reply.status in one.responses) seen.get(operationId).add(reply.status);
  return reply;
}

const api = operations.filter(({ path: where }) => where.startsWith('/v1/'));
const guardedOnes = api.filter(({ responses }) => '401' in responses);

test('without a token: 401, but for links to files', async () => {
  assert.deepEqual(api.filter((one) => !guardedOnes.includes(one)).map(({ id }) => id), ['getFile']);
  for (const { id } of guardedOnes) assert.equal((await ask(id, { of: guarded })).status, 401, id);
});

test('over the rate: 429 on every path of the API', async () => {
  await call(`${limited.url()}/v1/download/status/${NOBODY}`);
  for (const { id } of api) assert.equal((await ask(id, { of: limited })).status, 429, id);
});

test('a body that is too large: 413 where the method may have one', async () => {
  for (const { id, method } of api) {
    if (method !== 'GET') assert.equal((await ask(id, { body: 'x'.repeat(65537) })).status, 413, id);
  }
});

test('OPTIONS is 204 on every path, and is described', async () => {
  for (const { path: where } of operations.filter(({ path: p }) => p.startsWith('/v1/'))) {
    const reply = await call(stack.url() + where.replace(/\{\w+\}/g, NOBODY), { method: 'OPTIONS',
      headers: { origin: ORIGIN, 'access-control-request-method': 'GET' } });
    assert.deepEqual(optionsFaults(reply), [], where);
  }
});

test('somebody else: 403', async () => {
  const headers = bearer(hmacSigned(SECRET));
  await ask('createTicket', { of: guarded, headers });
  for (const id of ['initiateDownload', 'startDownload']) await ask(id, { of: guarded, headers, body: { file_id: 1, userId: 'bob' } });
  for (const id of ['listJobs', 'subscribeToJobs']) await ask(id, { of: guarded, headers, query: '?userId=bob' });
});

test('starting', async () => {
  for (const id of ['initiateDownload', 'startDownload']) {
    const key = { 'idempotency-key': `statuses-${id}` };
    await ask(id, { body: SIMULATE, headers: key });
    await ask(id, { body: WAITS, headers: key });
    await ask(id, { body: '{' });
    await ask(id, { body: SIMULATE, headers: { 'content-type': 'text/plain' } });
  }
});

test('jobs and their streams', async () => {
  const [done, waits, other] = [await client.submit(SIMULATE), await client.submit(WAITS), await client.submit({ file_id: 1, options: { simulate: { durationMs: 60_000 } } })];
  await client.completed(done);
  await client.running(other);
  const jobs = ['getJobStatus', 'subscribeToJob', 'cancelJob', 'retryJob', 'getJobHistory', 'getDownload', 'removeJob'];
  for (const id of jobs) await ask(id);
  for (const id of ['getJobStatus', 'subscribeToJob', 'cancelJob', 'retryJob', 'getJobHistory', 'getDownload']) await ask(id, { id: done });
  await ask('listJobs');
  await ask('listJobs', { query: '?limit=0' });
  const { headers } = await client.status(done);
  await ask('getJobStatus', { id: done, headers: { 'if-none-match': headers.etag } });
  await ask('subscribeToJob', { id: done, query: '?named=2' });
  await ask('subscribeToJob', { id: done, headers: { 'last-event-id': '1000000' } });
  await ask('subscribeToJob', { id: done, headers: { 'last-event-id': /"(\d+)/.exec(headers.etag)[1] } });
  await ask('getDownload', { id: done, query: '?redirect=1' });
  await ask('getDownload', { id: done, query: '?redirect=2' });
  for (const query of [`?jobId=${done}`, `?jobId=${NOBODY}`, '']) await ask('subscribeToJobs', { query });
  const stream = await readStream(await open(`${stack.url()}/v1/download/subscribe?jobId=${done}`));
  const cursor = [...stream.matchAll(/^id: ?(.+)$/gm)].at(-1)[1];
  await ask('subscribeToJobs', { query: `?jobId=${done}`, headers: { 'last-event-id': cursor } });
  await ask('createTicket');
  await ask('getDownload', { id: waits });
  await ask('removeJob', { id: waits });
  await ask('cancelJob', { id: other });
  await ask('cancelJob', { id: waits });
  await ask('retryJob', { id: waits });
});

test('a file, and its end', async () => {
  const jobId = await client.submit(SIMULATE);
  const { result } = await client.completed(jobId);
  const file = { to: result.url };
  const { headers: { etag } } = await ask('getFile', file);
  await ask('getFile', { ...file, headers: { range: 'bytes=0-9' } });
  await ask('getFile', { ...file, headers: { range: 'bytes=100-' } });
  await ask('getFile', { ...file, headers: { 'if-none-match': etag } });
  await ask('getFile', { ...file, headers: { 'if-match': '"x"' } });
  await ask('getFile', { to: `${result.url}x` });
  await ask('getFile', { to: '/v1/download/files/x' });
  await ask('removeJob', { id: jobId });
  await ask('getFile', file);
});

test('the pages', async () => {
  for (const id of ['getApiDescription', 'getApiReference']) {
    const { headers } = await ask(id);
    await ask(id, { headers: { 'if-none-match': headers.etag } });
  }
});

test('nothing else is described', () => {
  const missing = operations.flatMap((one) => Object.keys(one.responses)
    .filter((status) => !seen.get(one.id).has(Number(status)) && !ELSEWHERE[status]?.[1](one)).map((status) => `${one.id} ${status}`));
  assert.deepEqual(missing, []);
});
