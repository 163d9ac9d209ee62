// Longhaul behind reverse proxies: the shipped configurations, the original document's, and nginx's
// defaults. What is said here of all of them is said of each.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import http from 'node:http';
import { Client } from './lib/client.mjs';
import { FRONTS } from './lib/fronts.mjs';
import { call, digest, exchange, open as openRequest } from './lib/http.mjs';
import { Origin, Pattern } from './lib/origin.mjs';
import { freePorts } from './lib/ports.mjs';
import { Relay } from './lib/relay.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { Watcher } from './lib/watcher.mjs';

const HELD_BYTES = 1_000_000;
const KIB = 1024;
const pattern = new Pattern(3_000_000);

let origin, stack, direct, held;
const fronts = {}; // by name, all in front of `stack`
before(async () => {
  origin = await Origin.start();
  origin.pattern('/f/1', pattern);
  held = origin.stalling('/f/2', HELD_BYTES, HELD_BYTES / 2);
  stack = await Stack.start({
    catalog: `${origin.url}/f/{file_id}`, 'source-allow': '127.0.0.0/8', 'allow-simulate': true,
  }, { LONGHAUL_HEARTBEAT_S: '1' });
  direct = new Client(stack.url());
  for (const [name, start] of Object.entries(FRONTS)) fronts[name] = await start([stack.port]);
});
after(async () => {
  await Promise.all(Object.values(fronts).map((front) => front.destroy()));
  await stack?.destroy();
  await origin?.stop();
});

const streams = () => stack.metric('longhaul_gateway_streams');
const json = (frame) => JSON.parse(frame.data);

function assertIncreasing(ids) {
  for (let i = 1; i < ids.length; i++) assert.ok(ids[i] > ids[i - 1], `ids: ${ids}`);
}

// Every change of status once, whatever happened to connections in between.
async function assertMissedNothing(watcher, jobId, at = stack) {
  await watcher.done;
  assertIncreasing(watcher.versions);
  const { transitions, log } = await at.record(jobId);
  const first = watcher.versions[0];
  const due = transitions.map((entry) => entry.version).filter((version) => version > first);
  assert.deepEqual(watcher.changes.slice(1), due, log);
}

for (const name of Object.keys(FRONTS)) {
  describe(name, () => {
    let front, client;
    before(() => {
      front = fronts[name];
      client = new Client(front.url);
    });

    test('events arrive as they happen: while the source is still holding the file back', async () => {
      const jobId = await client.submit({ file_id: 2 });
      const events = await client.events(jobId);
      assert.equal(events.status, 200);
      assert.match(events.headers['content-type'], /^text\/event-stream/);
      assert.equal(events.headers['content-encoding'], undefined);
      await events.message('half of it', (job) => job.bytesDone === HELD_BYTES / 2);
      assert.equal((await direct.status(jobId)).json.status, 'running');
      held.release();
      await events.finish();
      assert.equal(events.cut, false);
      assert.equal(json(events.named('result')[0]).result.size, HELD_BYTES);
      assertIncreasing(events.ids);
    });

    test('a watcher who leaves is gone for the gateway', async () => {
      const jobId = await client.simulate({}, { delaySeconds: 600 });
      await until('no streams', async () => (await streams()) === 0);
      const events = await client.events(jobId);
      await until('one stream', async () => (await streams()) === 1);
      events.close();
      await until('no streams', async () => (await streams()) === 0);
    });

    test('statuses come through: 202, 200, 304, 204, 302, 404, 405, 409', async () => {
      const jobId = await client.submit({ file_id: 1, options: { fileName: 'Größe.bin' } });
      await client.completed(jobId);
      const status = await client.status(jobId);
      const notModified = await client.status(jobId, { 'if-none-match': status.headers.etag });
      assert.deepEqual([notModified.status, notModified.text], [304, '']);
      const first = await client.events(jobId);
      await first.finish();
      const again = await client.events(jobId, { headers: { 'last-event-id': first.lastId } });
      assert.equal(again.status, 204);
      await again.finish();
      const redirect = await client.result(jobId, { accept: 'text/html' });
      assert.equal(redirect.status, 302);
      assert.ok(redirect.headers.location.startsWith('/'), redirect.headers.location);
      const unknown = await client.status('01234567890123456789');
      assert.deepEqual([unknown.status, unknown.json.code], [404, 'JOB_NOT_FOUND']);
      const wrong = await call(`${client.api}/initiate`, { method: 'PUT' });
      assert.deepEqual([wrong.status, wrong.headers.allow], [405, 'POST, OPTIONS']);
      const over = await client.cancel(jobId);
      assert.deepEqual([over.status, over.json.code], [409, 'ALREADY_TERMINAL']);
      const removed = await call(`${client.api}/${jobId}`, { method: 'DELETE' });
      assert.deepEqual([removed.status, removed.text], [204, '']);
    });

    test('the file: whole, its head, a part', async () => {
      const jobId = await client.submit({ file_id: 1, options: { fileName: 'Größe.bin' } });
      const { result } = await client.completed(jobId);
      const url = client.link(result.url);
      const whole = await digest(url);
      assert.deepEqual([whole.status, whole.size, whole.sha256], [200, pattern.size, pattern.sha256]);
      assert.match(whole.headers['content-disposition'], /filename\*=UTF-8''Gr%C3%B6%C3%9Fe\.bin/);
      const head = await call(url, { method: 'HEAD' });
      assert.deepEqual([head.status, head.headers['content-length'], head.text], [200, String(pattern.size), '']);
      const part = await call(url, { headers: { range: 'bytes=1000000-1000099' } });
      assert.deepEqual([part.status, part.headers['content-range'], part.bytes.length],
        [206, `bytes 1000000-1000099/${pattern.size}`, 100]);
      const same = await call(url, { headers: { 'if-none-match': whole.headers.etag } });
      assert.equal(same.status, 304);
      const beyond = await call(url, { headers: { range: `bytes=${pattern.size}-` } });
      assert.equal(beyond.status, 416);
    });

    for (const kib of [65, 900, 1023]) {
      test(`a body of ${kib} KiB is 413, in the API's own words`, async () => {
        const reply = await client.initiate(`{"file_id":1,"x":"${'x'.repeat(kib * KIB - 17)}"}`);
        assert.deepEqual([reply.status, reply.json?.code], [413, 'BODY_TOO_LARGE']);
      });
    }

    test('a body of over 1 MiB is 413 before it is sent', async () => {
      for (const bytes of [1024 * KIB + 1, 5000 * KIB]) {
        const headers = { 'content-type': 'application/json', 'content-length': bytes };
        const response = await openRequest(`${client.api}/initiate`, { method: 'POST', headers });
        assert.equal(response.statusCode, 413);
        response.destroy();
      }
    });

    test('a chunked body that is too long is 413', async () => {
      const chunk = `40000\r\n${'x'.repeat(0x40000)}\r\n`;
      const reply = await exchange(front.url, 'POST /v1/download/initiate HTTP/1.1\r\nHost: a\r\nConnection: close\r\n'
        + `Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(2)}0\r\n\r\n`);
      assert.match(reply, /^HTTP\/1\.1 413 /);
    });
  });
}

