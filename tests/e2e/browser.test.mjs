// A real browser: its EventSource, its downloads, and the original frontend snippets unmodified.
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import path from 'node:path';
import { WATCH, launch } from './lib/chromium.mjs';
import { Client } from './lib/client.mjs';
import { FRONTS, originalBlocks, originalSite } from './lib/fronts.mjs';
import { startNginx } from './lib/nginx.mjs';
import { call } from './lib/http.mjs';
import { Origin, Pattern, sha256 } from './lib/origin.mjs';
import { Stack, temporaryFolder } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const CLOSED = 2; // EventSource.readyState
const CONNECTIONS_MAX = 6; // of Chromium, to an origin by HTTP/1.1
const pattern = new Pattern(5_000_000);
let origin, stack, direct, browser, context, page;
before(async () => {
  origin = await Origin.start();
  origin.pattern('/f/1', pattern);
  stack = await Stack.start({
    catalog: `${origin.url}/f/{file_id}`, 'source-allow': '127.0.0.0/8', 'allow-simulate': true,
  }, { LONGHAUL_HEARTBEAT_S: '1' });
  direct = new Client(stack.url());
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await stack?.destroy();
  await origin?.stop();
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
});
afterEach(() => context?.close());

const stream = (jobId, query = '') => `/v1/download/subscribe/${jobId}${query}`;
const flaky = { durationMs: 4000, progressMs: 100, size: 2_000_000, failAttempts: 1, errorCode: 'WORKER_LOST' };

// A page of the same origin as the API, whichever way leads to it: a reply of the API itself.
const visit = (base, jobId) => page.goto(`${base}/v1/download/status/${jobId}`);
async function watch(url) {
  await page.evaluate(WATCH);
  await page.evaluate((target) => window.watch(target), url);
}
const seen = () => page.evaluate(() => window.seen);
const state = () => page.evaluate(() => window.source.readyState);
const seenOf = async (type) => (await seen()).filter((event) => event.type === type);

const savedBytes = async (download) => readFile(await download.path());

// Named and unnamed events tell the same; ids grow; each change of status once.
async function assertMissedNothing(jobId) {
  const { transitions, log } = await stack.record(jobId);
  const versions = async (type) => (await seenOf(type)).map((event) => event.job.version);
  const messages = await versions('message');
  for (let i = 1; i < messages.length; i++) assert.ok(messages[i] > messages[i - 1], `${messages}`);
  const named = [...await versions('status'), ...await versions('progress')].sort((a, b) => a - b);
  assert.deepEqual(named, messages);
  const changes = await versions('status');
  assert.deepEqual(changes.slice(1), transitions.map((t) => t.version).filter((v) => v > changes[0]), log);
}

describe('the original frontend snippets, behind the original nginx configuration', () => {
  let folder, front;
  before(async () => {
    folder = await temporaryFolder();
    const snippets = originalBlocks('ts').map((code) => stripTypeScriptTypes(code)).join('\n');
    await writeFile(path.join(folder, 'index.html'),
      `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><script>${snippets}</script>`);
    front = await startNginx(originalSite([stack.port], ` location / { root ${folder}; }`));
  });
  after(async () => {
    await front?.destroy();
    await rm(folder, { recursive: true, force: true });
  });
  beforeEach(() => page.goto(`${front.url}/`));

  test('there are three, and stripping types is all that is done to them', () => {
    const blocks = originalBlocks('ts');
    assert.equal(blocks.length, 3);
    for (const name of ['startDownload', 'getStatus', 'pollStatus', 'subscribe', 'fetchDownloadUrl', 'startFileDownload']) {
      assert.ok(blocks.some((code) => code.includes(`function ${name}(`)), name);
    }
  });

  test('polling: startDownload, then pollStatus until it is completed', async () => {
    const { jobId, updates } = await page.evaluate(async () => {
      const id = await startDownload(1);
      const all = [];
      await pollStatus(id, (status) => all.push(status));
      return { jobId: id, updates: all };
    });
    const last = updates.at(-1);
    assert.deepEqual([last.jobId, last.status, last.progress, last.file_id], [jobId, 'completed', 100, 1]);
    assert.equal(last.result.size, pattern.size);
    assert.ok(last.result.expiresAt > Date.now() / 1000);
  });

  test('polling a job that fails or is canceled ends', async () => {
    const failed = await direct.simulate({ failAttempts: 1, errorCode: 'SOURCE_FORBIDDEN' });
    const canceled = await direct.simulate({}, { delaySeconds: 600 });
    await direct.cancel(canceled);
    const ends = await page.evaluate((ids) => Promise.all(ids.map(async (id) => {
      let last;
      await pollStatus(id, (status) => { last = status; });
      return [last.status, last.error?.code ?? 'none'];
    })), [failed, canceled]);
    assert.deepEqual(ends, [['failed', 'SOURCE_FORBIDDEN'], ['canceled', 'none']]);
  });

  test('subscribe: onmessage has every update until it is completed', async () => {
    const jobId = await direct.simulate({ durationMs: 1500, progressMs: 100, size: 2_000_000 });
    const updates = await page.evaluate((id) => new Promise((resolve) => {
      const all = [];
      const close = subscribe(id, (status) => {
        all.push(status);
        if (status.status === 'completed') {
          close();
          resolve(all);
        }
      });
    }), jobId);
    const { transitions } = await stack.record(jobId);
    const versions = updates.map((update) => update.version);
    for (const { version } of transitions.filter((t) => t.version > versions[0])) assert.ok(versions.includes(version));
    assert.ok(updates.some((update) => update.status === 'running' && update.progress > 0 && update.progress < 100));
    assert.ok(updates.at(-1).result.url);
  });

  test('startFileDownload: the browser saves the file, byte for byte', async () => {
    const jobId = await page.evaluate(async () => {
      const id = await startDownload(1);
      await pollStatus(id, () => {});
      return id;
    });
    const [download] = await Promise.all([
      page.waitForEvent('download'), page.evaluate((id) => startFileDownload(id), jobId)]);
    const bytes = await savedBytes(download);
    assert.deepEqual([bytes.length, sha256(bytes)], [pattern.size, pattern.sha256]);
    assert.equal(page.url(), `${front.url}/`, 'the page stays');
  });
});

