// Rate limits by address and by user, addresses behind proxies, quotas, and what stays quick when the
// service is full or a broker hangs.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Stack, temporaryFolder } from './lib/stack.mjs';
import { bearer, hmacSigned, now } from './lib/tokens.mjs';
import { until } from './lib/wait.mjs';

const NOBODY = '/v1/download/status/000000000000000000000000000';
const QUICK = { file_id: 1, options: { simulate: { durationMs: 0 } } };
const HOLD = { file_id: 1, options: { simulate: { durationMs: 120_000 } } };
const SECRET = 'a secret of at least thirty-two bytes';

const statuses = (replies) => replies.map((reply) => reply.status);
const repeat = async (times, ask) => {
  const replies = [];
  for (let i = 0; i < times; i++) replies.push(await ask(i));
  return replies;
};

function assertLimited(reply, scope) {
  assert.equal(reply.status, 429, reply.text);
  assert.equal(reply.json.code, 'RATE_LIMITED');
  assert.match(reply.headers.ratelimit, new RegExp(`"${scope}";r=0;t=\\d+`));
  const retryAfter = Number(reply.headers['retry-after']);
  assert.ok(retryAfter > 30 && retryAfter <= 60, `a token a minute: ${retryAfter}`);
}

// A token a minute: nothing comes back while a test runs.
describe('rates by address', () => {
  let stack;
  before(async () => {
    stack = await Stack.start({ 'allow-simulate': true, gateways: 2, 'gateway-threads': 2 }, {
      LONGHAUL_RATE_ADDRESS: '1/m:5', LONGHAUL_RATE_USER: '1/m:2', LONGHAUL_TRUSTED_PROXIES: '127.0.1.0/24',
      LONGHAUL_CORS_ORIGINS: 'https://app.example',
    });
  });
  after(() => stack?.destroy());

  const from = (localAddress, headers = {}, gateway = 1, where = NOBODY) => (
    call(stack.url(gateway) + where, { localAddress, headers }));

  test('five requests of an address, over all loops, then 429; each reply says how many are left', async () => {
    const replies = await repeat(6, () => from('127.0.0.2'));
    assert.deepEqual(statuses(replies), [404, 404, 404, 404, 404, 429]);
    assert.deepEqual(replies.map((reply) => reply.headers['ratelimit-policy']), Array(6).fill('"address";q=5;w=300'));
    assert.deepEqual(replies.map((reply) => Number(reply.headers.ratelimit.match(/^"address";r=(\d+);t=\d+$/)[1])),
      [4, 3, 2, 1, 0, 0]);
    assertLimited(replies[5], 'address');
    assert.equal((await from('127.0.0.3')).status, 404, 'another address is not touched');
    assert.equal((await from('127.0.0.2', {}, 2)).status, 404, 'the other gateway counts for itself');
  });

  test('every reply counts and tells: wrong routes, methods, bodies, preflights look only', async () => {
    const options = { localAddress: '127.0.0.4' };
    const wrong = [
      await call(`${stack.url()}/nothing`, options),
      await call(`${stack.url()}/v1/download/initiate`, options),
      await call(`${stack.url()}/v1/download/initiate`, { ...options, method: 'POST', body: '{' }),
      await call(`${stack.url()}/v1/download/initiate`, { ...options, method: 'OPTIONS' }),
    ];
    assert.deepEqual(statuses(wrong), [404, 405, 415, 204]);
    assert.deepEqual(wrong.map((reply) => reply.headers.ratelimit.match(/r=(\d+)/)[1]), ['4', '3', '2', '2']);
  });

  test('health and metrics are not limited', async () => {
    const replies = await repeat(10, () => call(`${stack.admin()}/livez`, { localAddress: '127.0.0.2' }));
    assert.deepEqual(statuses(replies), Array(10).fill(200));
    assert.equal(replies[0].headers.ratelimit, undefined);
    const { text } = await call(`${stack.admin()}/metrics`);
    assert.match(text, /rate_limited_total\{by="address"\} [1-9]/);
  });

  test('a stranger\'s X-Forwarded-For is not believed', async () => {
    const replies = await repeat(6, (i) => from('127.0.0.5', { 'x-forwarded-for': `198.51.100.${i}` }));
    assert.deepEqual(statuses(replies), [404, 404, 404, 404, 404, 429]);
  });

  test('a trusted proxy\'s is, up to the first stranger from the right', async () => {
    const proxied = (i, list) => from('127.0.1.1', { 'x-forwarded-for': list });
    const spoofing = await repeat(6, (i) => proxied(i, `198.51.100.${i}, 203.0.113.1`));
    assert.deepEqual(statuses(spoofing), [404, 404, 404, 404, 404, 429]);
    assert.equal((await proxied(0, '203.0.113.2')).status, 404, 'another client of the proxy');
    assert.equal((await proxied(0, 'x, 203.0.113.1, 127.0.1.7')).status, 429, 'through two proxies');
    const split = await from('127.0.1.1', { 'x-forwarded-for': ['203.0.113.2', '203.0.113.1'] });
    assert.equal(split.status, 429, 'two header lines are one list');
  });

  test('garbage from a trusted proxy counts for the proxy', async () => {
    const replies = await repeat(6, (i) => from('127.0.1.2', { 'x-forwarded-for': `garbage-${i}` }));
    assert.deepEqual(statuses(replies), [404, 404, 404, 404, 404, 429]);
  });

  test('IPv6 clients are counted by their /64', async () => {
    const proxied = (client) => from('127.0.1.1', { 'x-forwarded-for': client });
    const replies = await repeat(6, (i) => proxied(`2001:db8:0:1::${i + 1}`));
    assert.deepEqual(statuses(replies), [404, 404, 404, 404, 404, 429]);
    assert.equal((await proxied('2001:db8:0:2::1')).status, 404);
  });

  test('with auth=none the userId of an initiate is counted', async () => {
    const ask = (userId, localAddress) => call(`${stack.url()}/v1/download/initiate`, {
      method: 'POST', localAddress, headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...QUICK, userId }),
    });
    const replies = await repeat(3, (i) => ask('u1', `127.0.0.${10 + i}`));
    assert.deepEqual(statuses(replies), [202, 202, 429]);
    assertLimited(replies[2], 'user');
    assert.equal(replies[2].headers['ratelimit-policy'], '"address";q=5;w=300, "user";q=2;w=120');
    assert.equal((await ask('u2', '127.0.0.10')).status, 202);
    assert.equal((await ask(undefined, '127.0.0.11')).status, 202);
  });

  test('a page may read that it is limited', async () => {
    const reply = await repeat(7, () => from('127.0.0.20', { origin: 'https://app.example' }));
    assert.equal(reply[6].status, 429);
    assert.equal(reply[6].headers['access-control-allow-origin'], 'https://app.example');
    assert.match(reply[6].headers['access-control-expose-headers'], /Retry-After.*RateLimit-Policy/);
  });

  test('many addresses at once are each counted for themselves', async () => {
    const clients = Array.from({ length: 200 }, (_, i) => `203.0.${120 + (i % 100)}.${10 + i}`);
    const replies = await Promise.all(clients.flatMap((client) => Array.from({ length: 6 }, () => (
      from('127.0.1.3', { 'x-forwarded-for': client }).then(({ status }) => [client, status])))));
    for (const client of clients) {
      const own = replies.filter(([c]) => c === client).map(([, status]) => status);
      assert.deepEqual([own.filter((s) => s === 404).length, own.filter((s) => s === 429).length], [5, 1], client);
    }
  });
});

