// Cross-origin reading: which origins, which replies, which headers; and OPTIONS.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from './lib/client.mjs';
import { call, exchange } from './lib/http.mjs';
import { BIN, Stack, temporaryFolder } from './lib/stack.mjs';
import { hmacSigned, now } from './lib/tokens.mjs';

const LISTED = 'https://app.example';
const SECOND = 'http://localhost:5173';
const NOBODY = '/v1/download/status/000000000000000000000000000';
const QUICK = { file_id: 1, options: { simulate: { durationMs: 0, size: 3 } } };
const STRANGERS = ['https://evil.example', 'null', 'https://app.example.evil.test', 'https://app.example/',
  'http://app.example', 'https://APP.example', 'https://app.example:8443', '*', ''];
const CORS_HEADERS = ['access-control-allow-origin', 'access-control-allow-methods', 'access-control-allow-headers',
  'access-control-allow-credentials', 'access-control-expose-headers', 'access-control-max-age'];

const assertNone = (headers, about) => {
  for (const name of CORS_HEADERS) assert.equal(headers[name], undefined, `${about}: ${name}`);
};

describe('with listed origins', () => {
  let stack, client, job;
  before(async () => {
    stack = await Stack.start({ 'allow-simulate': true }, { LONGHAUL_CORS_ORIGINS: `${LISTED}, ${SECOND}` });
    client = new Client(stack.url());
    job = await client.completed(await client.submit(QUICK));
  });
  after(() => stack?.destroy());

  // Every kind of reply: method, path, headers, body, status.
  const replies = () => [
    ['GET', `/v1/download/status/${job.jobId}`, {}, undefined, 200],
    ['HEAD', `/v1/download/status/${job.jobId}`, {}, undefined, 200],
    ['GET', `/v1/download/status/${job.jobId}`, { 'if-none-match': '*' }, undefined, 304],
    ['GET', `/v1/download/subscribe/${job.jobId}`, {}, undefined, 200],
    ['GET', `/v1/download/subscribe/${job.jobId}`, { 'last-event-id': String(job.version) }, undefined, 204],
    ['GET', `/v1/download/${job.jobId}`, {}, undefined, 200],
    ['GET', `/v1/download/${job.jobId}?redirect=1`, {}, undefined, 302],
    ['GET', job.result.url, {}, undefined, 200],
    ['GET', job.result.url, { range: 'bytes=0-0' }, undefined, 206],
    ['POST', '/v1/download/initiate', { 'content-type': 'application/json' }, JSON.stringify(QUICK), 202],
    ['POST', '/v1/download/initiate', { 'content-type': 'application/json' }, '{', 400],
    ['POST', '/v1/download/initiate', { 'content-type': 'application/json' }, 'x'.repeat(70_000), 413],
    ['POST', '/v1/download/initiate', { 'content-type': 'text/plain' }, 'x', 415],
    ['POST', `/v1/download/cancel/${job.jobId}`, {}, undefined, 409],
    ['GET', NOBODY, {}, undefined, 404],
    ['GET', '/nothing', {}, undefined, 404],
    ['PUT', NOBODY, {}, undefined, 405],
  ];

  test('every reply names the origin that asked, if it is listed', async () => {
    for (const [method, where, headers, body, status] of replies()) {
      for (const origin of [LISTED, SECOND]) {
        const reply = await call(stack.url() + where, { method, headers: { ...headers, origin }, body });
        const about = `${method} ${where}`;
        assert.equal(reply.status, status, about);
        assert.equal(reply.headers['access-control-allow-origin'], origin, about);
        assert.match(reply.headers.vary, /\bOrigin\b/, about);
        assert.equal(reply.headers['access-control-allow-credentials'], undefined, about);
        for (const name of ['Location', 'Retry-After', 'ETag', 'X-Request-Id', 'Idempotency-Replayed', 'RateLimit',
          'RateLimit-Policy']) {
          assert.ok(reply.headers['access-control-expose-headers'].split(', ').includes(name), `${about}: ${name}`);
        }
      }
    }
  });

  test('no reply names another origin, or one to nobody, and all vary', async () => {
    for (const [method, where, headers, body, status] of replies()) {
      for (const origin of [...STRANGERS, undefined]) {
        const sent = origin === undefined ? headers : { ...headers, origin };
        const reply = await call(stack.url() + where, { method, headers: sent, body });
        assert.equal(reply.status, status, `${method} ${where}: an origin is no permission`);
        assertNone(reply.headers, `${origin} ${where}`);
        assert.match(reply.headers.vary, /\bOrigin\b/);
      }
    }
  });

  const preflight = (origin, where, method, headers = 'authorization,content-type,idempotency-key,last-event-id') => (
    call(stack.url() + where, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': method, 'access-control-request-headers': headers },
    }));

  test('a preflight is answered for the path\'s own methods', async () => {
    for (const [where, methods] of [['/v1/download/initiate', 'POST'], [NOBODY, 'GET'],
      [`/v1/download/${job.jobId}`, 'DELETE'], ['/v1/download/tickets', 'POST'], ['/v1/download/files/a/b', 'GET']]) {
      const reply = await preflight(LISTED, where, methods);
      assert.equal(reply.status, 204, where);
      assert.equal(reply.headers['access-control-allow-origin'], LISTED);
      assert.ok(reply.headers['access-control-allow-methods'].split(', ').includes(methods), where);
      const allowed = reply.headers['access-control-allow-headers'].toLowerCase().split(', ');
      for (const name of ['authorization', 'content-type', 'idempotency-key', 'last-event-id']) {
        assert.ok(allowed.includes(name), name);
      }
      assert.ok(Number(reply.headers['access-control-max-age']) > 0);
      assert.match(reply.headers.vary, /\bOrigin\b/);
      assert.equal(reply.text, '');
    }
  });

  test('a stranger\'s preflight gets no permission', async () => {
    for (const origin of STRANGERS) {
      const reply = await preflight(origin, '/v1/download/initiate', 'POST');
      assert.equal(reply.status, 204);
      assertNone(reply.headers, origin);
      assert.equal(reply.headers.allow, 'POST, OPTIONS');
    }
  });

  test('on the wire: one value, no wildcard, nothing of the request echoed but the origin', async () => {
    const raw = await exchange(stack.url(), [
      'OPTIONS /v1/download/initiate HTTP/1.1', 'Host: x', `Origin: ${LISTED}`, 'Access-Control-Request-Method: PATCH',
      'Access-Control-Request-Headers: x-evil', 'Connection: close', '', ''].join('\r\n'));
    assert.match(raw, /^HTTP\/1\.1 204 No Content\r\n/);
    assert.equal(raw.match(/access-control-allow-origin: https:\/\/app\.example\r\n/gi)?.length, 1);
    assert.doesNotMatch(raw, /x-evil|PATCH|\*/);
    const two = await exchange(stack.url(), [
      `GET ${NOBODY} HTTP/1.1`, 'Host: x', 'Origin: https://evil.example', `Origin: ${LISTED}`, 'Connection: close', '', '',
    ].join('\r\n'));
    assert.doesNotMatch(two, /access-control-allow-origin: https:\/\/evil/i);
  });
});

