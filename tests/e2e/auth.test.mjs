// auth=jwt: who gets in, whose jobs are whose, tickets and cookies for browsers, keys that change.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Events } from './lib/sse.mjs';
import { BIN, Stack, temporaryFolder } from './lib/stack.mjs';
import { Issuer, bearer, hmacSigned, now, publish, replaceFile, rightClaims, unsigned } from './lib/tokens.mjs';
import { until } from './lib/wait.mjs';

const NOBODY = '000000000000000000000000000'; // a well-formed id of no job
const HOLD = { file_id: 1, options: { simulate: { durationMs: 120_000 } } };
const QUICK = { file_id: 1, options: { simulate: { durationMs: 0, size: 10 } } };
const COOKIE = 'lh_token';
let folder, keysFile, stack, rsa, ec, stranger, alice, bob, admin;
const shown = new Set(); // every token and ticket that was sent

class Caller extends Client {
  constructor(base, token) {
    super(base);
    this.token = token;
    shown.add(token);
  }

  ask(method, where, headers = {}) {
    return call(this.base + where, { method, headers: { ...bearer(this.token), ...headers } });
  }

  initiate(body, headers = {}) { return super.initiate(body, { ...bearer(this.token), ...headers }); }
  status(jobId, headers = {}) { return super.status(jobId, { ...bearer(this.token), ...headers }); }

  async ticket() {
    const reply = await this.ask('POST', '/v1/download/tickets');
    assert.equal(reply.status, 200, reply.text);
    shown.add(reply.json.ticket);
    return reply.json.ticket;
  }
}

before(async () => {
  folder = await temporaryFolder();
  keysFile = path.join(folder, 'keys.json');
  [rsa, ec, stranger] = await Promise.all([
    Issuer.make('r1'), Issuer.make('e1', 'ES256'), Issuer.make('r1')]);
  await publish(keysFile, rsa, ec);
  stack = await Stack.start({ 'allow-simulate': true, slots: 8, gateways: 2 }, {
    LONGHAUL_AUTH: 'jwt', LONGHAUL_JWT_JWKS_FILE: keysFile, LONGHAUL_JWT_ISSUER: 'https://id.example',
    LONGHAUL_JWT_AUDIENCE: 'longhaul', LONGHAUL_JWT_LEEWAY_S: '5', LONGHAUL_JWT_COOKIE: COOKIE,
  });
  alice = new Caller(stack.url(), await rsa.sign());
  bob = new Caller(stack.url(), await ec.sign({ sub: 'bob' }));
  admin = new Caller(stack.url(), await rsa.sign({ sub: 'root', scope: 'a downloads:admin' }));
});
after(async () => {
  await stack?.destroy();
  await rm(folder, { recursive: true, force: true });
});

function assertUnauthenticated(reply, about) {
  assert.equal(reply.status, 401, `${about}: ${reply.text}`);
  assert.equal(reply.json.code, 'UNAUTHENTICATED');
  assert.match(reply.headers['content-type'], /^application\/problem\+json/);
  assert.match(reply.headers['www-authenticate'], /^Bearer /);
}

function assertProblem(reply, status, code, about) {
  assert.equal(reply.status, status, `${about}: ${reply.text}`);
  assert.equal(reply.json.code, code, about);
}

// ---- tokens

const tampered = (token, at) => {
  const parts = token.split('.');
  const bytes = Buffer.from(parts[at], 'base64url');
  bytes[bytes.length >> 1] ^= 1;
  parts[at] = bytes.toString('base64url');
  return parts.join('.');
};

