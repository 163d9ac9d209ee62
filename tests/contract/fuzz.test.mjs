// Thousands of requests made from docs/openapi.yaml against a real stack: whatever is asked, the reply is one
// of those that are described, and the jobs keep to their state machine.
//
// LONGHAUL_FUZZ_SEED (a fixed one by default) and LONGHAUL_FUZZ_BATCHES say what and how much. The time is
// limited too, for machines that are busy with other things.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { Client } from '../e2e/lib/client.mjs';
import { call, open } from '../e2e/lib/http.mjs';
import { alive, Stack } from '../e2e/lib/stack.mjs';
import { within } from '../e2e/lib/wait.mjs';
import { document, everywhereFaults, operation, operations, problemFaults, replyFaults } from './lib/api.mjs';
import { History } from './lib/history.mjs';
import { anyRequest, verdict } from './lib/requests.mjs';
import { eventFaults, readStream } from './lib/streams.mjs';

const SEED = Number(process.env.LONGHAUL_FUZZ_SEED ?? 20261128);
const BATCHES = Number(process.env.LONGHAUL_FUZZ_BATCHES ?? 90);
const REQUESTS_MIN = 2000;
const LIMIT_MS = 240_000; // a quiet machine needs a fifth of it
const BATCH = { minLength: 30, maxLength: 50, size: 'max' }; // requests at a time
let stack;
const history = new History();
const counts = new Map();

before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, slots: 32, 'gateway-threads': 2 });
  await Promise.all(Array.from({ length: 4 }, () => [COMPLETES, FAILS]).flat().map(begin));
});
after(() => stack?.destroy());

// Jobs that have ended before the rest begins, so that every answer has its chance.
const COMPLETES = { simulate: { size: 100 } };
const FAILS = { maxAttempts: 1, simulate: { failAttempts: 100, errorCode: 'SOURCE_NOT_FOUND' } };
async function begin(options) {
  const client = new Client(stack.url());
  const jobId = await client.submit({ file_id: 1, options });
  history.keep(await client.terminal(jobId));
}

// ---- one request

