// What a client sends before it has its reply: the next request, its end, or nothing more at all. The
// reply waits for Redis, which is stopped meanwhile, so that early bytes are early.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Client } from './lib/client.mjs';
import { RawConnection } from './lib/raw.mjs';
import { Stack } from './lib/stack.mjs';
import { pause, until } from './lib/wait.mjs';

const WAITED_MS = 500;
const SPINNING = 0.2; // of the time waited; a turn or two with early bytes take next to nothing
let stack, client, jobId;

before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, 'gateway-threads': 1 });
  client = new Client(stack.url());
  jobId = await client.simulate({ durationMs: 0 });
  await client.completed(jobId);
});
after(() => stack?.destroy());

const status = (id) => `GET /v1/download/status/${id} HTTP/1.1\r\nHost: a\r\n\r\n`;

// Seconds of CPU time that the gateway has used.
async function cpuSeconds() {
  const pid = await stack.pid('gateway-1');
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

const waitingReads = () => stack.metric('longhaul_gateway_in_flight');

// Sends one read that waits for Redis, then does `early`, and lets Redis go on after a while.
async function whileWaiting(early) {
  const connection = await RawConnection.open(stack.port);
  await stack.signal('redis', 'SIGSTOP');
  try {
    connection.send(status(jobId));
    await until('the read waits', async () => (await waitingReads()) > 0);
    const before = await cpuSeconds();
    early(connection);
    await pause(WAITED_MS);
    const used = await cpuSeconds() - before;
    assert.ok(used < SPINNING * WAITED_MS / 1000, `the gateway used ${used} s while it waited`);
    assert.equal(connection.text, '');
  } finally {
    await stack.signal('redis', 'SIGCONT');
  }
  return connection;
}

test('a request sent before the reply to the one before is answered after it', async () => {
  const unknown = `${jobId.slice(0, -4)}0000`;
  const connection = await whileWaiting((c) => c.send(status(unknown) + status(jobId)));
  const replies = await connection.replies([], (_, i) => i === 2);
  assert.deepEqual(replies.map((reply) => reply.status), [200, 404, 200]);
  assert.equal(JSON.parse(replies[2].body).jobId, jobId);
  connection.send(status(jobId));
  const more = await connection.replies([], (_, i) => i === 3);
  assert.equal(more[3].status, 200);
  connection.end();
});

test('a client that ends its side before the reply still gets it', async () => {
  const connection = await whileWaiting((c) => c.socket.end());
  const replies = await connection.replies([], () => false);
  assert.deepEqual(replies.map((reply) => reply.status), [200]);
});

test('a client that is gone before the reply costs the others nothing', async () => {
  await whileWaiting((c) => c.socket.resetAndDestroy());
  await client.completed(jobId);
  await until('no read waits', async () => (await waitingReads()) === 0);
});
