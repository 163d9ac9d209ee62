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

// Longer than the drain, shorter than what a silent Redis or broker is given: at the end all of them wait.
test('a gateway that stops while nobody answers it: who waits is told, and it ends well', async (t) => {
  const hung = await Stack.start({ 'allow-simulate': true, 'gateway-threads': 1 }, { LONGHAUL_DRAIN_S: '1' });
  const hang = (signal) => Promise.all(['broker-1', 'redis'].map((name) => hung.signal(name, signal)));
  t.after(async () => {
    await hang('SIGCONT');
    await hung.destroy();
  });
  const asked = new Client(hung.url());
  const [jobId, other] = [await asked.simulate({ durationMs: 60_000 }), await asked.simulate({}, { delaySeconds: 600 })];
  await asked.running(jobId);
  const events = await asked.events(jobId);
  await events.message('running', (job) => job.status === 'running');
  await hang('SIGSTOP');
  const waiting = [
    asked.status(jobId), asked.cancel(other), asked.initiate({ file_id: 1, options: { simulate: {} } }),
    call(`${asked.api}/subscribe/${other}`), call(`${asked.api}/subscribe?jobId=${other}`),
    call(`${asked.api}/jobs?limit=1`), call(`${asked.api}/${jobId}/history`),
  ].map((reply) => reply.catch((error) => error));
  await until('all of them wait', async () => await hung.metric('longhaul_gateway_in_flight') === 5
    && await hung.metric('longhaul_gateway_stream_jobs') === 3);
  const old = await hung.signal('gateway-1', 'SIGTERM');
  for (const reply of await Promise.all(waiting)) {
    assert.equal(reply.status, 503, `${reply.status ?? reply.stack}`);
    assert.equal(reply.json.code, 'UNAVAILABLE');
    assert.ok(Number(reply.headers['retry-after']) > 0);
  }
  await events.finish();
  assert.equal(events.cut, false);
  await until('the old gateway is gone', () => !alive(old));
  const said = await until('the supervisor noticed', async () => (
    (await hung.log('run')).split('\n').find((line) => line.includes('gateway-1 ended'))));
  assert.match(said, /exit status 0/);
});