// %-encoding as the alphabet of the target allows; what is encoded on purpose stays.
const encoded = (text) => (/^[!-~]*$/.test(text) && !/[?#]/.test(text) ? text : encodeURIComponent(text));

function target(request, one) {
  const id = request.jobId.text ?? history.known(request.jobId.known, request.method);
  const link = one.id === 'getFile' ? history.link(request.link) : undefined;
  const pairs = Object.entries(request.query).flatMap(([key, values]) => values.map((value) => [key, value]));
  if (request.extra) pairs.push(request.extra);
  if (link && (pairs.length === 0 || request.link % 2 === 0)) return { path: link, id };
  const query = new URLSearchParams(pairs).toString();
  const route = one.path.replace('{jobId}', encoded(id)).replace('{key}', encoded(id)).replace('{fileName}', 'f.bin');
  return { path: query ? `${link ? link.split('?')[0] : route}?${query}` : route, id };
}

function headersOf(request) {
  const headers = { ...request.headers };
  if (request.accept !== null) headers.accept = request.accept;
  if (request.requestId) headers['x-request-id'] = request.requestId;
  if (request.body) {
    headers['content-length'] = Buffer.byteLength(request.body.text);
    if (request.type) headers['content-type'] = request.type;
  }
  return headers;
}

async function send(request, one) {
  const { path, id } = target(request, one);
  const begun = history.tick();
  if (one.id === 'retryJob') history.retrying(id);
  const response = await within(`${request.method} ${path}`, open(stack.url() + path, {
    method: request.method, headers: headersOf(request), body: request.body?.text || undefined,
  }));
  const text = await readStream(response);
  const isJson = /json/.test(response.headers['content-type'] ?? '') && text !== '';
  return { path, id: one.path.includes('{jobId}') ? id : undefined, begun, method: request.method, status: response.statusCode, headers: response.headers, text,
    json: isJson ? JSON.parse(text) : undefined };
}

// ---- what must be true of the reply

function documented(request, one, reply) {
  if (reply.status >= 500) return [`${reply.status}: ${reply.text}`];
  if (![one.method, 'HEAD'].includes(request.method) || (request.method === 'HEAD' && one.method !== 'GET')) {
    return otherMethodFaults(request, one, reply);
  }
  if (request.method === 'HEAD' && reply.status >= 400) return reply.text === '' ? [] : ['a body to HEAD'];
  if (reply.status === 404 && request.jobId.text) return everywhereFaults(one, reply); // maybe no id at all
  return replyFaults(one, reply, request.method);
}

// The path may have that method as another operation; then its replies are the ones to expect.
function otherMethodFaults(request, one, reply) {
  if (reply.status === 405) return reply.headers.allow ? problemFaultsBut(request, reply) : ['405 without Allow'];
  const sibling = { getDownload: 'removeJob', removeJob: 'getDownload' }[one.id];
  const twin = sibling && operation(sibling).method === (request.method === 'HEAD' ? 'GET' : request.method);
  if (!twin) return request.method === 'HEAD' ? [] : everywhereFaults(one, reply);
  if (reply.status === 413 || request.method === 'HEAD') return [];
  return replyFaults(operation(sibling), reply, request.method);
}

const problemFaultsBut = (request, reply) => (request.method === 'HEAD' ? [] : problemFaults(reply));

// What is accepted fits the schema, and what fits is accepted.
function verdictFaults(request, one, reply) {
  if (!one.body || request.method !== 'POST') return [];
  const said = verdict(request.body);
  if (reply.status === 202) return said === 'refuse' ? [`accepted: ${request.body.text}`] : [];
  const needless = said === 'accept' && reply.status === 400 && reply.json.code !== 'IDEMPOTENCY_KEY_INVALID';
  return !needless ? [] : [`refused: ${request.body.text.slice(0, 500)}: ${reply.text}`];
}

function streamFaults(one, reply) {
  return one.id.startsWith('subscribe') && reply.status === 200 && reply.method === 'GET' ? eventFaults(reply.text) : [];
}

async function tried(request) {
  const one = operation(request.operation);
  const reply = await send(request, one);
  const label = `${one.id} ${reply.status}`;
  counts.set(label, (counts.get(label) ?? 0) + 1);
  const found = [...documented(request, one, reply), ...verdictFaults(request, one, reply), ...streamFaults(one, reply)];
  found.push(...history.learn(one, reply));
  return found.map((fault) => `${request.method} ${reply.path}: ${fault}`);
}

// ---- the tests

test('whatever is asked, the reply is one that is described', async (t) => {
  const pid = await stack.pid('gateway-1');
  let requests = 0;
  const found = [];
  const property = fc.asyncProperty(fc.array(anyRequest, BATCH), async (batch) => {
    requests += batch.length;
    found.push(...(await Promise.all(batch.map(tried))).flat());
    return found.length === 0;
  });
  // Nothing is shrunk: the server is not what it was before the failure, and each fault names its request.
  const result = await fc.check(property,
    { seed: SEED, numRuns: BATCHES, interruptAfterTimeLimit: LIMIT_MS, endOnFailure: true });
  t.diagnostic(`seed ${SEED}: ${requests} requests in ${result.numRuns} batches, ${history.size} jobs`);
  for (const [label, count] of [...counts].sort()) t.diagnostic(`${label}: ${count}`);
  assert.deepEqual(found, [], `seed ${SEED}`);
  assert.equal(result.errorInstance ?? null, null);
  assert.equal(await stack.pid('gateway-1'), pid, 'the gateway is the same process');
  assert.ok(alive(pid));
  assert.ok(process.env.LONGHAUL_FUZZ_BATCHES || requests >= REQUESTS_MIN, `${requests} requests`);
});

test('the edges of every number of a body are where they are described', async () => {
  const initiate = (options) => call(`${stack.url()}/v1/download/initiate`, { method: 'POST',
    headers: { 'content-type': 'application/json' }, body: JSON.stringify({ file_id: 1, options }) });
  const later = { delaySeconds: 600 }; // accepted, and not begun
  const edges = ['InitiateOptions', 'Simulate'].flatMap((schema) => (
    Object.entries(document.components.schemas[schema].properties).filter(([, { maximum }]) => maximum !== undefined)
      .map(([name, { minimum, maximum }]) => ({ schema, name, minimum, maximum }))));
  assert.equal(edges.length, 9);
  for (const { schema, name, minimum, maximum } of edges) {
    for (const [value, status] of [[minimum, 202], [maximum, 202], [minimum - 1, 400], [maximum + 1, 400]]) {
      const options = schema === 'Simulate' ? { ...later, simulate: { [name]: value } } : { ...later, simulate: {}, [name]: value };
      assert.equal((await initiate(options)).status, status, `${name} ${value}`);
    }
  }
});

test('every operation was reached in more than one way', () => {
  const byOperation = new Map();
  for (const label of counts.keys()) {
    const [id, status] = label.split(' ');
    byOperation.set(id, [...(byOperation.get(id) ?? []), status]);
  }
  for (const { id } of operations) assert.ok(byOperation.get(id)?.length > 1, `${id}: ${byOperation.get(id)}`);
  for (const label of ['initiateDownload 202', 'initiateDownload 400', 'getJobStatus 200', 'getJobStatus 404', 'cancelJob 200',
    'retryJob 202', 'getDownload 200', 'getDownload 302', 'getDownload 409', 'removeJob 204', 'getFile 200', 'subscribeToJob 200']) {
    assert.ok(counts.has(label), label);
  }
});