// The same job watched through every proxy.
const FLAKY = { durationMs: 2000, progressMs: 100, size: 2_000_000, failAttempts: 1, errorCode: 'WORKER_LOST' };
async function watchEverywhere(jobId) {
  const watchers = Object.fromEntries(
    Object.entries(fronts).map(([name, front]) => [name, new Watcher(front.url, jobId)]));
  await Promise.all(Object.values(watchers).map((w) => w.seen('running', (job) => job.status === 'running')));
  return watchers;
}

test('heartbeats arrive by themselves, through every proxy', async () => {
  const jobId = await direct.simulate({}, { delaySeconds: 600 });
  const all = await Promise.all(Object.values(fronts).map((front) => new Client(front.url).events(jobId)));
  await Promise.all(all.map((events) => (
    until('two comments', () => events.frames.filter((f) => f.comment !== undefined).length >= 2))));
  await direct.cancel(jobId);
  await Promise.all(all.map((events) => events.finish()));
});

test('a proxy that is cut off and comes back: a watcher misses nothing', async () => {
  const jobId = await direct.simulate(FLAKY);
  const watchers = await watchEverywhere(jobId);
  await Promise.all(Object.values(fronts).map((front) => front.restart()));
  for (const [name, watcher] of Object.entries(watchers)) {
    await assertMissedNothing(watcher, jobId);
    assert.ok(watcher.connections >= 2, `${name}: ${watcher.connections} connections`);
  }
});

test('a gateway that is killed and comes back: a watcher misses nothing', async () => {
  const jobId = await direct.simulate(FLAKY);
  const watchers = await watchEverywhere(jobId);
  await stack.killAndAwaitSuccessor('gateway-1');
  for (const [name, watcher] of Object.entries(watchers)) {
    await assertMissedNothing(watcher, jobId);
    assert.ok(watcher.connections >= 2, `${name}: ${watcher.connections} connections`);
    if (name.includes('recommended')) assert.deepEqual(watcher.failures, [], 'nothing that stops an EventSource');
  }
  await stack.awaitReady();
  for (const front of Object.values(fronts)) {
    const client = new Client(front.url);
    await client.completed(await client.simulate({}));
  }
});

test('while no gateway answers, a page of another host gets the empty stream, too', async (t) => {
  const [nobody] = await freePorts(1);
  for (const name of ['nginx as recommended', 'HAProxy as recommended']) {
    const front = await FRONTS[name]([nobody]);
    t.after(() => front.destroy());
    const origin = 'https://app.example';
    const reply = await call(`${front.url}/v1/download/subscribe/01234567890123456789`, { headers: { origin } });
    assert.deepEqual([reply.status, reply.text], [200, 'retry: 2000\n\n'], name);
    assert.equal(reply.headers['access-control-allow-origin'], origin, name);
    assert.equal(reply.headers['access-control-allow-credentials'], 'true', name);
    assert.match(reply.headers.vary, /origin/i, name);
  }
});

