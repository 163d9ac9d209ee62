// The operator's page in a real browser: true numbers under load, changes with a confirmation, none where they are not
// enabled, and free of what axe finds, light and dark.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { launch } from './lib/chromium.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { buildWeb } from './lib/web-client.mjs';
import { assertUsable, takePicture, watchFaults } from './lib/web-page.mjs';

const SLOTS = 2, WAITING = 3;
const LOADED = { brokers: 2, workers: 2, slots: 4 }, CAPACITY = LOADED.workers * LOADED.slots;

let changing, reading, loaded, browser, page;
const faults = []; // errors of the page, broken policy, requests to others
before(async () => {
  buildWeb();
  changing = await Stack.start({ 'allow-simulate': true, 'admin-changes': true, slots: SLOTS });
  browser = await launch();
  page = await open(changing);
});
after(async () => {
  await browser?.close();
  await changing?.destroy();
  await reading?.destroy();
  await loaded?.destroy();
});

afterEach(async () => { // what a test that failed left behind
  const api = new Client(changing.url());
  const { jobs } = (await call(`${api.api}/jobs?status=queued,running&limit=200`)).json;
  for (const { jobId } of jobs) await api.cancel(jobId);
  for (const { jobId } of jobs) await api.terminal(jobId);
});

async function open(stack) {
  const opened = await browser.newPage({ viewport: { width: 1200, height: 1000 } });
  watchFaults(opened, stack.admin(), faults);
  await opened.goto(`${stack.admin()}/admin`);
  await opened.getByText('As of').waitFor();
  return opened;
}

const number = (name, where = page) => where.locator('#numbers div', { has: where.getByText(name, { exact: true }) }).locator('dd').innerText();
const shows = (name, value, where = page) => until(`${name}: ${value}`, async () => {
  const shown = await number(name, where);
  if (shown !== String(value)) throw new Error(`${name}: ${shown}`);
  return true;
});
const button = (name, where = page) => where.getByRole('button', { name, exact: true });
const says = (text) => page.locator('#said', { hasText: text }).waitFor();
const dialog = () => page.getByRole('dialog');

test('without --admin-changes there is nothing to change with', async () => {
  reading = await Stack.start({ 'allow-simulate': true });
  const jobId = await new Client(reading.url()).simulate({ durationMs: 0 });
  const still = await open(reading);
  await still.getByText('Read-only.').waitFor();
  await button(jobId, still).waitFor();
  assert.equal(await still.getByRole('button', { name: /Drain|Retry|Cancel/ }).count(), 0);
  assert.equal(await still.getByRole('checkbox').count(), 0);
  await assertUsable(still, 'read-only');
  await still.close();
});

test('shows what there is, and cancels and retries what was chosen, once that is confirmed', async () => {
  const api = new Client(changing.url());
  const ids = [];
  for (let i = 0; i < SLOTS + WAITING; i++) ids.push(await api.simulate({ durationMs: 60_000, progressMs: 100 }));
  await shows('Running', String(SLOTS));
  await shows('Waiting', String(WAITING));
  await shows('Slots free', `0 of ${SLOTS}`);
  assert.match(await number('Oldest waiting job'), /^\d+(\.\d)? (ms|s)$/);
  await page.locator('#parts', { hasText: 'broker-1' }).waitFor();
  await page.locator('#workers tr', { hasText: 'worker-1' }).filter({ hasText: `${SLOTS} of ${SLOTS}` }).waitFor();
  await assertUsable(page, 'jobs, workers, and what can be done');

  const [first, second] = ids;
  await page.getByLabel(`Choose ${first}`).check();
  await page.getByLabel(`Choose ${second}`).check();
  await button('Cancel…').click();
  await dialog().getByRole('heading', { name: 'Cancel 2 jobs?' }).waitFor();
  await assertUsable(page, 'dialog');
  await page.keyboard.press('Escape');
  assert.equal((await api.status(first)).json.status, 'running', 'Escape leaves it');
  await button('Cancel…').click();
  await button('Cancel 2 jobs').click();
  await says('2 of 2 canceled.');
  for (const id of [first, second]) assert.equal((await api.terminal(id)).status, 'canceled');

  await page.getByLabel(`Choose ${first}`).check();
  await page.getByLabel(`Choose ${ids[4]}`).check();
  await button('Retry…').click();
  await button('Retry 2 jobs').click();
  await says('1 of 2 retried. Refused: 1');
  for (const id of ids) await api.cancel(id);
  for (const id of ids) await api.terminal(id);
  await shows('Running', '0');
  await shows('Oldest waiting job', 'none waits');
});