describe('without', () => {
  let stack;
  before(async () => { stack = await Stack.start({}); });
  after(() => stack?.destroy());

  test('nobody is named, and nothing varies', async () => {
    const reply = await call(stack.url() + NOBODY, { headers: { origin: LISTED } });
    assertNone(reply.headers, 'off');
    assert.equal(reply.headers.vary, undefined);
  });

  test('OPTIONS says what a path can do', async () => {
    const options = async (where) => {
      const { status, headers, text } = await call(stack.url() + where, { method: 'OPTIONS', headers: { origin: LISTED } });
      assertNone(headers, where);
      return [status, headers.allow, status === 204 ? text : ''];
    };
    assert.deepEqual(await options('/v1/download/initiate'), [204, 'POST, OPTIONS', '']);
    assert.deepEqual(await options('/v1/download/x'), [204, 'GET, HEAD, DELETE, OPTIONS', '']);
    assert.deepEqual(await options('/nothing'), [404, undefined, '']);
  });

  test('tickets are not there without tokens, and ?ticket= means nothing', async () => {
    const reply = await call(`${stack.url()}/v1/download/tickets`, { method: 'POST' });
    assert.deepEqual([reply.status, reply.json.code], [404, 'NOT_FOUND']);
    const stream = await call(`${stack.url()}/v1/download/subscribe/000000000000000000000000000?ticket=x`);
    assert.equal(stream.json.code, 'JOB_NOT_FOUND');
  });
});

describe('with a cookie', () => {
  const secret = 'a secret of at least thirty-two bytes';
  let stack, folder;
  before(async () => {
    folder = await temporaryFolder();
    await writeFile(path.join(folder, 'secret'), secret);
    stack = await Stack.start({}, {
      LONGHAUL_CORS_ORIGINS: LISTED, LONGHAUL_AUTH: 'jwt', LONGHAUL_JWT_COOKIE: 'c',
      LONGHAUL_JWT_SECRET_FILE: path.join(folder, 'secret'),
    });
  });
  after(async () => {
    await stack?.destroy();
    await rm(folder, { recursive: true, force: true });
  });

  test('a listed page may send it, another may not read the reply', async () => {
    const cookie = `c=${hmacSigned(secret, { alg: 'HS256' }, { sub: 'u1', exp: now() + 600 })}`;
    const listed = await call(stack.url() + NOBODY, { headers: { cookie, origin: LISTED } });
    assert.deepEqual([listed.status, listed.headers['access-control-allow-credentials']], [404, 'true']);
    const other = await call(stack.url() + NOBODY, { headers: { cookie, origin: 'https://evil.example' } });
    assertNone(other.headers, 'evil');
  });

  test('a preflight needs no token; a refusal can be read', async () => {
    const preflight = await call(`${stack.url()}/v1/download/initiate`, {
      method: 'OPTIONS', headers: { origin: LISTED, 'access-control-request-method': 'POST' },
    });
    assert.deepEqual([preflight.status, preflight.headers['access-control-allow-credentials']], [204, 'true']);
    const refused = await call(stack.url() + NOBODY, { headers: { origin: LISTED } });
    assert.deepEqual([refused.status, refused.headers['access-control-allow-origin']], [401, LISTED]);
    assert.match(refused.headers['access-control-expose-headers'], /WWW-Authenticate/);
  });
});