// What is said, and a token that deserves it.
const REFUSED = [
  ['not a token', /not a JSON Web Token/, () => 'abc'],
  ['four parts', /not a JSON Web Token/, async () => `${await rsa.sign()}.x`],
  ['a token that is too long', /8192/, () => rsa.sign({ pad: 'x'.repeat(8192) })],
  ['alg none', /signed in a way/, () => unsigned({ alg: 'none' })],
  ['alg NONE', /signed in a way/, () => unsigned({ alg: 'NONE' })],
  ['alg none with kid', /signed in a way/, () => unsigned({ alg: 'none', kid: 'r1' })],
  ['no alg', /not a JSON Web Token/, () => unsigned({ kid: 'r1' })],
  ['HS256 with the RSA key in PEM', /signed in a way/, () => hmacSigned(rsa.pem, { alg: 'HS256', kid: 'r1' })],
  ['HS256 with the RSA modulus', /signed in a way/,
    () => hmacSigned(Buffer.from(rsa.jwk.n, 'base64url'), { alg: 'HS256', kid: 'r1' })],
  ['HS256 without kid', /signed in a way/, () => hmacSigned(rsa.pem)],
  ['an algorithm that is not pinned', /signed in a way/, async () => (await Issuer.make('r1', 'RS512')).sign()],
  ['an algorithm that is not its key\'s', /signed in a way/, () => ec.sign({}, { kid: 'r1' })],
  ['an unknown kid', /names a key/, () => rsa.sign({}, { kid: 'r2' })],
  ['a kid that is no text', /not a JSON Web Token/, () => rsa.sign({}, { kid: 1 })],
  ['an empty kid', /names a key/, () => rsa.sign({}, { kid: '' })],
  ['crit', /not a JSON Web Token/, () => {
    const [, claims, signature] = rsaSigned.split('.');
    return `${Buffer.from('{"alg":"RS256","kid":"r1","crit":["x"],"x":1}').toString('base64url')}.${claims}.${signature}`;
  }],
  ['the signature of another\'s key', /signature/, () => stranger.sign()],
  ['a changed signature', /signature/, async () => tampered(await rsa.sign(), 2)],
  ['an ECDSA signature with zeros before its numbers', /signature/, async () => {
    const [header, claims, signature] = (await ec.sign()).split('.');
    const bytes = Buffer.from(signature, 'base64url');
    const zero = Buffer.alloc(1);
    const longer = Buffer.concat([zero, bytes.subarray(0, 32), zero, bytes.subarray(32)]);
    return `${header}.${claims}.${longer.toString('base64url')}`;
  }],
  ['a changed payload', /signature/, async () => {
    const [header, , signature] = (await rsa.sign()).split('.');
    return `${header}.${Buffer.from(JSON.stringify(rightClaims({ sub: 'bob' }))).toString('base64url')}.${signature}`;
  }],
  ['no signature', /signature|not a JSON/, async () => `${(await rsa.sign()).split('.').slice(0, 2).join('.')}.`],
  ['an expired token', /has expired/, () => rsa.sign({ exp: now() - 6 })],
  ['no exp', /claims/, () => rsa.sign({ exp: undefined })],
  ['exp as text', /claims/, () => ec.sign({ exp: 'x' })],
  ['nbf in the future', /not valid yet/, () => rsa.sign({ nbf: now() + 60 })],
  ['another issuer', /issuer/, () => rsa.sign({ iss: 'https://evil.example' })],
  ['no issuer', /issuer/, () => rsa.sign({ iss: undefined })],
  ['another audience', /not meant/, () => rsa.sign({ aud: 'other' })],
  ['a list of other audiences', /not meant/, () => rsa.sign({ aud: ['a', 'b'] })],
  ['no audience', /not meant/, () => rsa.sign({ aud: undefined })],
  ['no sub', /`sub`/, () => rsa.sign({ sub: undefined })],
  ['an empty sub', /`sub`/, () => rsa.sign({ sub: '' })],
  ['a sub of 129 bytes', /`sub`/, () => rsa.sign({ sub: 'x'.repeat(129) })],
  ['a sub with a control character', /`sub`/, () => rsa.sign({ sub: 'a\u0001' })],
];
let rsaSigned;
test('a token with one fault is refused, and the reply says which', async (t) => {
  rsaSigned = await rsa.sign();
  for (const [about, said, make] of REFUSED) {
    await t.test(about, async () => {
      const token = await make();
      const reply = await new Caller(stack.url(), token).status(NOBODY);
      assertUnauthenticated(reply, about);
      assert.match(reply.headers['www-authenticate'], /error="invalid_token"/);
      assert.match(reply.json.detail, said);
      assert.ok(!reply.text.includes(token), 'the token is not repeated');
    });
  }
});