describe('EventSource', () => {
  test('every event, named and unnamed; at the end 204 stops it', async () => {
    const jobId = await direct.simulate({ durationMs: 1000, progressMs: 100, size: 2_000_000 });
    const replies = [];
    page.on('response', (response) => {
      if (response.url().includes('/subscribe/')) replies.push(response.status());
    });
    await visit(stack.url(), jobId);
    await watch(stream(jobId));
    await until('it has stopped', async () => (await state()) === CLOSED);
    await assertMissedNothing(jobId);
    const [result] = await seenOf('result');
    assert.deepEqual([result.kind, result.job.status], ['MessageEvent', 'completed']);
    assert.deepEqual(replies, [200, 204]);
    const errors = await seenOf('error');
    assert.deepEqual(errors.map((event) => event.job), [undefined, undefined], 'the end, and the stop');
    assert.deepEqual(errors.map((event) => event.state), [0, CLOSED]);
  });

  test('the error of a failed job is a MessageEvent, other errors are none', async () => {
    const jobId = await direct.simulate({ durationMs: 300, failAttempts: 1, errorCode: 'SOURCE_FORBIDDEN' });
    await visit(stack.url(), jobId);
    await watch(stream(jobId));
    await until('it has stopped', async () => (await state()) === CLOSED);
    const [failure, ...others] = await seenOf('error');
    assert.deepEqual([failure.kind, failure.job.error.code], ['MessageEvent', 'SOURCE_FORBIDDEN']);
    assert.ok(others.every((event) => event.kind === 'Event' && event.job === undefined));
  });

  test('?named=1 has no unnamed ones', async () => {
    const jobId = await direct.simulate({ durationMs: 300 });
    await visit(stack.url(), jobId);
    await watch(stream(jobId, '?named=1'));
    await until('it has stopped', async () => (await state()) === CLOSED);
    assert.deepEqual([(await seenOf('message')).length, (await seenOf('result')).length], [0, 1]);
  });

  test('a status that is not 200 stops it for good', async () => {
    const jobId = await direct.simulate({});
    await visit(stack.url(), jobId);
    await watch(stream('01234567890123456789'));
    await until('it has stopped', async () => (await state()) === CLOSED);
    assert.deepEqual((await seen()).map((event) => event.type), ['error']);
  });

  test('a gateway that is killed costs nothing: without a proxy, behind nginx, behind HAProxy', async (t) => {
    const fronts = await Promise.all(['nginx as recommended', 'HAProxy as recommended'].map(
      (name) => FRONTS[name]([stack.port])));
    t.after(() => Promise.all(fronts.map((front) => front.destroy())));
    const jobId = await direct.simulate(flaky);
    const pages = [];
    for (const base of [stack.url(), ...fronts.map((front) => front.url)]) {
      page = await context.newPage();
      pages.push(page);
      await visit(base, jobId);
      await watch(stream(jobId));
      await until('running', async () => (await seen()).some((event) => event.job?.status === 'running'));
    }
    await stack.killAndAwaitSuccessor('gateway-1');
    for (page of pages) {
      await until('it has stopped', async () => (await state()) === CLOSED);
      await assertMissedNothing(jobId);
      assert.equal((await seenOf('result')).length, 1);
    }
    await stack.awaitReady();
  });

  test('behind nginx by default, which says 502 while no gateway is there: it gives up', async (t) => {
    const front = await FRONTS['nginx by default']([stack.port]);
    t.after(() => front.destroy());
    const jobId = await direct.simulate(flaky);
    await visit(front.url, jobId);
    await watch(stream(jobId));
    await until('running', async () => (await seen()).some((event) => event.job?.status === 'running'));
    const supervisor = await stack.signal('run', 'SIGSTOP'); // so that nobody starts it again too soon
    try {
      await stack.signal('gateway-1', 'SIGKILL');
      await until('it has given up', async () => (await state()) === CLOSED);
    } finally {
      process.kill(supervisor, 'SIGCONT');
    }
    await stack.awaitReady();
    await direct.completed(jobId);
    assert.equal((await seenOf('result')).length, 0);
  });

  test('six streams to an origin are all that a browser has: the seventh request waits', async () => {
    const jobId = await direct.simulate({}, { delaySeconds: 600 });
    await visit(stack.url(), jobId);
    await page.evaluate(([id, count]) => {
      window.sources = Array.from({ length: count }, () => new EventSource(`/v1/download/subscribe/${id}`));
      return Promise.all(window.sources.map((source) => new Promise((open) => { source.onopen = open; })));
    }, [jobId, CONNECTIONS_MAX]);
    const started = new Promise((resolve) => { page.once('request', resolve); });
    await page.evaluate((id) => {
      window.asked = fetch(`/v1/download/status/${id}`).then((reply) => { window.answered = reply.status; });
    }, jobId);
    await started;
    await direct.completed(await direct.simulate({ durationMs: 500 })); // for others all goes on
    assert.equal(await page.evaluate(() => window.answered), undefined);
    await page.evaluate(async () => {
      window.sources.pop().close();
      await window.asked;
    });
    assert.equal(await page.evaluate(() => window.answered), 200);
    await direct.cancel(jobId);
  });

  test('one stream carries twenty jobs, and the other connections are free', async () => {
    const jobs = await Promise.all(Array.from({ length: 20 }, () => direct.simulate({ durationMs: 500 })));
    await visit(stack.url(), jobs[0]);
    await watch(`/v1/download/subscribe?${jobs.map((id) => `jobId=${id}`).join('&')}`);
    const statuses = await page.evaluate((ids) => (
      Promise.all(ids.map(async (id) => (await fetch(`/v1/download/status/${id}`)).status))), jobs);
    assert.ok(statuses.every((status) => status === 200), `${statuses}`);
    await until('all results', async () => (await seenOf('result')).length === jobs.length);
    const done = (await seenOf('result')).map((event) => event.job.jobId);
    assert.deepEqual(done.sort(), [...jobs].sort());
  });
});

