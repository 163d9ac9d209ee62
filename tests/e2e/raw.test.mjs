// HTTP/1.1 as bytes. A row is a name, the bytes, and what must come back: replies in order as
// "status CODE" ("text" for what libh2o's parser refuses by itself), then whether the connection
// is "open" or "closed". Behind every row's bytes goes a marker in the same write: it must be
// answered as the next request on an open connection, and must not be on a closed one.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { RawConnection, readReplies } from './lib/raw.mjs';
import { chunked, get, INITIATE, JSON_TYPE, method, NOOP, post, STATUS, TABLES } from './lib/raw_cases.mjs';
import { drive } from './lib/raw_driver.mjs';
import { JSON_CASES } from './lib/json_cases.mjs';
import { Stack } from './lib/stack.mjs';

const SLOW_LIMIT_MS = 20_000; // from a request's first byte to its last
const IDLE_LIMIT_MS = 35_000; // between two requests
let stack, client, pid, slow;

before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, slots: 4 }, { LONGHAUL_IDLE_TIMEOUT_S: String(IDLE_LIMIT_MS / 1000) });
  client = new Client(stack.url());
  pid = await stack.pid('gateway-1');
  slow = startSlow();
});
after(() => stack?.destroy());

for (const [title, table] of Object.entries(TABLES)) {
  describe(title, () => {
    for (const [name, bytes, expected, headers = {}] of table) {
      test(name, async () => {
        const { replies, said } = await drive(stack.port, bytes);
        if (expected instanceof RegExp) assert.match(said, expected);
        else assert.equal(said, expected);
        for (const [header, value] of Object.entries(headers)) {
          if (value instanceof RegExp) assert.match(replies[0].headers[header], value);
          else assert.equal(replies[0].headers[header], value);
        }
      });
    }
  });
}

describe('bodies', () => {
  for (const [name, body, code, pointer] of JSON_CASES) {
    test(name, async () => {
      const { replies, said } = await drive(stack.port, post(body));
      assert.equal(said, `400 ${code}, open`);
      assert.equal(JSON.parse(replies[0].body).pointer, pointer, replies[0].body);
    });
  }
});

test('the admin listener keeps to the same rules', async () => {
  const expected = { [get('/livez')]: '200, open', [get('/livez', 'Host: y')]: '400 BAD_REQUEST, closed',
    [get('//livez')]: '404 NOT_FOUND, open', [get('/%6civez')]: '404 NOT_FOUND, open', [get('/livez', 'X: a', ' b')]: '400 BAD_REQUEST, closed',
    [method('POST', '/livez', 'Content-Length: 5') + 'hello']: '405 METHOD_NOT_ALLOWED, open', 'broken\r\n\r\n': '400 text, closed' };
  for (const [bytes, answer] of Object.entries(expected)) {
    assert.equal((await drive(stack.adminPort, bytes)).said, answer, bytes);
  }
});

test('who waits for 100 Continue gets it, and then the answer', async () => {
  const connection = await RawConnection.open(stack.port);
  const whole = post(NOOP, 'Expect: 100-continue');
  const cut = whole.indexOf('\r\n\r\n') + 4;
  connection.send(whole.slice(0, cut));
  const first = await connection.replies(['POST'], (reply) => reply.status === 100);
  assert.deepEqual(first.map((reply) => reply.status), [100]);
  connection.send(whole.slice(cut));
  const both = await connection.replies(['POST'], (reply) => reply.status >= 200);
  assert.deepEqual(both.map((reply) => reply.status), [100, 202]);
  connection.end();
});

// RFC 9110 §5.5: no part of the value. libh2o takes off what stands before it only.
test('white space around the value of a header does not count', async () => {
  const jobId = await client.submit({ file_id: 1, options: { simulate: { durationMs: 0, size: 3 } } });
  const job = await client.completed(jobId);
  const file = await call(client.link(job.result.url));
  const { etag, 'last-modified': modified } = file.headers;
  const before = new Date(Date.parse(modified) - 1000).toUTCString();
  const cases = [
    [job.result.url, 'If-Unmodified-Since', before, '412 PRECONDITION_FAILED'], [job.result.url, 'If-Modified-Since', modified, '304'],
    [job.result.url, 'If-Match', '"other"', '412 PRECONDITION_FAILED'], [job.result.url, 'If-None-Match', etag, '304'],
    [`/v1/download/subscribe/${jobId}`, 'Last-Event-ID', job.version, '204'],
    [`/v1/download/status/${jobId}`, 'If-None-Match', 'W/"1"', '200'], [`/v1/download/${jobId}`, 'Accept', 'text/html', '302'],
  ];
  for (const [target, name, value, expected] of cases) {
    for (const [left, right] of [['', ''], [' ', ' '], ['', '\t'], ['\t ', ' \t \t']]) {
      const { said } = await drive(stack.port, get(target, `${name}:${left}${value}${right}`));
      assert.ok(said.startsWith(expected), `${name}:${JSON.stringify(left + value + right)}: ${said}`);
    }
  }
  const { replies } = await drive(stack.port, get(STATUS, 'X-Request-Id: mirror \t'));
  assert.equal(replies[0].headers['x-request-id'], 'mirror');
});

