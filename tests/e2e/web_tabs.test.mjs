// The client package in real tabs: one stream for all of them, whichever opens or closes; a reload
// before the answer makes no second job.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { launch } from './lib/chromium.mjs';
import { Stack } from './lib/stack.mjs';
import { UnrulyProxy } from './lib/unruly-proxy.mjs';
import { until } from './lib/wait.mjs';
import { clientPages } from './lib/web-client.mjs';

const PAGE = `<!doctype html><title>test</title><script type="module">
  import { createDownloadClient } from '/client/index.js';
  window.client = createDownloadClient();
  window.follow = (jobId) => client.subscribe(jobId, ({ job }) => { window.job = job; });
</script>`;

let stack, proxy, browser, context, api;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true });
  proxy = await UnrulyProxy.start(stack.url(), { '/': { type: 'text/html', text: PAGE }, ...clientPages() });
  api = new Client(stack.url());
  browser = await launch();
  context = await browser.newContext();
});
after(async () => {
  await browser?.close();
  await proxy?.close();
  await stack?.destroy();
});

async function open() {
  const page = await context.newPage();
  await page.goto(proxy.url);
  await page.waitForFunction(() => window.client);
  return page;
}

const state = (page) => page.evaluate(() => ({ job: window.job, connection: window.client.connection().state }));
const ended = (page) => until('the end in a tab', async () => (await state(page)).job?.status === 'canceled');
// Ended by the test: nobody knows how long a browser takes on a busy machine.
const LONG = { durationMs: 290_000, progressMs: 100 };
const oneStream = (what) => until(`one stream: ${what}`, () => proxy.streams.size === 1);

test('tabs share one stream; it moves when its tab closes, and all see the end', async () => {
  const jobId = await api.simulate(LONG, { timeoutSeconds: 300 });
  const pages = [];
  for (let i = 0; i < 3; i++) {
    const page = await open();
    await page.evaluate((id) => window.follow(id), jobId);
    await until('live', async () => (await state(page)).connection === 'live');
    pages.push(page);
  }
  assert.equal(proxy.asked(/subscribe/).length, 1);
  assert.equal(proxy.streams.size, 1);
  await pages[0].close(); // it was the first, so it had the stream
  await until('a second stream in place of the first', () => proxy.asked(/subscribe/).length === 2 && proxy.streams.size === 1);
  const versions = await Promise.all(pages.slice(1).map(async (page) => (await state(page)).job.version));
  for (const [i, page] of pages.slice(1).entries()) {
    await until('news', async () => (await state(page)).job.version > versions[i]);
  }
  await api.cancel(jobId);
  for (const page of pages.slice(1)) await ended(page);
  await until('no stream', () => proxy.streams.size === 0);
  for (const page of pages.slice(1)) await page.close();
});

test('a tab whose process is killed with the stream: another one has it', async () => {
  const jobId = await api.simulate(LONG, { timeoutSeconds: 300 });
  const [first, second] = [await open(), await open()];
  for (const page of [first, second]) {
    await page.evaluate((id) => window.follow(id), jobId);
    await until('live', async () => (await state(page)).connection === 'live');
  }
  await first.goto('chrome://crash').catch(() => {});
  await oneStream('after the crash');
  await api.cancel(jobId);
  await ended(second);
  await second.close();
});

// Stops a page's JavaScript, as a dialog or a debugger does. @returns what lets it go on.
async function stopScript(page) {
  const debug = await context.newCDPSession(page);
  await debug.send('Debugger.enable');
  const stopped = new Promise((resolve) => { debug.once('Debugger.paused', resolve); });
  await debug.send('Debugger.pause');
  page.evaluate('1').catch(() => {}); // something that it can be stopped at
  await stopped;
  return () => debug.send('Debugger.resume').then(() => debug.send('Debugger.disable'));
}

test('a tab that is stopped with the stream: another one takes over, and it follows when it wakes', { timeout: 240_000 }, async () => {
  const jobId = await api.simulate(LONG, { timeoutSeconds: 300 });
  const pages = [];
  for (let i = 0; i < 3; i++) {
    const page = await open();
    await page.evaluate((id) => {
      window.states = [];
      window.client.subscribeConnection(({ state: now }) => window.states.push(now));
      window.follow(id);
    }, jobId);
    await until('live', async () => (await state(page)).connection === 'live');
    pages.push(page);
  }
  const asked = proxy.asked(/subscribe/).length;
  const [first, ...others] = pages;
  for (const page of others) await page.evaluate(() => { window.states = []; });
  const wake = await stopScript(first);
  await until('one more stream', () => proxy.asked(/subscribe/).length === asked + 1, 120_000);
  for (const page of others) await until('live again', async () => (await state(page)).connection === 'live');
  for (const page of others) assert.ok((await page.evaluate(() => window.states)).includes('connecting'));
  assert.equal(proxy.streams.size, 2, 'its own, unread, and one for all others');
  await wake();
  await oneStream('after it woke');
  assert.equal(proxy.asked(/subscribe/).length, asked + 1);
  await api.cancel(jobId);
  for (const page of pages) await ended(page);
  for (const page of pages) await page.close();
});

test('a reload before the answer came: the same key, one job', async () => {
  const page = await open();
  const forward = proxy.forward;
  const held = [];
  proxy.forward = (request, response) => {
    if (/initiate/.test(request.url)) held.push([request, response]);
    else forward.call(proxy, request, response);
  };
  await page.evaluate(() => { void window.client.initiate({ file_id: 7, options: { simulate: {} } }).catch(() => {}); });
  await until('the request', () => held.length === 1);
  forward.call(proxy, held[0][0], { on() {}, once() {}, emit() {}, write() {}, writeHead() {}, end() {}, destroy() {} });
  await page.reload();
  await page.waitForFunction(() => window.client);
  proxy.forward = forward;
  const again = await page.evaluate(() => window.client.initiate({ file_id: 7, options: { simulate: {} } }));
  const keys = proxy.asked(/initiate/).map(({ headers }) => headers['idempotency-key']);
  assert.equal(keys.length, 2);
  assert.equal(keys[0], keys[1]);
  assert.equal((await api.terminal(again.jobId)).status, 'completed');
  const next = await page.evaluate(() => window.client.initiate({ file_id: 7, options: { simulate: {} } }));
  assert.notEqual(next.jobId, again.jobId);
  await page.close();
});