describe('downloads by a click', () => {
  const NAMES = [
    ['Größe & mehr.pdf', 'Größe & mehr.pdf'],
    ['報告 2026.txt', '報告 2026.txt'],
    ['50% "off"; x=1.txt', /^50% .off.; x=1\.txt$/], // what a browser makes of quotes is its own
    ['emoji 🚀.bin', 'emoji 🚀.bin'],
    ['page.html', 'page.html'],
  ];
  for (const [fileName, saved] of NAMES) {
    test(`302 to the file, saved as ${fileName}`, async () => {
      const jobId = await direct.submit({ file_id: 1, options: { fileName } });
      await direct.completed(jobId);
      await visit(stack.url(), jobId);
      const statuses = [];
      page.on('response', (response) => statuses.push(response.status()));
      await page.evaluate((id) => {
        const link = document.createElement('a');
        link.href = `/v1/download/${id}`;
        document.body.append(link);
        window.link = link;
      }, jobId);
      const [download] = await Promise.all([
        page.waitForEvent('download'), page.evaluate(() => window.link.click())]);
      if (saved instanceof RegExp) assert.match(download.suggestedFilename(), saved);
      else assert.equal(download.suggestedFilename(), saved);
      assert.equal(sha256(await savedBytes(download)), pattern.sha256);
      assert.equal(statuses[0], 302);
    });
  }
});
