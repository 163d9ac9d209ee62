// Server-Sent Events of one job, as they are on the wire and as the documented clients use them.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { exchange } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { pause, until } from './lib/wait.mjs';

let stack, client;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, 'gateway-threads': 2 }, { LONGHAUL_HEARTBEAT_S: '1' });
  client = new Client(stack.url());
});
after(() => stack?.destroy());

const statuses = (frames) => frames.map((frame) => JSON.parse(frame.data).status);
const json = (frame) => JSON.parse(frame.data);

function assertIncreasing(ids) {
  for (let i = 1; i < ids.length; i++) assert.ok(ids[i] > ids[i - 1], `ids: ${ids}`);
}

// Named frames of a step, then its unnamed twin with the same data; the id is on the last one only.
function assertTwins(events) {
  let open = [];
  for (const frame of events.messages) {
    if (frame.event !== undefined) {
      assert.equal(frame.id, undefined, 'a named frame before its twin has no id');
      open.push(frame);
      continue;
    }
    assert.ok(open.length > 0, 'an unnamed frame follows a named one');
    for (const named of open) assert.equal(named.data, frame.data);
    assert.equal(Number(frame.id), json(frame).version);
    open = [];
  }
  assert.equal(open.length, 0);
}

test('a stream opens with retry, then the present state, and ends after the terminal one', async () => {
  const jobId = await client.simulate({ durationMs: 800, progressMs: 100 });
  const events = await client.events(jobId);
  assert.equal(events.status, 200);
  assert.match(events.headers['content-type'], /^text\/event-stream/);
  assert.equal(events.headers['cache-control'], 'no-cache, no-transform');
  assert.equal(events.headers['x-accel-buffering'], 'no');
  assert.equal(events.headers['content-encoding'], undefined);
  await events.finish();
  assert.equal(events.cut, false, 'a clean end');
  assert.equal(events.frames[0].retry, '3000');
  assert.equal(events.messages[0].event, 'status');
  assertTwins(events);
  assertIncreasing(events.ids);
  const named = events.named('status').map((frame) => json(frame).status);
  assert.equal(named.at(-1), 'completed');
  assert.ok(['queued', 'running'].includes(named[0]));
  assert.equal(new Set(named).size, named.length, `each change once: ${named}`);
  assert.deepEqual(statuses(events.named('result')), ['completed']);
  assert.equal(events.named('error').length, 0);
  for (const frame of events.named('progress')) assert.equal(json(frame).status, 'running');
  assert.ok(events.named('progress').length >= 1);
});

test('the connection of a stream ends with it: a proxy must not send a file down its small buffer', async () => {
  const jobId = await client.simulate({});
  await client.completed(jobId);
  const events = await client.events(jobId, { headers: { connection: 'keep-alive' } });
  assert.equal(events.headers.connection, 'close');
  const request = `GET /v1/download/subscribe/${jobId} HTTP/1.1\r\nHost: a\r\n\r\n`;
  const replies = await exchange(stack.url(), request + request);
  assert.equal(replies.match(/^HTTP\/1\.1 /gm).length, 1);
});

test('the snippet with onmessage and the one with named listeners both see the whole job', async () => {
  const jobId = await client.simulate({ durationMs: 300, progressMs: 50 });
  const events = await client.events(jobId);
  await events.finish();
  const last = json(events.unnamed.at(-1));
  assert.equal(last.status, 'completed');
  assert.ok(last.result.url);
  assert.equal(json(events.named('result')[0]).result.url, last.result.url);
});

test('a failed job gets status and error, once each', async () => {
  const jobId = await client.simulate({ durationMs: 200, failAttempts: 1, errorCode: 'SOURCE_FORBIDDEN' });
  const events = await client.events(jobId);
  await events.finish();
  assert.equal(events.named('error').length, 1);
  assert.equal(json(events.named('error')[0]).error.code, 'SOURCE_FORBIDDEN');
  assert.equal(statuses(events.named('status')).filter((s) => s === 'failed').length, 1);
  assert.equal(events.named('result').length, 0);
  assertTwins(events);
});

test('an attempt that is tried again is seen as queued and running again', async () => {
  const jobId = await client.simulate({ durationMs: 100, failAttempts: 1, errorCode: 'WORKER_LOST' });
  const events = await client.events(jobId);
  await events.finish();
  const seen = statuses(events.named('status'));
  assert.equal(seen.at(-1), 'completed');
  assert.deepEqual(seen.slice(-3), ['queued', 'running', 'completed']);
  assertIncreasing(events.ids);
});

test('?named=1 sends named events only, with their ids', async () => {
  const jobId = await client.simulate({ durationMs: 200, progressMs: 50 });
  const events = await client.events(jobId, { query: '?named=1' });
  await events.finish();
  assert.equal(events.unnamed.length, 0);
  assertIncreasing(events.ids);
  assert.equal(events.named('result').length, 1);
  assert.equal(Number(events.lastId), json(events.named('result')[0]).version);
});

test('a terminal job: its state and the end; with its last id: 204', async () => {
  const jobId = await client.simulate({});
  await client.completed(jobId);
  const first = await client.events(jobId);
  await first.finish();
  assert.deepEqual(statuses(first.named('status')), ['completed']);
  for (const options of [
    { headers: { 'last-event-id': first.lastId } }, { query: `?lastEventId=${first.lastId}` }]) {
    const again = await client.events(jobId, options);
    assert.equal(again.status, 204);
    await again.finish();
    assert.equal(again.frames.length, 0);
  }
});