test('without a token there is no error, only the challenge', async () => {
  for (const headers of [{}, { cookie: 'other=1' }]) {
    const reply = await call(`${stack.url()}/v1/download/status/${NOBODY}`, { headers });
    assertUnauthenticated(reply, 'none');
    assert.doesNotMatch(reply.headers['www-authenticate'], /error/);
  }
  const basic = await call(`${stack.url()}/v1/download/status/${NOBODY}`, { headers: { authorization: 'Basic YTpi' } });
  assertUnauthenticated(basic, 'Basic');
  assert.doesNotMatch(basic.headers['www-authenticate'], /error/);
  assert.match(basic.json.detail, /scheme must be Bearer/);
});

test('a signature has one text: other last digits for the same bytes are refused', async () => {
  const { token } = alice;
  const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  const last = digits.indexOf(token.at(-1));
  const twin = token.slice(0, -1) + digits[last + 1];
  assert.deepEqual(Buffer.from(twin.split('.')[2], 'base64url'), Buffer.from(token.split('.')[2], 'base64url'), 'the same bytes');
  assertUnauthenticated(await new Caller(stack.url(), twin).status(NOBODY), 'a twin');
  assertProblem(await alice.status(NOBODY), 404, 'JOB_NOT_FOUND', 'the token itself');
});

test('two Authorization headers are refused, however good', async () => {
  const { token } = alice;
  const reply = await call(`${stack.url()}/v1/download/status/${NOBODY}`, {
    headers: ['Host', 'x', 'Authorization', `Bearer ${token}`, 'Authorization', `Bearer ${token}`],
  });
  assertProblem(reply, 400, 'BAD_REQUEST', 'two');
});

test('a good token is let in: by either key, without kid, within the leeway, in a list of audiences', async () => {
  const tokens = await Promise.all([rsa.sign(), ec.sign(), rsa.sign({ aud: ['x', 'longhaul'] }),
    rsa.sign({ exp: now() - 2 }), rsa.sign({ nbf: now() + 3 }), rsa.sign({}, { kid: undefined })]);
  for (const token of tokens) {
    assertProblem(await new Caller(stack.url(), token).status(NOBODY), 404, 'JOB_NOT_FOUND', token);
  }
  const lower = await call(`${stack.url()}/v1/download/status/${NOBODY}`, { headers: { authorization: `bearer  ${tokens[0]}` } });
  assert.equal(lower.status, 404);
});

// ---- whose jobs are whose

// Every endpoint of one job. A new one is one more row.
const OF_ONE_JOB = [
  ['GET', (id) => `/v1/download/status/${id}`],
  ['HEAD', (id) => `/v1/download/status/${id}`],
  ['GET', (id) => `/v1/download/subscribe/${id}`],
  ['GET', (id) => `/v1/download/${id}`],
  ['HEAD', (id) => `/v1/download/${id}`],
  ['GET', (id) => `/v1/download/${id}/history`],
  ['POST', (id) => `/v1/download/cancel/${id}`],
  ['POST', (id) => `/v1/download/retry/${id}`],
  ['DELETE', (id) => `/v1/download/${id}`],
];
// Every endpoint that needs a token, and none of these is for one job.
const OF_NO_JOB = [
  ['POST', '/v1/download/initiate'],
  ['POST', '/v1/download/start'],
  ['POST', '/v1/download/tickets'],
  ['GET', '/v1/download/jobs'],
  ['GET', '/v1/download/subscribe'],
  ['GET', `/v1/download/subscribe?jobId=${NOBODY}`],
];

test('every endpoint asks for a token', async () => {
  const all = [...OF_ONE_JOB.map(([method, where]) => [method, where(NOBODY)]), ...OF_NO_JOB];
  for (const [method, where] of all) {
    const reply = await call(stack.url() + where, { method });
    assert.equal(reply.status, 401, `${method} ${where}`);
    assert.match(reply.headers['www-authenticate'], /^Bearer /);
  }
});

async function assertHidden(jobId) {
  for (const [method, where] of OF_ONE_JOB) {
    const hidden = await bob.ask(method, where(jobId));
    const unknown = await bob.ask(method, where(NOBODY));
    assert.equal(hidden.status, 404, `${method} ${where(jobId)}: ${hidden.text}`);
    assert.equal(hidden.json?.code, unknown.json?.code, 'as a job that does not exist');
    assert.equal(hidden.json?.detail, unknown.json?.detail);
  }
}

