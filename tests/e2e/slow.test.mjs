// A reader that does not read: its stream is closed after 30 s, and its backlog stays bounded.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const READERS = 20;
const CLOSED_WITHIN_MS = 150_000; // until the buffers of both kernels are full, and 30 s more

let stack, client;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, 'gateway-threads': 1 });
  client = new Client(stack.url());
});
after(() => stack?.destroy());

async function gauge(name) {
  const { text } = await call(`${stack.admin()}/metrics`);
  return Number(new RegExp(`^${name}(?:{[^}]*})? ([0-9.e+]+)$`, 'm').exec(text)?.[1]);
}

async function gatewayKib() {
  const status = await readFile(`/proc/${await stack.pid('gateway-1')}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)[1]);
}

// Opens a stream and never reads: Node fetches a few KiB, and then the kernels' buffers fill.
function openStuck(path) {
  const socket = net.connect(stack.port, '127.0.0.1');
  socket.pause();
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  return socket;
}

test('readers that do not drain are closed, one that does is not', { timeout: CLOSED_WITHIN_MS + 60_000 }, async () => {
  // It has bytes, so that each of its reports is news, and a user whose name is long in JSON.
  const jobId = await client.submit({ file_id: 1, userId: '"'.repeat(128), options: {
    timeoutSeconds: 300, simulate: { durationMs: 280_000, progressMs: 100, size: 50_000_000 } } });
  await client.running(jobId);
  const reader = await client.events(jobId);
  const stuck = Array.from({ length: READERS }, () => openStuck(`/v1/download/subscribe/${jobId}`));
  await until('all are there', async () => (await gauge('longhaul_gateway_streams')) === READERS + 1);
  const before = await gatewayKib();
  await until('the stuck ones are closed', async () => (await gauge('longhaul_gateway_streams')) === 1,
    CLOSED_WITHIN_MS);
  const grown = (await gatewayKib()) - before;
  assert.ok(grown < READERS * 64, `${grown} KiB more for ${READERS} stuck readers`);
  const last = reader.ids.at(-1);
  await until('the other one goes on', () => reader.ids.at(-1) > last);
  assert.equal(reader.cut, false);
  for (const socket of stuck) socket.destroy();
});