test('HEAD has the headers of GET and no body, on every route', async () => {
  const jobId = await client.submit(NOOP);
  const { result } = await client.completed(jobId);
  const ids = { 'x-request-id': 'mirror' };
  for (const target of [`/v1/download/status/${jobId}`, `/v1/download/${jobId}`, `/v1/download/subscribe/${jobId}`,
    result.url, STATUS, '/v1/none', '/v1/download/status', INITIATE]) {
    const url = new URL(target, client.base).href;
    const [ofGet, ofHead] = [await call(url, { headers: ids }), await call(url, { method: 'HEAD', headers: ids })];
    assert.equal(ofHead.status, ofGet.status, target);
    assert.equal(ofHead.text, '', target);
    for (const one of [ofGet, ofHead]) for (const name of ['date', 'transfer-encoding']) delete one.headers[name];
    if (target.includes('subscribe')) delete ofHead.headers['content-length'];
    assert.deepEqual(ofHead.headers, ofGet.headers, target);
  }
});

test('a request in pieces is one request, wherever it is cut', async () => {
  const bytes = post(NOOP, 'Idempotency-Key: pieces');
  for (let at = 1; at < bytes.length; at += 7) {
    const { said } = await drive(stack.port, bytes, [bytes.slice(0, at), bytes.slice(at)]);
    assert.equal(said, '202, open', `cut at ${at}`);
  }
  assert.equal((await drive(stack.port, bytes, [...bytes])).said, '202, open');
});

test('a client that leaves in the middle leaves nothing behind', async () => {
  const whole = post(NOOP, 'Expect: 100-continue');
  for (let at = 1; at < whole.length; at += 11) {
    const connection = await RawConnection.open(stack.port);
    connection.send(whole.slice(0, at));
    connection.end();
  }
  assert.equal((await client.status('0'.repeat(27))).status, 404);
});

// Connections that stop in the middle of a head, of a body, and of chunks; started before all else.
function startSlow() {
  const beginnings = {
    'an idle connection': '', 'half a line': 'GET /v1/', 'half a head': `GET ${STATUS} HTTP/1.1\r\nHost: x\r\nX: `,
    'half a body': method('POST', INITIATE, JSON_TYPE, 'Content-Length: 50') + '{"file',
    'half a chunk': chunked('20\r\n{"file'),
    'a chunk of 2^64-1 bytes': chunked('ffffffffffffffff\r\n{"file'),
    'an idle connection that was used': get(STATUS),
    'half a line on one that was used': get(STATUS) + 'GET /v1/',
  };
  return Promise.all(Object.entries(beginnings).map(async ([name, bytes]) => {
    const connection = await RawConnection.open(stack.port);
    const begun = Date.now();
    connection.send(bytes);
    await connection.when(`end of ${name}`, () => connection.closed, SLOW_LIMIT_MS * 3);
    return { name, text: connection.text, ms: Date.now() - begun };
  }));
}

test('who stops in the middle of a request is closed after 20 s, who is idle after the idle timeout', async () => {
  for (const { name, text, ms } of await slow) {
    const limit = name.startsWith('an idle') ? IDLE_LIMIT_MS : SLOW_LIMIT_MS;
    assert.ok(ms > limit - 1000 && ms < limit + 10_000, `${name}: ${ms} ms`);
    assert.equal(readReplies(text).length, name.endsWith('was used') ? 1 : 0, name);
  }
});

test('the gateway that answered all this is the one that began', async () => {
  assert.equal(await stack.pid('gateway-1'), pid);
  assert.match(readFileSync(`/proc/${pid}/stat`, 'latin1'), /\) [SR] /);
  assert.equal((await call(`${stack.admin()}/livez`)).status, 200);
  await client.completed(await client.submit(NOOP));
});
