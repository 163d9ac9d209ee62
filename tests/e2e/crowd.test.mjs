// More clients than descriptors: they wait in the kernel's queue, and the gateway does not spin. And a
// broker that says nothing: an answer in time, one job.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { pause, until } from './lib/wait.mjs';

const TICKS_A_SECOND = Number(execFileSync('getconf', ['CLK_TCK']));
const WATCHED_MS = 2000;

// CPU time of a process in ms: user and system (proc(5), stat, fields 14 and 15).
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').pop().split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS_A_SECOND;
}

async function assertIdle(pid) {
  const before = cpuMs(pid);
  await pause(WATCHED_MS); // what is measured is the time in which nothing happens
  const used = cpuMs(pid) - before;
  assert.ok(used < WATCHED_MS / 5, `${used} ms of CPU in ${WATCHED_MS} ms`);
}

describe('more clients than connections', () => {
  const MOST = 16, MORE = 24;
  let stack, client, streams, jobId;
  before(async () => {
    stack = await Stack.start({ 'allow-simulate': true, 'gateway-threads': 1 },
      { LONGHAUL_CONNECTIONS_MAX: String(MOST) });
    client = new Client(stack.url());
    jobId = await client.simulate({ durationMs: 120_000 });
    streams = [];
  });
  after(async () => {
    streams.forEach((events) => events.close());
    await stack?.destroy();
  });

  // Asks and remembers who was answered.
  const ask = (count) => {
    const asked = { answered: 0 };
    asked.all = Promise.all(Array.from({ length: count }, () => client.status(jobId).then((reply) => {
      assert.equal(reply.status, 200);
      asked.answered++;
    })));
    asked.all.catch(() => {});
    return asked;
  };

  test('at the cap they wait without costing anything, and are answered when there is room', async () => {
    const pid = await stack.pid('gateway-1');
    for (let i = 0; i < MOST; i++) streams.push(await client.events(jobId));
    const asked = ask(MORE);
    await assertIdle(pid);
    assert.equal(asked.answered, 0);
    assert.equal((await call(`${stack.admin()}/readyz`)).status, 200, 'operators are let in');
    streams.splice(0, 4).forEach((events) => events.close());
    await asked.all;
    assert.equal(await stack.pid('gateway-1'), pid);
  });

  test('without descriptors they wait as well', async () => {
    const pid = await stack.pid('gateway-1');
    const limit = (soft) => execFileSync('prlimit', ['--pid', pid, `--nofile=${soft}:`]);
    const usual = execFileSync('prlimit', ['--pid', pid, '--nofile', '--raw', '--noheadings', '--output', 'SOFT'])
      .toString().trim();
    while (streams.length > 0) streams.pop().close();
    await until('they are gone', async () => (
      /_connections 1$/m.test((await call(`${stack.admin()}/metrics`)).text)));
    limit(8); // fewer than it has open: accept(2) says EMFILE
    const asked = ask(4);
    try {
      await assertIdle(pid);
      assert.equal(asked.answered, 0);
    } finally {
      limit(usual);
    }
    await asked.all;
  });
});

describe('a broker that says nothing', () => {
  let stack, client;
  before(async () => {
    stack = await Stack.start({ 'allow-simulate': true });
    client = new Client(stack.url());
  });
  after(() => stack?.destroy());

  test('503 in time; a repeat with the same key finds the one job', { timeout: 60_000 }, async () => {
    const body = { file_id: 1, options: { simulate: {} } };
    const headers = { 'idempotency-key': 'silent-broker' };
    const broker = await stack.signal('broker-1', 'SIGSTOP');
    try {
      const started = Date.now();
      const reply = await client.initiate(body, headers);
      assert.deepEqual([reply.status, reply.json.code], [503, 'UNAVAILABLE'], reply.text);
      assert.ok(Number(reply.headers['retry-after']) >= 1);
      assert.ok(Date.now() - started < 15_000);
    } finally {
      process.kill(broker, 'SIGCONT');
    }
    await stack.awaitReady();
    const jobId = await until('accepted', async () => {
      const reply = await client.initiate(body, headers);
      return reply.status === 202 && reply.json.jobId;
    });
    await client.completed(jobId);
    assert.equal(await stack.redis('zcard', 'lh:{0}:index'), '1');
  });
});
