// SIGTERM: every program finishes or hands over what it has, and nothing is charged or lost.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Stack, alive } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

let stack, client;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, brokers: 2 }, { LONGHAUL_DRAIN_S: '2' });
  client = new Client(stack.url());
});
after(() => stack?.destroy());

const replaced = (name, old) => until(`a new ${name}`, async () => (await stack.pid(name)) !== old);

test('a worker hands back what it cannot finish: next attempt, nothing charged', async () => {
  const long = await client.simulate({ durationMs: 5000 });
  const short = await client.simulate({ durationMs: 700 });
  await client.running(long);
  await client.running(short);
  const old = await stack.signal('worker-1', 'SIGTERM');
  await until('the old worker is gone', () => !alive(old));
  await replaced('worker-1', old);
  for (const [jobId, attempts] of [[long, 2], [short, 1]]) {
    const job = await client.completed(jobId);
    assert.equal(job.attempts, 0);
    const record = await stack.record(jobId);
    assert.equal(record.crashes, undefined, record.log);
    assert.equal(record.transitions.filter((entry) => entry.status === 'r').length, attempts, record.log);
  }
});

test('a worker that drains exits 0', async () => {
  const old = await stack.signal('worker-1', 'SIGTERM');
  await replaced('worker-1', old);
  const said = await until('the supervisor noticed', async () => {
    const lines = (await stack.log('run')).split('\n').filter((line) => line.includes('worker-1 ended'));
    return lines.at(-1);
  });
  assert.match(said, /exit status 0/);
});

test('a gateway answers what it has begun, on connections that it then closes', async () => {
  await stack.awaitReady();
  const jobId = await client.simulate({ durationMs: 1500 });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 4 });
  const endpoint = `${client.api}/status/${jobId}`;
  await Promise.all(Array.from({ length: 4 }, () => call(endpoint, { agent })));
  let stop = false;
  const outcomes = { answered: 0, refused: 0 };
  const hammer = async () => {
    while (!stop) {
      try {
        const reply = await call(endpoint, { agent });
        assert.equal(reply.status, 200);
        outcomes.answered++;
      } catch (error) {
        // A connection that was refused or closed before any byte of an answer may be repeated.
        if (!['ECONNREFUSED', 'ECONNRESET', 'EPIPE'].includes(error.code)) throw error;
        outcomes.refused++;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  };
  const all = Promise.all(Array.from({ length: 4 }, hammer));
  const old = await stack.signal('gateway-1', 'SIGTERM');
  await replaced('gateway-1', old);
  await stack.awaitReady();
  const before = outcomes.answered;
  await until('the new one answers', () => outcomes.answered > before);
  stop = true;
  await all;
  agent.destroy();
  await client.completed(jobId);
});

test('a broker that drains sends its workers on; their jobs run through', async () => {
  await stack.awaitReady();
  const jobs = await Promise.all(Array.from({ length: 6 }, () => client.simulate({ durationMs: 3000 })));
  for (const jobId of jobs) await client.running(jobId);
  const old = await stack.signal('broker-1', 'SIGTERM');
  await replaced('broker-1', old);
  for (const jobId of jobs) {
    const job = await client.completed(jobId);
    assert.equal(job.attempts, 0);
    const { transitions, log } = await stack.record(jobId);
    assert.equal(transitions.filter((entry) => entry.status === 'r').length, 1, log);
  }
});