test('Last-Event-ID: only what is newer, nothing missed, nothing twice', async () => {
  const jobId = await client.simulate({ durationMs: 1500, progressMs: 200 });
  const first = await client.events(jobId);
  await first.message('progress', (job, frame) => frame.event === undefined && job.progress !== null);
  first.close();
  const second = await client.events(jobId, { headers: { 'last-event-id': first.lastId } });
  await second.finish();
  assert.ok(second.ids[0] > Number(first.lastId), `${second.ids[0]} > ${first.lastId}`);
  assertIncreasing([...first.ids.filter((id) => id <= Number(first.lastId)), ...second.ids]);
  assert.ok(!statuses(second.named('status')).includes('queued'));
  assert.equal(second.named('result').length, 1);
});

test('transitions that happened while nobody listened are replayed in order', async () => {
  const simulate = { durationMs: 50, failAttempts: 1, errorCode: 'WORKER_LOST' };
  const jobId = await client.simulate(simulate);
  await client.completed(jobId);
  const events = await client.events(jobId, { query: '?lastEventId=1' });
  await events.finish();
  assert.deepEqual(statuses(events.named('status')), ['running', 'queued', 'running', 'completed']);
  const { transitions } = await stack.record(jobId);
  assert.deepEqual(events.ids, transitions.slice(1).map((entry) => entry.version));
});

test('an id that cannot be is no id: the full state', async () => {
  const jobId = await client.simulate({});
  await client.completed(jobId);
  for (const id of ['999999', 'abc', '-1', '0', '18446744073709551616']) {
    const events = await client.events(jobId, { headers: { 'last-event-id': id } });
    assert.equal(events.status, 200, id);
    await events.finish();
    assert.deepEqual(statuses(events.named('status')), ['completed'], id);
  }
});

test('an idle stream has a comment each heartbeat', async () => {
  const jobId = await client.simulate({}, { delaySeconds: 600 });
  const events = await client.events(jobId);
  await until('two heartbeats', () => events.frames.filter((f) => f.comment !== undefined).length >= 2);
  assert.deepEqual(statuses(events.named('status')), ['queued']);
  await client.cancel(jobId);
  await events.finish();
  assert.deepEqual(statuses(events.named('status')), ['queued', 'canceled']);
});

test('many readers of one job see the same', async () => {
  const jobId = await client.simulate({ durationMs: 600, progressMs: 100 });
  const all = await Promise.all(Array.from({ length: 50 }, () => client.events(jobId)));
  await Promise.all(all.map((events) => events.finish()));
  for (const events of all) {
    assertIncreasing(events.ids);
    assert.equal(events.named('result').length, 1);
    const changes = statuses(events.named('status'));
    assert.equal(new Set(changes).size, changes.length);
  }
});

test('progress comes at most four times a second', async () => {
  const jobId = await client.simulate({ durationMs: 2000, progressMs: 20 });
  const events = await client.events(jobId, { query: '?named=1' });
  await events.finish();
  const count = events.named('progress').length;
  assert.ok(count >= 3 && count <= 12, `${count} progress events in 2 s`);
});

test('readers that leave in the middle do not disturb those who stay', async () => {
  const jobId = await client.simulate({ durationMs: 1500, progressMs: 100 });
  const all = await Promise.all(Array.from({ length: 40 }, () => client.events(jobId)));
  await all[0].message('running', (job) => job.status === 'running');
  all.forEach((events, i) => { if (i % 2) events.close(); });
  const stay = all.filter((_, i) => i % 2 === 0);
  await Promise.all(stay.map((events) => events.finish()));
  for (const events of stay) assert.equal(events.named('result').length, 1);
});

test('a broker that dies while streams are open costs them nothing', async () => {
  const jobId = await client.simulate({ durationMs: 3000, progressMs: 200 });
  const events = await client.events(jobId);
  await events.message('running', (job) => job.status === 'running');
  await stack.killAndAwaitSuccessor('broker-1');
  await events.finish(60_000);
  assert.equal(events.cut, false);
  assertIncreasing(events.ids);
  assert.equal(events.named('result').length, 1);
});

test('Redis that dies while streams are open costs them nothing', async () => {
  await stack.awaitReady();
  const jobId = await client.simulate({ durationMs: 3000, progressMs: 200 });
  const events = await client.events(jobId);
  await events.message('running', (job) => job.status === 'running');
  await stack.killAndAwaitSuccessor('redis');
  await events.finish(60_000);
  assert.equal(events.cut, false);
  assert.equal(events.named('result').length, 1);
});

test('SIGTERM to the gateway: streams get retry and a clean end; a reconnect misses nothing', async () => {
  await stack.awaitReady();
  const jobId = await client.simulate({ durationMs: 4000, progressMs: 200 });
  const all = await Promise.all(Array.from({ length: 10 }, () => client.events(jobId)));
  for (const events of all) await events.message('running', (job) => job.status === 'running');
  const old = await stack.signal('gateway-1', 'SIGTERM');
  await Promise.all(all.map((events) => events.finish()));
  for (const events of all) {
    assert.equal(events.cut, false, 'a clean end');
    const retries = events.frames.filter((frame) => frame.retry !== undefined);
    assert.ok(retries.length >= 2, 'a last retry with jitter');
  }
  await until('a new gateway', async () => (await stack.pid('gateway-1')) !== old);
  await stack.awaitReady();
  const { lastId } = all[0];
  const after = await client.events(jobId, { headers: { 'last-event-id': lastId } });
  await after.finish();
  assert.ok(after.ids.every((id) => id > Number(lastId)));
  assert.equal(after.named('result').length, 1);
  await pause(0);
});
