// GET /:jobId and the signed links that it hands out.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { signLink } from './lib/links.mjs';
import { Origin } from './lib/origin.mjs';
import { Stack } from './lib/stack.mjs';

const body = Buffer.from(Array.from({ length: 10_000 }, (_, i) => i % 251));
const HTML = { accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8' };
let origin, stack, client, jobId, job, url;

before(async () => {
  origin = await Origin.start();
  origin.bytes('/f/7', body, { 'content-type': 'image/png' });
  stack = await Stack.start({
    catalog: `${origin.url}/f/{file_id}`, 'source-allow': '127.0.0.0/8', 'allow-simulate': true });
  client = new Client(stack.url());
  jobId = await client.submit({ file_id: 7, options: { fileName: 'pict ure.png' } });
  job = await client.completed(jobId);
  url = client.link(job.result.url);
});
after(async () => {
  await stack?.destroy();
  await origin?.stop();
});

test('programs get 200 with the link, browsers 302 to it', async () => {
  for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json' }, { accept: 'text/html;q=0.5, application/json' }]) {
    const reply = await client.result(jobId, headers);
    assert.equal(reply.status, 200, JSON.stringify(headers));
    assert.equal(reply.headers['cache-control'], 'private, no-store');
    for (const member of ['url', 'expiresAt', 'fileName', 'size', 'sha256']) assert.ok(member in reply.json);
    assert.equal(reply.json.fileName, 'pict ure.png');
    const left = reply.json.expiresAt - Date.now() / 1000;
    assert.ok(left > 60 && left <= 901, `${left} s left`);
  }
  const browser = await client.result(jobId, HTML);
  assert.equal(browser.status, 302);
  assert.equal(browser.headers['cache-control'], 'private, no-store');
  assert.deepEqual((await call(client.link(browser.headers.location))).bytes, body);
});

test('?redirect= decides over Accept', async () => {
  assert.equal((await call(`${client.api}/${jobId}?redirect=1`)).status, 302);
  assert.equal((await call(`${client.api}/${jobId}?redirect=0`, { headers: HTML })).status, 200);
  assert.equal((await call(`${client.api}/${jobId}?redirect=2`)).status, 400);
});

test('HEAD works on both', async () => {
  const head = await call(`${client.api}/${jobId}`, { method: 'HEAD' });
  assert.deepEqual([head.status, head.text], [200, '']);
  const file = await call(url, { method: 'HEAD' });
  assert.deepEqual([file.status, file.headers['content-length'], file.text], [200, String(body.length), '']);
  assert.equal(file.headers['accept-ranges'], 'bytes');
});

test('not ready, not available, expired', async () => {
  const queued = await client.simulate({}, { delaySeconds: 600 });
  const notReady = await client.result(queued);
  assert.deepEqual([notReady.status, notReady.json.code], [409, 'NOT_READY']);
  assert.ok(Number(notReady.headers['retry-after']) >= 1);
  await client.cancel(queued);
  const canceled = await client.result(queued);
  assert.deepEqual([canceled.status, canceled.json.code], [409, 'NOT_AVAILABLE']);
  const failed = await client.simulate({ failAttempts: 1, errorCode: 'SOURCE_NOT_FOUND' });
  await client.terminal(failed);
  assert.equal((await client.result(failed)).json.code, 'NOT_AVAILABLE');
});

const RANGES = [
  ['bytes=0-99', 206, 0, 100], ['bytes=9000-', 206, 9000, 1000], ['bytes=-10', 206, 9990, 10],
  ['bytes=0-99999', 206, 0, 10_000], ['bytes=10000-', 416, 0, 0],
  ['bytes=0-1,5-6', 200, 0, 10_000], ['lines=1-2', 200, 0, 10_000], ['bytes=5-1', 200, 0, 10_000],
];
for (const [range, status, first, length] of RANGES) {
  test(`Range: ${range}`, async () => {
    const reply = await call(url, { headers: { range } });
    assert.equal(reply.status, status);
    if (status === 416) {
      assert.equal(reply.headers['content-range'], 'bytes */10000');
      return;
    }
    assert.deepEqual(reply.bytes, body.subarray(first, first + length));
    if (status === 206) assert.equal(reply.headers['content-range'], `bytes ${first}-${first + length - 1}/10000`);
  });
}

test('If-Range: a part of the same file, the whole of another', async () => {
  const { headers } = await call(url, { method: 'HEAD' });
  assert.match(headers.etag, /^"[^"]+"$/);
  const range = 'bytes=10-19';
  const same = await call(url, { headers: { range, 'if-range': headers.etag } });
  assert.deepEqual([same.status, same.bytes.length], [206, 10]);
  const other = await call(url, { headers: { range, 'if-range': '"another"' } });
  assert.deepEqual([other.status, other.bytes.length], [200, body.length]);
});

