// all: it installs Next.js and builds an app with it.
// The example in web/examples/nextjs, clicked through in a real browser: what it shows comes live through
// its own route, which holds nothing back.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { launch } from './lib/chromium.mjs';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Example, buildExample } from './lib/nextjs.mjs';
import { Origin } from './lib/origin.mjs';
import { Stack } from './lib/stack.mjs';
import { UnrulyProxy } from './lib/unruly-proxy.mjs';
import { until } from './lib/wait.mjs';

const FILE = randomBytes(200_000);

let origin, stack, proxy, example, api, browser, page;
const faults = []; // what the pages complain of, as a rendering that is not the server's
before(async () => {
  buildExample();
  origin = await Origin.start();
  stack = await Stack.start({
    catalog: `${origin.url}/f/{file_id}`, 'source-allow': '127.0.0.0/8', 'allow-simulate': true });
  proxy = await UnrulyProxy.start(stack.url()); // sees what the example sends
  example = await Example.start(proxy.url);
  api = new Client(example.url);
  browser = await launch();
  page = await browser.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') faults.push(message.text()); });
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(example.url)) faults.push(request.url());
  });
});
after(async () => {
  await browser?.close();
  await example?.stop();
  await proxy?.close();
  await stack?.destroy();
  await origin?.stop();
});

const show = (jobId) => page.goto(`${example.url}/downloads/${jobId}`);
const says = (text) => page.locator('article [role]', { hasText: text }).waitFor();
const button = (name) => page.getByRole('button', { name });

async function start(fileId) {
  await page.goto(example.url);
  await page.getByLabel('File id').fill(String(fileId));
  await button('Start download').click();
  await page.waitForURL(/\/downloads\/[0-9A-Za-z_-]{20,}$/);
  return page.url().split('/').at(-1);
}

async function awaitNoStreams() {
  await until('no streams', async () => (
    proxy.streams.size === 0 && await stack.metric('longhaul_gateway_streams') === 0));
}

test('from the form to the file: live, restored by a reload in the middle', async () => {
  const release = origin.inHalves('/f/1', FILE);
  const jobId = await start(1);
  await says('50 %');
  await page.getByText('Live', { exact: true }).waitFor();
  const { text, headers } = await call(`${example.url}/downloads/${jobId}`);
  assert.match(text, /<progress[^>]* value="50"/, 'the server renders the job as it is');
  assert.match(headers['cache-control'], /no-store/);
  await page.reload();
  await says('50 %');
  await page.getByText('Live', { exact: true }).waitFor();
  assert.equal(await page.getByRole('progressbar').getAttribute('value'), '50');
  const asked = proxy.asked(/status/).length;
  release();
  await says(/^Ready, link valid for 1[45]:/);
  assert.equal(proxy.asked(/status/).length, asked, 'by the stream, not by questions');
  const download = page.waitForEvent('download');
  await button('Download').click();
  assert.ok(FILE.equals(await readFile(await (await download).path())));
  await page.reload();
  await says(/^Ready/);
});

test('a failure is said, and a retry brings the file', async () => {
  origin.status('/f/2', 503);
  const jobId = await api.submit({ file_id: 2, options: { maxAttempts: 1 } });
  await show(jobId);
  await page.locator('article [role=alert]', { hasText: 'Failed:' }).waitFor();
  origin.bytes('/f/2', FILE);
  await button('Retry').click();
  await says(/^Ready/);
  const download = page.waitForEvent('download');
  await button('Download').click();
  assert.ok(FILE.equals(await readFile(await (await download).path())));
});

test('what repeating cannot mend has no such button', async () => {
  origin.status('/f/3', 404);
  await start(3);
  await page.locator('article [role=alert]', { hasText: 'Failed:' }).waitFor();
  assert.equal(await button('Retry').count(), 0);
});

test('cancel; the list shows it, and leads back to it', async () => {
  origin.inHalves('/f/4', FILE);
  const jobId = await start(4);
  await says('50 %');
  await button('Cancel').click();
  await says('Canceled');
  assert.equal((await api.status(jobId)).json.status, 'canceled');
  await page.getByRole('link', { name: 'All downloads' }).click();
  await page.getByRole('listitem').filter({ hasText: 'File 4' }).filter({ hasText: 'Canceled' }).getByRole('link').click();
  await page.waitForURL(`**/downloads/${jobId}`);
  await says('Canceled');
});

test('the pages had nothing to complain of, and asked nobody else', () => {
  assert.deepEqual(faults, []);
});