// What a program says of settings that do not fit each other: [arguments, exit status, message].
const SETTINGS = [
  [['--listen', '0.0.0.0:1'], 1, /no authentication/],
  [['--listen', '0.0.0.0:1', '--auth', 'jwt', '--jwt-secret-file', 'SECRET'], 0, /^$/],
  [['--admin-listen', '0.0.0.0:1', '--auth', 'jwt', '--jwt-secret-file', 'SECRET'], 1, /--admin-listen/],
  [['--auth', 'basic'], 2, /none or jwt/],
  [['--auth', 'jwt'], 2, /needs one of/],
  [['--auth', 'jwt', '--jwt-secret-file', 'SECRET', '--jwt-jwks-file', 'SECRET'], 2, /needs one of/],
  [['--auth', 'jwt', '--jwt-secret-file', 'SHORT'], 2, /32 to 4096 bytes/],
  [['--auth', 'jwt', '--jwt-secret-file', 'PEM'], 2, /PEM key or certificate.*--jwt-jwks-file/],
  [['--auth', 'jwt', '--jwt-secret-file', 'SECRET', '--jwt-algorithms', 'HS512'], 2, /64 to 4096 bytes/],
  [['--auth', 'jwt', '--jwt-secret-file', 'SECRET', '--jwt-algorithms', 'RS256'], 2, /RS256/],
  [['--auth', 'jwt', '--jwt-secret-file', 'SECRET', '--jwt-algorithms', 'none'], 2, /'none' is not offered/],
  [['--auth', 'jwt', '--jwt-secret-file', 'SECRET', '--jwt-leeway-s', '301'], 2, /jwt-leeway-s/],
  [['--auth', 'jwt', '--jwt-secret-file', 'SECRET', '--jwt-cookie', 'a b'], 2, /cookie/],
  [['--auth', 'jwt', '--jwt-secret-file', 'NONE'], 2, /No such file/],
  [['--auth', 'jwt', '--jwt-jwks-file', 'SECRET'], 2, /needs --jwt-issuer and --jwt-audience/],
  [['--auth', 'jwt', '--jwt-jwks-file', 'SECRET', '--jwt-issuer', 'i', '--jwt-audience', 'a'], 2, /not JSON/],
  [['--auth', 'jwt', '--jwt-jwks-file', 'WEAK', '--jwt-issuer', 'i', '--jwt-audience', 'a'], 2, /1024 bits/],
  [['--auth', 'jwt', '--jwt-jwks-file', 'PRIVATE', '--jwt-issuer', 'i', '--jwt-audience', 'a'], 2, /private key/],
  [['--jwt-issuer', 'i'], 2, /need --auth jwt/],
  [['--cors-origins', '*'], 2, /'\*' is no origin/],
  [['--cors-origins', 'https://a.example,null'], 2, /'null' is no origin/],
  [['--rate-user', '5'], 2, /N\/s/],
  [['--rate-address', '0/s'], 2, /N\/s/],
  [['--trusted-proxies', '10.0.0.1/8'], 2, /CIDR/],
];
test('settings that do not fit each other are refused with the reason', async (t) => {
  const folder = await temporaryFolder();
  const file = (name) => path.join(folder, name);
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const jwks = (key) => JSON.stringify({ keys: [{ ...key.export({ format: 'jwk' }), kid: 'k' }] });
  await Promise.all([writeFile(file('SECRET'), 's'.repeat(32)), writeFile(file('SHORT'), 's'.repeat(31)),
    writeFile(file('PEM'), weak.publicKey.export({ type: 'spki', format: 'pem' })),
    writeFile(file('WEAK'), jwks(weak.publicKey)), writeFile(file('PRIVATE'), jwks(weak.privateKey))]);
  for (const [args, code, said] of SETTINGS) {
    await t.test(args.join(' '), () => {
      const withFiles = args.map((arg) => (/^[A-Z]+$/.test(arg) ? file(arg) : arg));
      const child = spawnSync(path.join(BIN, 'longhaul-gateway'),
        ['--check-config', '--brokers', 'ipc://a', '--broker-events', 'ipc://b', ...withFiles], { encoding: 'utf8' });
      assert.match(child.stderr, said);
      assert.equal(child.status, code);
    });
  }
  await rm(folder, { recursive: true });
});