describe('auth=jwt with a secret', () => {
  let stack, folder;
  const tokenOf = (sub, more = {}, secret = SECRET, header = { alg: 'HS256' }) => (
    hmacSigned(secret, header, { sub, exp: now() + 600, ...more }));

  before(async () => {
    folder = await temporaryFolder();
    await writeFile(path.join(folder, 'secret'), `${SECRET}\n`);
    stack = await Stack.start({ 'allow-simulate': true }, {
      LONGHAUL_AUTH: 'jwt', LONGHAUL_JWT_SECRET_FILE: path.join(folder, 'secret'), LONGHAUL_RATE_USER: '1/m:3',
      LONGHAUL_RATE_ADDRESS: '1/m:40',
    });
  });
  after(async () => {
    await stack?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = (token, localAddress = '127.0.0.1') => call(stack.url() + NOBODY, { headers: bearer(token), localAddress });

  test('only the pinned algorithm and the secret count', async () => {
    assert.equal((await ask(tokenOf('u0'))).status, 404);
    assert.equal((await ask(tokenOf('u0', {}, SECRET, { alg: 'HS256', kid: 'any' }))).status, 404);
    for (const token of [tokenOf('u0', {}, `${SECRET}\n`), tokenOf('u0', {}, ''), tokenOf('u0', {}, SECRET, { alg: 'HS512' }),
      tokenOf('u0', { aud: 'somebody' }), tokenOf('u0', { exp: now() - 31 })]) {
      assert.equal((await ask(token)).status, 401);
    }
  });

  test('a user is counted wherever they come from, other users are not touched', async () => {
    const replies = await repeat(4, (i) => ask(tokenOf('u1'), `127.0.0.${i + 1}`));
    assert.deepEqual(statuses(replies), [404, 404, 404, 429]);
    assertLimited(replies[3], 'user');
    assert.equal((await ask(tokenOf('u2'))).status, 404);
  });

  test('many jobs at once cost more than one, after they were served', async () => {
    const headers = bearer(tokenOf('u3'));
    const page = await call(`${stack.url()}/v1/download/jobs?limit=40`, { headers, localAddress: '127.0.0.7' });
    assert.equal(page.status, 200);
    assert.match(page.headers.ratelimit, /"address";r=35;t=\d+, "user";r=0;t=\d+/);
    const next = await ask(tokenOf('u3'), '127.0.0.8');
    assert.equal(next.status, 429);
    const wait = Number(next.headers['retry-after']);
    assert.ok(wait > 120 && wait <= 180, `a debt of two, and one more, at one a minute: ${wait}`);
    const list = Array.from({ length: 30 }, (_, i) => `jobId=${String(i).padStart(27, '0')}`).join('&');
    const stream = await call(`${stack.url()}/v1/download/subscribe?${list}`, { headers: bearer(tokenOf('u4')), localAddress: '127.0.0.6' });
    assert.equal(stream.status, 404);
    assert.match(stream.headers.ratelimit, /"address";r=36;t=\d+, "user";r=0;t=\d+/);
  });

  test('guessing tokens is limited by the address', async () => {
    const replies = await repeat(41, (i) => ask(tokenOf(`u${i}`, {}, 'wrong'), '127.0.0.9'));
    assert.deepEqual([...new Set(statuses(replies.slice(0, 40)))], [401]);
    assertLimited(replies[40], 'address');
  });
});

describe('a full service', () => {
  let stack, client;
  before(async () => {
    stack = await Stack.start({ 'allow-simulate': true, slots: 1 }, {
      LONGHAUL_QUEUE_MAX: '3', LONGHAUL_USER_ACTIVE_MAX: '2',
    });
    client = new Client(stack.url());
  });
  after(() => stack?.destroy());

  test('a full queue and a used-up quota refuse new work and say when to come back; the rest goes on', async () => {
    const held = await client.submit(HOLD);
    await client.running(held);
    const waiting = await repeat(2, () => client.submit({ ...HOLD, userId: 'u1' }));
    const quota = await client.initiate({ ...HOLD, userId: 'u1' });
    assert.deepEqual([quota.status, quota.json.code], [429, 'QUOTA_EXCEEDED']);
    assert.ok(Number(quota.headers['retry-after']) > 0);
    await client.submit(HOLD);
    const full = await repeat(20, () => client.initiate(HOLD));
    assert.deepEqual([...new Set(full.map(({ status, json }) => `${status} ${json.code}`))], ['503 QUEUE_FULL']);
    assert.ok(full.every((reply) => Number(reply.headers['retry-after']) > 0));

    assert.equal((await client.status(held)).status, 200);
    const events = await client.events(held);
    await events.message('the running job', (job) => job.status === 'running');
    assert.equal((await client.cancel(waiting[0])).status, 200);
    assert.equal((await client.initiate(HOLD)).status, 202, 'a place is free again');
    const retried = await call(`${stack.url()}/v1/download/retry/${waiting[0]}`, { method: 'POST' });
    assert.deepEqual([retried.status, retried.json.code], [503, 'QUEUE_FULL'], 'a retry waits for a place like any other job');
    assert.ok(Number(retried.headers['retry-after']) > 0);
    assert.equal((await client.status(waiting[0])).json.status, 'canceled');
    assert.equal((await client.cancel(held)).status, 202);
    await events.message('canceled', (job) => job.status === 'canceled');
    events.close();
    const { text } = await call(`${stack.admin()}/metrics`);
    assert.match(text, /rejections_total\{code="QUEUE_FULL"\} 21\n/);
    assert.match(text, /rejections_total\{code="QUOTA_EXCEEDED"\} 1\n/);
  });
});

describe('a broker that hangs', () => {
  let stack, client;
  before(async () => {
    stack = await Stack.start({ 'allow-simulate': true });
    client = new Client(stack.url());
  });
  after(async () => {
    await stack?.signal('broker-1', 'SIGCONT').catch(() => {});
    await stack?.destroy();
  });

  test('status and streams do not wait for it; new work is refused, not kept waiting for ever', async () => {
    const held = await client.submit(HOLD);
    await client.running(held);
    await stack.signal('broker-1', 'SIGSTOP');
    const submits = Array.from({ length: 50 }, () => client.initiate(QUICK));
    const first = performance.now();
    for (let i = 0; i < 50; i++) assert.equal((await client.status(held)).status, 200);
    const tookMs = performance.now() - first;
    assert.ok(tookMs < 2500, `50 status requests took ${tookMs} ms, less than one call waits for a broker`);
    const events = await client.events(held);
    await events.message('the running job', (job) => job.status === 'running');
    const replies = await Promise.all(submits);
    assert.deepEqual([...new Set(replies.map(({ status, json }) => `${status} ${json.code}`))], ['503 UNAVAILABLE']);
    assert.ok(replies.every((reply) => Number(reply.headers['retry-after']) > 0));
    await until('shed at once', async () => {
      const start = performance.now();
      return (await client.initiate(QUICK)).status === 503 && performance.now() - start < 1000;
    });
    assert.equal((await client.status(held)).status, 200);
    await stack.signal('broker-1', 'SIGCONT');
    await until('accepted again', async () => (await client.initiate(QUICK)).status === 202);
    events.close();
  });
});
