// idle: waits nearly all of its time, so it may run beside others.
// Client connections between two requests: as long as a proxy keeps them, and never in the way of others.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { call } from './lib/http.mjs';
import { RawConnection } from './lib/raw.mjs';
import { get, STATUS } from './lib/raw_cases.mjs';
import { Stack } from './lib/stack.mjs';
import { pause, until } from './lib/wait.mjs';

const PROXY_IDLE_MS = 60_000; // nginx' and AWS' default
const PLACES = 16;
const stacks = [];
after(() => Promise.all(stacks.map((stack) => stack.destroy())));

async function start(env = {}) {
  const stack = await Stack.start({ 'gateway-threads': 1 }, env);
  stacks.push(stack);
  return stack;
}

async function ask(connection) {
  connection.text = '';
  connection.send(get(STATUS));
  const [reply] = await connection.replies(['GET'], () => true);
  assert.equal(reply?.status, 404);
}

test('a connection that was idle for a minute still takes a request', { timeout: 2 * PROXY_IDLE_MS }, async (t) => {
  const stack = await start();
  const connection = await RawConnection.open(stack.port);
  t.after(() => connection.end());
  await ask(connection);
  await pause(PROXY_IDLE_MS + 2000);
  assert.ok(!connection.closed);
  await ask(connection);
});

test('idle connections make room for new ones, those first that came first', async (t) => {
  const stack = await start({ LONGHAUL_CONNECTIONS_MAX: String(PLACES) });
  const idle = [];
  t.after(() => idle.forEach((connection) => connection.end()));
  while (idle.length < PLACES) {
    idle.push(await RawConnection.open(stack.port));
    await ask(idle.at(-1));
  }
  const begun = Date.now();
  const reply = await call(`${stack.url()}${STATUS}`);
  assert.equal(reply.status, 404);
  assert.ok(Date.now() - begun < 5000, 'long before the idle timeout');
  await until('the first was closed', () => idle[0].closed);
  assert.ok(!idle.at(-1).closed, 'not all of them');
  await ask(idle.at(-1));
  assert.equal((await call(`${stack.admin()}/livez`)).status, 200);
});