test('a connection that is cut in the middle: the page goes on', async () => {
  const release = origin.inHalves('/f/5', FILE);
  await start(5);
  await page.getByText('Live', { exact: true }).waitFor();
  proxy.cut();
  await until('another stream', () => proxy.streams.size === 1);
  release();
  await says(/^Ready/);
});

test('no such job is a page of its own', async () => {
  const reply = await show('nosuchjob-nosuchjob-1');
  assert.equal(reply.status(), 404);
  await page.getByRole('heading', { name: 'No such download' }).waitFor();
});

test('a visitor who leaves ends the stream at the gateway', async () => {
  await show(await api.simulate({ durationMs: 60_000, progressMs: 100 }));
  await page.getByText('Live', { exact: true }).waitFor();
  assert.equal(proxy.streams.size, 1);
  await page.goto('about:blank');
  await awaitNoStreams();
});

test('the route passes a stream on event by event, also to who would have it compressed', async () => {
  const jobId = await api.simulate({ durationMs: 1000, stallAtPercent: 40, progressMs: 50 });
  const events = await api.events(jobId, { headers: { 'accept-encoding': 'gzip, br' } });
  assert.equal(events.headers['content-encoding'], undefined);
  await events.message('40 %', (job) => job.progress === 40);
  events.close();
  await awaitNoStreams();
  await api.cancel(jobId);
});

test('the route passes on what the API knows, both ways, and nothing else', async () => {
  const headers = { 'idempotency-key': 'nextjs-1', cookie: 'session=secret', 'x-other': '1', 'x-request-id': 'mine' };
  const first = await api.initiate({ file_id: 2 }, headers);
  assert.deepEqual([first.status, first.headers['x-request-id'], first.headers['retry-after']], [202, 'mine', '1']);
  const { jobId } = first.json;
  assert.equal(first.headers.location, `/v1/download/status/${jobId}`);
  const sent = proxy.requests.at(-1).headers;
  assert.deepEqual([sent['idempotency-key'], sent.cookie, sent['x-other']], ['nextjs-1', undefined, undefined]);
  assert.equal((await api.initiate({ file_id: 2 }, headers)).json.jobId, jobId, 'the same key is the same job');
  await api.completed(jobId);

  const status = await api.status(jobId);
  assert.equal((await api.status(jobId, { 'if-none-match': status.headers.etag })).status, 304);
  assert.equal((await call(`${api.api}/${jobId}`, { method: 'DELETE' })).status, 204);
  const bad = await api.initiate('{"file_id": 0}');
  assert.deepEqual([bad.status, bad.json.code, bad.json.pointer], [400, 'VALIDATION_FAILED', '/file_id']);
});

test('files come with their length, whole and in parts, under whatever name', async () => {
  const jobId = await api.submit({ file_id: 2, options: { fileName: 'grüße/100 % "a"+b.csv' } });
  await api.completed(jobId);
  const redirect = await api.result(jobId, { accept: 'text/html' });
  assert.equal(redirect.status, 302);
  const url = api.link(redirect.headers.location);
  assert.ok(url.startsWith(`${example.url}/v1/download/files/`), url);
  const headers = { 'accept-encoding': 'gzip', cookie: 'session=secret' };
  const whole = await call(url, { headers });
  assert.deepEqual([whole.status, whole.headers['content-length']], [200, String(FILE.length)]);
  assert.ok(whole.bytes.equals(FILE));
  assert.match(whole.headers['content-disposition'], /^attachment/);
  assert.equal(whole.headers['x-content-type-options'], 'nosniff');
  assert.equal(proxy.requests.at(-1).headers.cookie, undefined);
  const part = await call(url, { headers: { ...headers, range: 'bytes=10-19' } });
  assert.deepEqual([part.status, part.headers['content-range']], [206, `bytes 10-19/${FILE.length}`]);
  assert.ok(part.bytes.equals(FILE.subarray(10, 20)));
  const head = await call(url, { method: 'HEAD' });
  assert.deepEqual([head.status, head.headers['content-length']], [200, String(FILE.length)]);
  assert.equal((await call(url, { headers: { 'if-none-match': whole.headers.etag } })).status, 304);
  assert.equal((await call(`${url}0`)).status, 403);
});

test('nobody there: the route says so, the page shows it and goes on by itself', async () => {
  const jobId = await api.simulate({ durationMs: 100 });
  await api.completed(jobId);
  await stack.down();
  const { status, json } = await api.status(jobId);
  assert.deepEqual([status, json.code], [502, 'UPSTREAM_UNREACHABLE']);
  await show(jobId);
  await page.getByText('The download service does not answer.').waitFor();
  await stack.up();
  await says(/^Ready/);
});
