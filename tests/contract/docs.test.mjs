// /openapi.json and /docs of a running gateway, also in a real browser.
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { call, exchange } from '../e2e/lib/http.mjs';
import { Stack, temporaryFolder } from '../e2e/lib/stack.mjs';
import { buildWeb } from '../e2e/lib/web-client.mjs';
import { document, operation, operations, problemFaults, replyFaults } from './lib/api.mjs';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync'];
let stack;

before(async () => {
  buildWeb();
  stack = await Stack.start({ 'allow-simulate': true });
});
after(() => stack?.destroy());

const get = (page, headers = {}, method = 'GET') => call(stack.url() + page, { method, headers });

test('nothing but what was read is served, however it is asked for', async () => {
  for (const target of ['/docs/none', '/docs/index.html', '/docs/assets/', '/docs/assets/.stamp', '/docs//assets/',
    '/docs/../openapi.json.gz', '/docs/assets/../../docs/errors.html', '/docs/assets/%2e%2e/index.html',
    '/docs/assets/..%2findex.html', '/openapi.json%00', '/.stamp', '//etc/passwd']) {
    const answer = await exchange(stack.url(), `GET ${target} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
    assert.match(answer, /^HTTP\/1\.1 40[04] /, target);
  }
});

test('other methods are refused with the ones that are right', async () => {
  for (const method of ['POST', 'PUT', 'DELETE']) {
    const reply = await get('/docs', {}, method);
    assert.equal(reply.status, 405, method);
    assert.equal(reply.headers.allow, 'GET, HEAD, OPTIONS');
    assert.deepEqual(problemFaults(reply), []);
  }
});

test('what holds on every path holds for pages: OPTIONS, and the limit of bodies', async () => {
  for (const page of ['/docs', '/openapi.json']) {
    const options = await get(page, {}, 'OPTIONS');
    assert.deepEqual([options.status, options.headers.allow, options.text], [204, 'GET, HEAD, OPTIONS', ''], page);
    const large = await call(stack.url() + page, { headers: { 'content-length': 70_000 }, body: 'x'.repeat(70_000) });
    assert.deepEqual([large.status, large.json.code], [413, 'BODY_TOO_LARGE'], page);
    assert.deepEqual(problemFaults(large), []);
    const small = await call(stack.url() + page, { headers: { 'content-length': 5 }, body: 'hello' });
    assert.equal(small.status, 200, 'a body that nobody wants is ignored');
  }
});

test('a gateway without pages says so and does the rest', async () => {
  const empty = await temporaryFolder();
  const bare = await Stack.start({}, { LONGHAUL_WEB_DIR: path.join(empty, 'none') });
  try {
    const reply = await call(`${bare.url()}/docs`);
    assert.equal(reply.status, 404);
    assert.deepEqual(replyFaults(operation('getApiReference'), reply), []);
    assert.match(await bare.log('gateway-1'), /"event":"assets.missing"/);
  } finally {
    await bare.destroy();
    await rm(empty, { recursive: true });
  }
});

test('openapi.json is the document of the sources, as described in it', async () => {
  const reply = await get('/openapi.json');
  assert.deepEqual(replyFaults(operation('getApiDescription'), reply), []);
  assert.deepEqual(reply.json, document);
});

test('a page can be kept and asked for again', async () => {
  const first = await get('/docs');
  assert.deepEqual(replyFaults(operation('getApiReference'), first), []);
  assert.equal(first.headers['cache-control'], 'no-cache');
  for (const tag of [first.headers.etag, `"x", W/${first.headers.etag}`, '*']) {
    const again = await get('/docs', { 'if-none-match': tag });
    assert.equal(again.status, 304, tag);
    assert.deepEqual(replyFaults(operation('getApiReference'), again), []);
    assert.equal(again.headers.vary, first.headers.vary);
  }
  assert.equal((await get('/docs', { 'if-none-match': '"x"' })).status, 200);
});

test('HEAD has the headers of GET and no body', async () => {
  const [whole, head] = [await get('/docs'), await get('/docs', {}, 'HEAD')];
  assert.equal(head.text, '');
  for (const name of Object.keys(whole.headers).filter((n) => !['date', 'x-request-id'].includes(n))) {
    assert.equal(head.headers[name], whole.headers[name], name);
  }
});

test('a compressed form is sent to who can read it, with a tag of its own', async () => {
  const plain = await get('/docs');
  const packed = await get('/docs', { 'accept-encoding': 'br;q=1, gzip;q=0.5' });
  assert.equal(packed.headers['content-encoding'], 'gzip');
  assert.deepEqual(gunzipSync(packed.bytes), plain.bytes);
  assert.notEqual(packed.headers.etag, plain.headers.etag);
  assert.equal(packed.headers.vary, 'accept-encoding');
  const refused = await get('/docs', { 'accept-encoding': 'gzip;q=0, *' });
  assert.equal(refused.headers['content-encoding'], undefined);
});

test('parts with a digest in their name may be kept for good', async () => {
  const parts = [...(await get('/docs')).text.matchAll(/"(\/docs\/assets\/[^"]+)"/g)].map((match) => match[1]);
  assert.equal(parts.length, 4);
  for (const part of parts) {
    const reply = await get(part);
    assert.equal(reply.status, 200, part);
    assert.equal(reply.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(reply.headers['x-content-type-options'], 'nosniff');
    assert.match(reply.headers['content-type'], part.endsWith('.js') ? /^text\/javascript/ : /^text\/css/);
  }
});

test('the type of a problem leads to its explanation', async () => {
  const missing = await get('/v1/download/status/nope');
  const [page, name] = missing.json.type.split('#');
  const reply = await get(page);
  assert.equal(reply.status, 200);
  assert.ok(reply.text.includes(`id="${name}"`));
  for (const code of document.components.schemas.ProblemCode.enum) assert.ok(reply.text.includes(`id="${code}"`), code);
});

test('the reference shows every operation, works, and asks no other host', async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  try {
    const page = await browser.newPage();
    const asked = [], complaints = [];
    page.on('request', (request) => asked.push(request.url()));
    page.on('console', (said) => ['error', 'warning'].includes(said.type()) && complaints.push(said.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${stack.url()}/docs`);
    await page.waitForSelector('.opblock');
    const shown = await page.$$eval('.opblock', (blocks) => blocks.map((block) => block.id.split('-').at(-1)));
    assert.deepEqual(shown.sort(), operations.map((one) => one.id).sort());

    const block = page.locator('[id$="-initiateDownload"]');
    await block.locator('.opblock-summary-control').click();
    await block.locator('.try-out__btn').click();
    await block.locator('textarea.body-param__text').fill('{"file_id":1,"options":{"simulate":{}}}');
    await block.locator('input[placeholder^="Idempotency-Key"]').fill('from-the-reference');
    await block.locator('button.execute').click();
    const live = block.locator('.live-responses-table .response-col_status').last();
    await live.filter({ hasText: '202' }).waitFor();

    assert.deepEqual(asked.filter((url) => !url.startsWith(`${stack.url()}/`) && !url.startsWith('data:')), []);
    assert.deepEqual(complaints, []);
  } finally {
    await browser.close();
  }
});