test('somebody else\'s job is 404 everywhere, and nothing happens to it', async () => {
  const held = await alice.submit(HOLD);
  await alice.running(held);
  const { transitions } = await stack.record(held);
  await assertHidden(held);
  const after = await stack.record(held);
  assert.deepEqual([after.status, after.userId, after.transitions], ['running', 'alice', transitions]);
  assert.equal(await stack.redis('hexists', `download:job:${held}`, 'cancel'), '0', 'nor is it asked to stop');

  const done = await alice.submit(QUICK);
  await alice.completed(done);
  await assertHidden(done);
  assert.equal((await alice.ask('GET', `/v1/download/${done}?redirect=0`)).status, 200);
  assert.equal((await alice.ask('POST', `/v1/download/cancel/${held}`)).status, 202);
  await alice.terminal(held);
  await assertHidden(held); // a canceled one could be retried
  assert.equal((await alice.ask('DELETE', `/v1/download/${held}`)).status, 204);
});

test('lists and streams of many jobs have one\'s own', async () => {
  const [mine, theirs] = [await alice.submit(HOLD), await bob.submit(HOLD)];
  const listed = async (caller, query = '') => (
    (await caller.ask('GET', `/v1/download/jobs?limit=200${query}`)).json.jobs.map((job) => job.jobId));
  assert.ok((await listed(alice)).includes(mine));
  assert.ok(!(await listed(alice)).includes(theirs));
  assertProblem(await alice.ask('GET', '/v1/download/jobs?userId=bob'), 403, 'FORBIDDEN', 'list of bob');
  const all = await listed(admin);
  assert.ok(all.includes(mine) && all.includes(theirs));
  for (const query of ['', `&jobId=${mine}&jobId=${theirs}`]) {
    const ticket = await alice.ticket();
    const events = await Events.open(`${stack.url()}/v1/download/subscribe?named=1&ticket=${ticket}${query}`);
    assert.equal(events.status, 200);
    await events.message('her own', (job) => job.jobId === mine);
    await alice.running(mine);
    assert.ok(!events.messages.some(({ data }) => JSON.parse(data).jobId === theirs));
    events.close();
  }
  await alice.ask('POST', `/v1/download/cancel/${mine}`);
  await bob.ask('POST', `/v1/download/cancel/${theirs}`);
});

test('an administrator acts for every user', async () => {
  const held = await alice.submit(HOLD);
  await admin.running(held);
  assert.equal((await admin.ask('POST', `/v1/download/cancel/${held}`)).status, 202);
  await admin.terminal(held);
  assert.equal((await admin.ask('POST', `/v1/download/retry/${held}`)).status, 202);
  assert.equal((await alice.ask('POST', `/v1/download/cancel/${held}`)).status < 300, true);
  await alice.terminal(held);
  assert.equal((await admin.ask('DELETE', `/v1/download/${held}`)).status, 204);
  const forBob = await admin.submit({ ...QUICK, userId: 'bob' });
  assert.equal((await bob.completed(forBob)).userId, 'bob');
  assert.equal((await admin.completed(await admin.submit(QUICK))).userId, 'root');
});

test('a body that names another user is 403', async () => {
  const reply = await alice.initiate({ ...QUICK, userId: 'bob' });
  assertProblem(reply, 403, 'FORBIDDEN', 'userId');
  assert.equal(reply.json.pointer, '/userId');
  assert.equal((await alice.initiate({ ...QUICK, userId: 'alice' })).status, 202);
});

test('an idempotency key belongs to its caller', async () => {
  const headers = { 'idempotency-key': 'shared' };
  const mine = await alice.initiate(QUICK, headers);
  const again = await alice.initiate(QUICK, headers);
  assert.deepEqual([again.headers['idempotency-replayed'], again.text], ['true', mine.text]);
  const other = await bob.initiate({ ...QUICK, file_id: 2 }, headers);
  assert.equal(other.status, 202, 'another body: not a conflict with alice\'s key');
  const onBehalf = await admin.initiate({ ...QUICK, file_id: 3, userId: 'alice' }, headers);
  assert.equal(onBehalf.status, 202, 'nor is the administrator\'s');
  const replayed = await admin.initiate({ ...QUICK, file_id: 3, userId: 'alice' }, headers);
  assert.deepEqual([replayed.headers['idempotency-replayed'], replayed.text], ['true', onBehalf.text]);
});