// Jobs by what Redis itself has of them: { status: count }, and { code: count } of those that failed.
async function recordsOf(stack) {
  const statuses = {}, codes = {};
  for (const key of (await stack.redis('--raw', 'keys', 'download:job:*')).split('\n').filter(Boolean)) {
    const [status, code] = (await stack.redis('--raw', 'hmget', key, 'status', 'errorCode')).split('\n');
    statuses[status] = (statuses[status] ?? 0) + 1;
    if (status === 'failed') codes[code] = (codes[code] ?? 0) + 1;
  }
  return { statuses, codes };
}

// What a worker has, by Redis: ids of running jobs whose attempt is its.
async function running(stack, worker) {
  const ids = (await stack.redis('--raw', 'zrange', 'lh:{0}:lease', '0', '-1')).split('\n').filter(Boolean);
  const runs = await Promise.all(ids.map(async (id) => [id, await stack.redis('hget', `download:job:${id}`, 'run')]));
  return runs.filter(([, run]) => run.endsWith(`:${worker}`)).map(([id]) => id);
}

test('under load its numbers are those of Redis and of the brokers', async () => {
  loaded = await Stack.start({ 'allow-simulate': true, ...LOADED });
  const api = new Client(loaded.url());
  const zcard = async (name) => Number(await loaded.redis('zcard', `lh:{0}:${name}`));
  const busy = await open(loaded);

  // Many that end, while the page looks: what it says of the queue at any time, Redis said not long ago.
  const WINDOW_MS = 15_000; // of a few rounds of the page, on a busy machine
  const failing = (count, errorCode) => Array(count).fill({ failAttempts: 9, errorCode });
  const mix = [...Array(40).fill({}), ...failing(6, 'SOURCE_NOT_FOUND'), ...failing(4, 'SOURCE_FORBIDDEN')];
  const samples = [{ atMs: Date.now(), waiting: 0, running: 0 }];
  const ids = await Promise.all(mix.map((simulate) => api.simulate({ durationMs: 1000, progressMs: 100, ...simulate })));
  samples.push({ atMs: Date.now(), waiting: mix.length, running: CAPACITY }); // more it was not in between
  for (let pending = ids; pending.length > 0;) {
    samples.push({ atMs: Date.now(), waiting: await zcard('ready'), running: await zcard('lease') });
    const recent = samples.filter(({ atMs }, i) => atMs > Date.now() - WINDOW_MS || i >= samples.length - 3);
    for (const [name, field] of [['Waiting', 'waiting'], ['Running', 'running']]) {
      const shown = Number(await number(name, busy));
      const known = recent.map((sample) => sample[field]);
      assert.ok(shown >= Math.min(...known) && shown <= Math.max(...known), `${name}: ${shown}, Redis: ${known}`);
    }
    const states = await Promise.all(pending.map(async (id) => (await api.status(id)).json.status));
    pending = pending.filter((_, i) => states[i] === 'queued' || states[i] === 'running');
  }

  // All slots taken, more waiting: nothing moves, so each number must be exactly so.
  await Promise.all(Array.from({ length: CAPACITY + 5 }, () => (
    api.simulate({ durationMs: 290_000, progressMs: 1000 }, { timeoutSeconds: 300 }))));
  await api.simulate({}, { delaySeconds: 900 });
  await until('all slots taken', async () => (await zcard('lease')) === CAPACITY);
  await shows('Running', await zcard('lease'), busy);
  await shows('Waiting', await zcard('ready'), busy);
  await shows('Delayed', await zcard('delayed'), busy);
  await shows('Kept', await zcard('expiry'), busy);
  await shows('Slots free', `0 of ${CAPACITY}`, busy);
  assert.match(await number('Oldest waiting job', busy), /^\d+(\.\d)? (ms|s|min)$/);

  const { statuses, codes } = await recordsOf(loaded);
  assert.deepEqual(statuses, { completed: 40, failed: 10, running: CAPACITY, queued: 6 });
  const figure = (label) => busy.locator('#lines figure', { hasText: label }).locator('b').innerText();
  for (const [label, value] of [['Accepted', 40 + 10 + CAPACITY + 6], ['Completed', statuses.completed],
    ['Failed', statuses.failed], ['Canceled', 0]]) {
    await until(`${label} ${value}`, async () => Number(await figure(label)) === value);
  }
  for (const [code, count] of Object.entries(codes)) {
    const cells = await busy.locator('#failures tr', { hasText: code }).locator('td').allInnerTexts();
    assert.deepEqual(cells.map(Number), [count, 0], code);
  }
  assert.equal(await busy.locator('#failures tr').count(), Object.keys(codes).length);

  for (const worker of ['worker-1', 'worker-2']) {
    const cells = await busy.locator('#workers tr', { hasText: worker }).locator('td').allInnerTexts();
    const theirs = await running(loaded, worker);
    assert.equal(cells[3], `${theirs.length} of ${LOADED.slots}`);
    const named = cells[5].split(' ').filter((word) => word.length > 20);
    assert.ok(named.length > 0 && named.every((id) => theirs.includes(id)), `${worker}: ${cells[5]}, not ${theirs}`);
  }
  const brokers = await busy.locator('#parts li', { hasText: 'broker-' }).allInnerTexts();
  assert.equal(brokers.length, LOADED.brokers);
  assert.ok(brokers.every((text) => /ready, workers \d, free slots 0,/.test(text)), brokers.join('; '));
  const workersOf = brokers.map((text) => Number(/workers (\d)/.exec(text)[1]));
  assert.equal(workersOf.reduce((sum, n) => sum + n), LOADED.workers);
  await assertUsable(busy, 'under load');
  await busy.setViewportSize({ width: 1000, height: 860 });
  await takePicture(busy, 'operations');
  await busy.close();
});