test('If-Match and If-Unmodified-Since: 412 for another version; If-Modified-Since: 304', async () => {
  const { headers } = await call(url, { method: 'HEAD' });
  const modified = headers['last-modified'];
  const before = new Date(Date.parse(modified) - 1000).toUTCString();
  const expected = [
    [{ 'if-match': headers.etag }, 200], [{ 'if-match': '*' }, 200], [{ 'if-match': '"another"' }, 412],
    [{ 'if-match': `W/${headers.etag}` }, 412], [{ 'if-match': '"another"', range: 'bytes=0-1' }, 412],
    [{ 'if-unmodified-since': modified }, 200], [{ 'if-unmodified-since': before }, 412],
    [{ 'if-modified-since': modified }, 304], [{ 'if-modified-since': before }, 200],
    [{ 'if-none-match': headers.etag }, 304], [{ 'if-none-match': '"a"', 'if-modified-since': modified }, 200],
    [{ range: 'bytes=10-19', 'if-range': modified }, 206], [{ range: 'bytes=10-19', 'if-range': before }, 200],
  ];
  for (const [sent, status] of expected) {
    const reply = await call(url, { headers: sent });
    assert.equal(reply.status, status, JSON.stringify(sent));
    if (status === 412) assert.equal(reply.json.code, 'PRECONDITION_FAILED');
    if (status === 304) assert.equal(reply.headers.etag, headers.etag);
  }
});

test('a file is an attachment that no browser sniffs', async () => {
  const { headers } = await call(url);
  assert.equal(headers['content-type'], 'image/png');
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.match(headers['content-disposition'], /^attachment; filename="pict ure.png"/);
  assert.match(headers['cache-control'], /private/);
});

test('a link that was changed anywhere is 403', async () => {
  const { pathname, searchParams } = new URL(url);
  const changed = [];
  for (const [name, value] of searchParams) {
    const query = new URLSearchParams(searchParams);
    const flipped = (value.at(0) === 'A' ? 'B' : 'A') + value.slice(1);
    query.set(name, /^\d+$/.test(value) ? String(Number(value) + 1) : flipped);
    changed.push(`${pathname}?${query}`);
    const without = new URLSearchParams(searchParams);
    without.delete(name);
    changed.push(`${pathname}?${without}`);
  }
  changed.push(`${pathname.replace('pict', 'Pict')}?${searchParams}`);
  changed.push(`${pathname}?${searchParams}&x=1`);
  changed.push(pathname);
  for (const one of changed) {
    const reply = await call(client.base + one);
    assert.equal(reply.status, 403, one);
    assert.equal(reply.json.code, 'LINK_INVALID', one);
  }
});

test('a genuine link that has expired is 403 LINK_EXPIRED', async () => {
  const secret = await readFile(path.join(stack.data, 'link-secret'));
  const key = (await stack.record(jobId)).artifactKey;
  const link = { key, fileName: 'pict ure.png', contentType: 'image/png' };
  const now = Math.floor(Date.now() / 1000);
  const good = await call(client.base + signLink(secret, { ...link, expiresAt: now + 100 }));
  assert.equal(good.status, 200, 'the test signs as the service does');
  const late = await call(client.base + signLink(secret, { ...link, expiresAt: now - 1 }));
  assert.deepEqual([late.status, late.json.code], [403, 'LINK_EXPIRED']);
});

test('a link cannot reach anything but artifacts', async () => {
  const secret = await readFile(path.join(stack.data, 'link-secret'));
  const expiresAt = Math.floor(Date.now() / 1000) + 100;
  for (const key of ['../link-secret', '..', '/etc/passwd', `${jobId}.99`]) {
    const link = signLink(secret, { key, fileName: 'x', contentType: 'text/plain', expiresAt });
    const reply = await call(client.base + link);
    assert.ok([403, 404, 410].includes(reply.status), `${key}: ${reply.status}`);
  }
});

test('status shows the same link to all for a while, so that its ETag holds', async () => {
  const [a, b] = [await client.status(jobId), await client.status(jobId)];
  assert.equal(a.json.result.url, b.json.result.url);
  assert.equal(a.headers.etag, b.headers.etag);
});

test('an artifact that is gone from the store is not a 500', async () => {
  const gone = await client.submit({ file_id: 7 });
  const { result } = await client.completed(gone);
  const { artifactKey } = await stack.record(gone);
  await rm(path.join(stack.store(), 'objects', artifactKey));
  const reply = await call(client.link(result.url));
  assert.ok([404, 410].includes(reply.status), String(reply.status));
});