test('an administrator\'s key is one key, whosever job it makes', async () => {
  const headers = { 'idempotency-key': 'of the administrator'.replaceAll(' ', '-') };
  const first = await admin.initiate({ ...QUICK, userId: 'alice' }, headers);
  assert.equal(first.status, 202);
  for (const userId of ['bob', 'root', undefined]) {
    assertProblem(await admin.initiate({ ...QUICK, userId }, headers), 422, 'IDEMPOTENCY_CONFLICT', userId);
  }
  const replayed = await admin.initiate({ ...QUICK, userId: 'alice' }, headers);
  assert.deepEqual([replayed.headers['idempotency-replayed'], replayed.text], ['true', first.text]);
  assert.equal((await alice.initiate(QUICK, headers)).headers['idempotency-replayed'], undefined, 'alice\'s own key is another');
});

test('the link to a file is a capability of its own', async () => {
  const job = await alice.completed(await alice.submit(QUICK));
  const file = await call(alice.link(job.result.url));
  assert.deepEqual([file.status, file.bytes.length], [200, 10]);
});

test('the command longhaul shows its token', async () => {
  const jobId = await alice.submit(QUICK);
  await alice.completed(jobId);
  const tokenFile = path.join(folder, 'token');
  await writeFile(tokenFile, alice.token);
  const ask = (...more) => spawnSync(path.join(BIN, 'longhaul'), ['status', jobId, '--url', stack.url(), ...more],
    { encoding: 'utf8' });
  assert.equal(ask('--token-file', tokenFile).status, 0);
  const refused = ask();
  assert.equal(refused.status, 3);
  assert.match(refused.stderr, /token/);
});

// ---- tickets

const streamAt = (base, jobId, ticket) => `${base}/v1/download/subscribe/${jobId}?ticket=${ticket}`;

test('a ticket opens one stream, once, at any gateway', async () => {
  const jobId = await alice.submit(HOLD);
  const reply = await alice.ask('POST', '/v1/download/tickets');
  assert.equal(reply.headers['cache-control'], 'no-store');
  const { ticket, expiresAt } = reply.json;
  assert.ok(expiresAt > now() + 25 && expiresAt <= now() + 30, `${expiresAt}`);
  const events = await Events.open(streamAt(stack.url(2), jobId, ticket));
  assert.equal(events.status, 200);
  await events.message('the state', (job) => job.jobId === jobId);
  events.close();
  for (const gateway of [1, 2]) {
    const second = await call(streamAt(stack.url(gateway), jobId, ticket));
    assertUnauthenticated(second, 'used');
    assert.ok(!second.text.includes(ticket), 'the ticket is not repeated');
  }
  await alice.ask('POST', `/v1/download/cancel/${jobId}`);
});

test('of 20 requests that race with one ticket over two gateways exactly one wins', async () => {
  const jobId = await alice.submit(QUICK);
  await alice.completed(jobId);
  for (let round = 0; round < 3; round++) {
    const ticket = await alice.ticket();
    const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => (
      call(streamAt(stack.url(1 + (i % 2)), jobId, ticket)))));
    const count = (status) => replies.filter((reply) => reply.status === status).length;
    assert.deepEqual([count(200), count(401)], [1, 19]);
  }
});

test('an expired, changed or foreign ticket does not count', async () => {
  const jobId = await alice.submit(QUICK);
  const ticket = await alice.ticket();
  const key = `lh:ticket:${createHash('sha256').update(ticket).digest('hex')}`;
  const ttl = Number(await stack.redis('ttl', key));
  assert.ok(ttl > 0 && ttl <= 30, `${ttl}`);
  for (const bad of ['', 'x', ticket.slice(1), ticket.toUpperCase(), `${ticket}0`, ticket.replace(/.$/, (c) => (c === '0' ? '1' : '0')),
    `${ticket}&ticket=${ticket}`, createHash('sha256').update(ticket).digest('hex')]) {
    assertUnauthenticated(await call(streamAt(stack.url(), jobId, bad)), bad);
  }
  assert.equal(await stack.redis('pexpire', key, '1'), '1', 'still there: nothing above used it');
  await until('expiry', async () => await stack.redis('exists', key) === '0');
  assertUnauthenticated(await call(streamAt(stack.url(), jobId, ticket)), 'expired');
  const ofBob = await bob.ticket();
  assertProblem(await call(streamAt(stack.url(), jobId, ofBob)), 404, 'JOB_NOT_FOUND', 'of bob');
});