test('event streams are counted while they are open', async () => {
  const api = new Client(changing.url());
  const jobId = await api.simulate({ durationMs: 60_000, progressMs: 100 });
  const streams = await Promise.all([1, 2, 3].map(() => api.events(jobId)));
  await shows('Event streams here', 3);
  for (const stream of streams) stream.close();
  await shows('Event streams here', 0);
});

test('a job is found by its id, with its timeline', async () => {
  const api = new Client(changing.url());
  const jobId = await api.simulate({ durationMs: 0, failAttempts: 9, errorCode: 'SOURCE_NOT_FOUND' });
  await api.terminal(jobId);
  await page.getByLabel('Job id').fill(jobId);
  await page.getByLabel('Job id').press('Enter');
  await page.getByRole('heading', { name: `Job ${jobId}` }).waitFor();
  const timeline = await page.locator('#timeline li').allInnerTexts();
  assert.deepEqual(timeline.map((line) => /(queued|running|failed)/.exec(line)[1]), ['queued', 'running', 'failed']);
  assert.match(timeline[2], /attempt 1, on worker-1, SOURCE_NOT_FOUND/);
  await assertUsable(page, 'a job and its timeline');
  await page.locator('#failures tr', { hasText: 'SOURCE_NOT_FOUND' }).waitFor();
  await page.getByLabel('Job id').fill('no such job');
  await page.getByLabel('Job id').press('Enter');
  await says('No job has this id');
  await page.getByLabel('Job id').fill('');
  await page.getByLabel('Status').selectOption('failed');
  await button('Search').click();
  await says('1 jobs.');
  assert.equal(await page.locator('#jobs tr').count(), 1);
});

