// Six tabs of the page at once, a job of its own in each, over HTTP/1.1: the six connections that a browser has
// to a server are not used up, each tab sees its job to the end, and a tab that leads may go.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { launch } from './lib/chromium.mjs';
import { call } from './lib/http.mjs';
import { Origin } from './lib/origin.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { watchFaults } from './lib/web-page.mjs';
import { buildWeb } from './lib/web-client.mjs';

const TABS = 6;
const SIZE = 8 << 20, STEP = 8192, EVERY_MS = 1000; // at this pace none comes to its end by itself, nor counts as stalled

let origin, stack, api, browser, context;
const sources = []; // one a job: they end when the test says so
const faults = [];

// Half at once, then as little as a source may that is not to count as stalled; the rest when `release` is called.
function held(path, size) {
  let finish = () => {};
  let released = false;
  origin.on(path, (_, response) => {
    let sent = size / 2;
    const send = (bytes) => { response.write(Buffer.alloc(bytes, 'h')); sent += bytes; };
    response.writeHead(200, { 'content-length': size });
    response.write(Buffer.alloc(sent, 'h'));
    const timer = setInterval(send, EVERY_MS, STEP);
    finish = () => { clearInterval(timer); response.end(Buffer.alloc(size - sent, 'h')); };
    response.on('close', () => clearInterval(timer));
    if (released) finish();
  });
  return { release() { released = true; finish(); } };
}

before(async () => {
  buildWeb();
  origin = await Origin.start();
  for (let id = 1; id <= TABS; id++) sources.push(held(`/${id}`, SIZE));
  stack = await Stack.start({ catalog: `${origin.url}/{file_id}`, 'source-allow': '127.0.0.0/8', slots: TABS });
  api = new Client(stack.url());
  browser = await launch();
  context = await browser.newContext();
});
after(async () => {
  await browser?.close();
  await stack?.destroy();
  await origin?.stop();
});

// Of the gateway, at one moment: streams that are open, and how many were opened until then.
async function streams() {
  const { text } = await call(`${stack.admin()}/metrics`, { direct: true });
  const sum = (rows) => [...text.matchAll(rows)].reduce((total, [, value]) => total + Number(value), 0);
  return {
    open: sum(/^longhaul_gateway_streams (\d+)$/gm),
    opened: sum(/^longhaul_gateway_requests_total\{route="subscribe(?:_many)?",code="2xx"\} (\d+)$/gm),
  };
}

// One stream, and not one of the first `before`.
const oneStream = (what, before = 0) => until(`one stream: ${what}`, async () => {
  const { open, opened } = await streams();
  return open === 1 && opened > before;
});
const says = async (page, text) => {
  const what = page.locator('.job .what');
  await what.filter({ hasText: text }).waitFor().catch(async (error) => {
    throw new Error(`not ${text}: ${await what.allTextContents()}`, { cause: error });
  });
};
const isLive = (page) => page.locator('.live.live').waitFor();

async function open(jobId) {
  const page = await context.newPage();
  watchFaults(page, stack.url(), faults);
  await page.goto(`${stack.url()}/downloads/${jobId}`);
  await says(page, '%');
  await isLive(page);
  return page;
}

// A page that waits in line behind streams would not be answered.
async function assertAnswered(page, what) {
  const status = await page.evaluate(async () => (
    await fetch('/v1/download/jobs', { signal: AbortSignal.timeout(20_000) })).status);
  assert.equal(status, 200, what);
}

test('six tabs, six jobs, one stream; the leader is closed, the next one is killed; all see the end', async () => {
  const ids = [];
  for (let id = 1; id <= TABS; id++) ids.push(await api.submit({ file_id: id, options: { fileName: `file-${id}.bin`, timeoutSeconds: 300 } }));
  const pages = [];
  for (const jobId of ids) pages.push(await open(jobId));
  await oneStream('with all tabs open');
  for (const [i, page] of pages.entries()) {
    assert.equal(new URL(page.url()).pathname, `/downloads/${ids[i]}`);
    await assertAnswered(page, `tab ${i + 1}`);
  }

  // Locks are handed on in the order of asking: the first tab leads, then the second.
  let { opened } = await streams();
  await pages[0].close();
  await oneStream('after the leader was closed', opened);
  sources[1].release();
  for (const page of pages.slice(2)) await isLive(page);
  await says(pages[1], 'Ready'); // the new leader's own job, and nobody else's
  for (const page of pages.slice(2)) await says(page, '%');

  ({ opened } = await streams());
  await pages[1].goto('chrome://crash').catch(() => {});
  await oneStream('after the next one was killed', opened);
  for (const source of sources) source.release();
  for (const [i, page] of pages.entries()) {
    if (i < 2) continue;
    await says(page, 'Ready');
    await page.getByRole('heading', { name: `file-${i + 1}.bin` }).waitFor();
  }
  await until('no stream is left', async () => (await streams()).open === 0);

  const again = await context.newPage(); // a deep link of a job whose tab is gone
  await again.goto(`${stack.url()}/downloads/${ids[0]}`);
  await says(again, 'Ready');
  assert.deepEqual(faults, []);
});