test('a ticket is for streams only, and not stronger than a bad token', async () => {
  const jobId = await alice.submit(QUICK);
  const ticket = await alice.ticket();
  for (const [method, where] of OF_ONE_JOB.filter(([, w]) => !w('').includes('subscribe'))) {
    assert.equal((await call(`${stack.url()}${where(jobId)}?ticket=${ticket}`, { method })).status, 401, method);
  }
  assertUnauthenticated(await call(streamAt(stack.url(), jobId, ticket), { headers: bearer('x.y.z') }), 'bad token');
  assert.equal((await call(streamAt(stack.url(), jobId, ticket))).status, 200, 'it was not used up');
});

test('HEAD does not use up a ticket, and is not let in by one', async () => {
  const jobId = await alice.submit(QUICK);
  const ticket = await alice.ticket();
  const head = await call(streamAt(stack.url(), jobId, ticket), { method: 'HEAD' });
  assert.equal(head.status, 401);
  assert.equal((await call(streamAt(stack.url(), jobId, ticket))).status, 200);
});

// ---- streams and the end of their token

test('a stream ends with its token, cleanly, and resumes with another', async () => {
  const jobId = await alice.submit(HOLD);
  await alice.until(jobId, 'running', (job) => job.status === 'running');
  const exp = now() - 5 + 3; // LEEWAY_S is 5: it counts for 3 s
  const brief = new Caller(stack.url(), await rsa.sign({ exp }));
  const ticket = await brief.ticket(), unused = await brief.ticket();
  const one = `${brief.api}/subscribe/${jobId}`, many = `${brief.api}/subscribe`;
  const streams = await Promise.all([
    Events.open(one, bearer(brief.token)), Events.open(`${one}?ticket=${ticket}`),
    Events.open(`${many}?jobId=${jobId}`, bearer(brief.token)), Events.open(many, bearer(brief.token))]);
  const lasting = await Events.open(one, bearer(alice.token));
  for (const events of streams) {
    assert.equal(events.status, 200);
    await events.message('the state', (job) => job.jobId === jobId);
    await events.finish();
    assert.ok(!events.cut, 'a clean end');
    assert.ok(now() >= exp + 5, 'not before');
    assert.ok(Number(events.frames.at(-1).retry) > 0, 'when to come back');
    const again = { 'last-event-id': events.lastId };
    assertUnauthenticated(await call(one, { headers: { ...again, ...bearer(brief.token) } }), 'the same token');
  }
  assertUnauthenticated(await call(streamAt(stack.url(), jobId, unused)), 'a ticket of an expired token');
  const resumed = await Events.open(many, { 'last-event-id': streams[3].lastId, ...bearer(alice.token) });
  await alice.ask('POST', `/v1/download/cancel/${jobId}`);
  await resumed.message('the end', (job) => job.jobId === jobId && job.status === 'canceled');
  const told = resumed.messages.filter(({ id }) => id !== undefined)
    .map(({ data }) => JSON.parse(data)).filter((job) => job.jobId === jobId).map(({ status }) => status);
  assert.deepEqual(told, ['canceled'], 'no transition twice');
  await lasting.finish();
  assert.equal(JSON.parse(lasting.messages.at(-1).data).status, 'canceled');
  resumed.close();
});

test('a user\'s tickets are limited, others\' are not touched', async () => {
  const carol = new Caller(stack.url(), await rsa.sign({ sub: 'carol' }));
  const limited = await until('429', async () => {
    const replies = await Promise.all(Array.from({ length: 40 }, () => carol.ask('POST', '/v1/download/tickets')));
    return replies.find((reply) => reply.status !== 200);
  });
  assertProblem(limited, 429, 'RATE_LIMITED', 'tickets');
  assert.ok(Number(limited.headers['retry-after']) >= 1);
  assert.match(limited.headers['ratelimit-policy'], /"tickets";q=100;w=50/);
  await bob.ticket();
});