// The answers of the page's questions for jobs come when the test says so.
async function hold(matching) {
  const held = [];
  const take = (route) => (matching(new URL(route.request().url())) ? held.push(route) : route.continue());
  await page.route('**/admin/api/jobs?*', take);
  return {
    held: (count) => until(`${count} questions`, () => held.length >= count),
    async release() {
      await page.unroute('**/admin/api/jobs?*', take);
      await Promise.all(held.map((route) => route.continue().catch(() => {})));
    },
  };
}

const rows = () => page.locator('#jobs tr').count();
const PAGE = 50;

test('an answer that comes late undoes nothing: older jobs stay, and so does a row that was chosen', async () => {
  const api = new Client(changing.url());
  for (let i = 0; i < PAGE + 5; i++) await api.simulate({}, { delaySeconds: 600 });
  await page.getByLabel('Status').selectOption('queued');
  await button('Search').click();
  await says(`The newest ${PAGE} jobs.`);

  const refresh = await hold((url) => !url.searchParams.has('cursor'));
  await refresh.held(1);
  await button('Older jobs').click();
  await until('older jobs', async () => (await rows()) === PAGE + 5);
  const answered = page.waitForResponse('**/admin/api/jobs?*');
  await refresh.release();
  await answered;
  await page.waitForResponse('**/admin/api/overview'); // of the next turn: the late answer was taken
  assert.equal(await rows(), PAGE + 5);

  await button('Search').click();
  await says(`The newest ${PAGE} jobs.`);
  const late = await hold(() => true);
  await late.held(1);
  const last = page.locator('#jobs tr').last();
  const jobId = await last.locator('th').innerText();
  for (let i = 0; i < 3; i++) await api.simulate({}, { delaySeconds: 600 });
  await last.getByRole('checkbox').check();
  const taken = page.waitForResponse('**/admin/api/jobs?*');
  await late.release();
  await taken;
  await page.waitForResponse('**/admin/api/overview');
  await page.getByLabel(`Choose ${jobId}`).waitFor();
  assert.equal(await page.locator('#chosen').innerText(), '1 chosen');
});

test('a search that fails leaves nothing to act on', async () => {
  const failing = (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '{}' });
  const jobId = await new Client(changing.url()).simulate({}, { delaySeconds: 600 });
  await page.getByLabel('Status').selectOption('queued');
  await button('Search').click();
  await says('1 jobs.');
  await page.getByLabel(`Choose ${jobId}`).check();
  assert.equal(await button('Cancel…').isDisabled(), false);
  await page.route('**/admin/api/jobs?*', failing);
  await button('Search').click();
  await says('the gateway answered 503');
  assert.deepEqual([await rows(), await page.locator('#chosen').innerText()], [0, '0 chosen']);
  assert.equal(await button('Cancel…').isDisabled(), true);
  await page.unroute('**/admin/api/jobs?*', failing);
  await page.getByLabel('Status').selectOption('');
});

test('drains a worker and puts it back, with the keyboard alone', async () => {
  await button('Drain worker-1').focus();
  await page.keyboard.press('Enter');
  await dialog().getByRole('heading', { name: 'Drain worker-1?' }).waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.id), 'confirm-no', 'the safe answer has the focus');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('#workers tr.drained', { hasText: 'worker-1' }).waitFor();
  await button('Put back worker-1').click();
  await button('Put back').click();
  await page.locator('#workers tr.working', { hasText: 'worker-1' }).waitFor();
});

test('says so when it is not up to date', async () => {
  const stale = await open(changing);
  await stale.route('**/admin/api/overview', (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '{}' }));
  await stale.getByText('Not up to date: the gateway answered 503').waitFor();
  await assertUsable(stale, 'not up to date');
  await stale.close();
  assert.deepEqual(faults, []);
});