test('a gateway\'s own answer keeps its CORS headers, which are none here', async () => {
  for (const [name, front] of Object.entries(fronts)) {
    const reply = await call(`${front.url}/v1/download/subscribe/01234567890123456789`, { headers: { origin: 'https://evil.example' } });
    assert.deepEqual([reply.status, reply.headers['access-control-allow-origin']], [404, undefined], name);
  }
});

test('the heads of replies decide: nginx that ignores X-Accel-Buffering holds events back', async (t) => {
  const front = await FRONTS['nginx by default']([stack.port],
    (text) => text.replace('location / {', 'location / { proxy_ignore_headers X-Accel-Buffering;'));
  t.after(() => front.destroy());
  const client = new Client(front.url);
  const jobId = await client.submit({ file_id: 2 });
  let events;
  const opened = client.events(jobId).then((e) => { events = e; });
  await until('the gateway has a stream', async () => (await streams()) === 1);
  await direct.until(jobId, 'half', (job) => job.bytesDone === HELD_BYTES / 2);
  assert.equal(events?.messages.length ?? 0, 0);
  held.release();
  await direct.completed(jobId);
  await opened;
  await events.finish();
  assert.equal(events.named('result').length, 1);
});

test('nginx reloads: an open stream goes on, new requests are served', async () => {
  const front = fronts['nginx as recommended'];
  const client = new Client(front.url);
  const jobId = await client.submit({ file_id: 2 });
  const events = await client.events(jobId);
  await events.message('half of it', (job) => job.bytesDone === HELD_BYTES / 2);
  front.child.kill('SIGHUP');
  await until('the old worker process stops', () => front.said.includes('gracefully shutting down'));
  for (let i = 0; i < 20; i++) assert.equal((await client.status(jobId)).status, 200);
  held.release();
  await events.finish();
  assert.equal(events.cut, false);
  assert.equal(events.named('result').length, 1);
});

describe('what the gateway sees', () => {
  const REQUESTS = 40;
  const seen = async (name, ask) => {
    const relay = await Relay.start(stack.port);
    let front;
    try {
      front = await FRONTS[name]([relay.port]);
      await ask(new Client(front.url), relay);
      return { connections: relay.connections, heads: relay.heads };
    } finally {
      await front?.destroy();
      await relay.stop();
    }
  };
  const many = async (client) => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < REQUESTS; i++) {
      assert.equal((await call(`${client.api}/status/01234567890123456789`, { agent })).status, 404);
    }
    agent.destroy();
  };

  test('nginx by default: a connection for each request', async () => {
    assert.equal((await seen('nginx by default', many)).connections, REQUESTS);
  });

  for (const name of ['nginx as recommended', 'HAProxy as recommended']) {
    test(`${name}: connections are used again, the Host and the client's address are told`, async () => {
      const from = (localAddress, headers) => async (client, relay) => {
        await many(client);
        await call(`${client.api}/status/01234567890123456789`, { localAddress, headers: { host: 'files.example', ...headers } });
        await until('all heads', () => relay.heads.filter((head) => head.host === 'files.example').length === 1);
      };
      const { connections, heads } = await seen(name, from('127.0.0.2', { 'x-forwarded-for': '203.0.113.9' }));
      assert.ok(connections <= 5, `${connections} connections for ${REQUESTS} requests`);
      const head = heads.find((each) => each.host === 'files.example');
      assert.match(head['x-forwarded-for'], /(^|[, ])127\.0\.0\.2$/, 'the proxy\'s own word is the last one');
    });
  }
});

describe('two gateways behind one proxy', () => {
  let pair;
  before(async () => { pair = await Stack.start({ 'allow-simulate': true, gateways: 2 }); });
  after(() => pair?.destroy());

  test('one of them is killed with -9: watchers miss nothing and see no error', async (t) => {
    await Promise.all([pair.awaitReady(1), pair.awaitReady(2)]);
    const pairFronts = await Promise.all(['nginx as recommended', 'HAProxy as recommended'].map(
      (name) => FRONTS[name]([pair.port, pair.port + 1])));
    t.after(() => Promise.all(pairFronts.map((front) => front.destroy())));
    const jobId = await new Client(pair.url()).simulate(FLAKY);
    // Each proxy spreads its watchers over both gateways.
    const watchers = pairFronts.flatMap((front) => [new Watcher(front.url, jobId), new Watcher(front.url, jobId)]);
    await Promise.all(watchers.map((w) => w.seen('running', (job) => job.status === 'running')));
    for (const gateway of [1, 2]) assert.equal(await pair.metric('longhaul_gateway_streams', gateway), 2);
    await pair.killAndAwaitSuccessor('gateway-1');
    for (const watcher of watchers) {
      await assertMissedNothing(watcher, jobId, pair);
      assert.deepEqual(watcher.failures, []);
    }
    assert.deepEqual(watchers.map((w) => Math.min(w.connections, 2)).sort(), [1, 1, 2, 2]);
  });
});