// ---- the cookie

test('the cookie counts for reading only', async () => {
  const jobId = await alice.submit(QUICK);
  await alice.completed(jobId);
  const headers = { cookie: `a=1; ${COOKIE}=${alice.token}; b=2` };
  const get = (where, more = {}) => call(stack.url() + where, { headers: { ...headers, ...more } });
  assert.equal((await get(`/v1/download/status/${jobId}`)).status, 200);
  assert.equal((await get(`/v1/download/subscribe/${jobId}`)).status, 200);
  assert.equal((await get(`/v1/download/${jobId}?redirect=0`)).status, 200);
  for (const [method, where] of [...OF_ONE_JOB.filter(([m]) => m !== 'GET' && m !== 'HEAD')
    .map(([m, w]) => [m, w(jobId)]), ...OF_NO_JOB.filter(([m]) => m === 'POST')]) {
    assertUnauthenticated(await call(stack.url() + where, { method, headers }), `${method} ${where}`);
  }
  assertUnauthenticated(await get(`/v1/download/status/${jobId}`, bearer('x.y.z')), 'a bad token beside it');
  assertUnauthenticated(await get(`/v1/download/status/${jobId}`,
    { cookie: `${COOKIE}=${alice.token}; ${COOKIE}=${bob.token}` }), 'two cookies');
  assertUnauthenticated(await get(`/v1/download/status/${jobId}`, { cookie: `${COOKIE}=x` }), 'a bad cookie');
});

// ---- keys

test('a changed file of keys is followed, a broken one is not', async () => {
  const next = await Issuer.make('r2');
  const tokenOf = async (issuer) => new Caller(stack.url(), await issuer.sign({ sub: 'kim' }));
  const [old, fresh] = await Promise.all([tokenOf(rsa), tokenOf(next)]);
  const admitted = async (caller, gateway) => {
    const { status } = await call(`${stack.url(gateway)}/v1/download/status/${NOBODY}`, { headers: bearer(caller.token) });
    return status === 404;
  };
  assert.ok(!await admitted(fresh, 1));
  await publish(keysFile, rsa, ec, next);
  for (const gateway of [1, 2]) await until('the new key', () => admitted(fresh, gateway));
  assert.ok(await admitted(old, 1));
  await publish(keysFile, ec, next);
  for (const gateway of [1, 2]) await until('the old key is gone', async () => !await admitted(old, gateway));
  await replaceFile(keysFile, '{"keys":[');
  for (const name of ['gateway-1', 'gateway-2']) {
    await until('the fault in the log', async () => (await stack.log(name)).includes('keys.refused'));
  }
  assert.ok(await admitted(fresh, 1), 'the former keys stay');
  await rm(keysFile);
  await until('the missing file in the log', async () => /keys\.refused.*No such file/.test(await stack.log('gateway-1')));
  assert.ok(await admitted(fresh, 1));
  await publish(keysFile, rsa, ec);
  for (const gateway of [1, 2]) await until('the good file', () => admitted(old, gateway));
  const refusals = (await stack.log('gateway-1')).split('\n').filter((line) => line.includes('keys.refused'));
  assert.equal(refusals.length, 2, 'once for each file, not at each look');
});

// ---- what is said about it all

test('no token and no ticket is in a log; what was refused is counted', async () => {
  for (const name of ['gateway-1', 'gateway-2', 'broker-1', 'worker-1', 'redis']) {
    const log = await stack.log(name).catch(() => '');
    for (const secret of shown) {
      if (secret.length > 20) assert.ok(!log.includes(secret), `${name} has a secret in its log`);
    }
  }
  const { text } = await call(`${stack.admin()}/metrics`);
  for (const fault of ['missing', 'ambiguous', 'scheme', 'malformed', 'algorithm', 'key', 'signature', 'claims', 'expired', 'early',
    'issuer', 'audience', 'subject', 'ticket']) {
    const [, count] = text.match(new RegExp(`token_faults_total\\{fault="${fault}"\\} (\\d+)`)) ?? [];
    assert.ok(Number(count) > 0, fault);
  }
  assert.match(text, /rejections_total\{code="FORBIDDEN"\} 2\n/);
  assert.match(text, /key_loads_total\{result="failed"\} 2\n/);
});
