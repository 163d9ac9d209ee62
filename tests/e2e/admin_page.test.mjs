// The operator's page in a real browser: true numbers, changes with a confirmation, none where they are not
// enabled, and free of what axe finds, light and dark.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Client } from './lib/client.mjs';
import { launch } from './lib/chromium.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { buildWeb } from './lib/web-client.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const SLOTS = 2, WAITING = 3;

let changing, reading, browser, page;
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
});

afterEach(async () => { // what a test that failed left behind
  const api = new Client(changing.url());
  const { jobs } = (await call(`${api.api}/jobs?status=queued,running`)).json;
  for (const { jobId } of jobs) await api.cancel(jobId);
  for (const { jobId } of jobs) await api.terminal(jobId);
});

async function open(stack, colorScheme = 'light') {
  const opened = await browser.newPage({ colorScheme, viewport: { width: 1200, height: 1000 } });
  opened.on('pageerror', (error) => faults.push(String(error)));
  opened.on('console', (message) => { if (/Content Security Policy/.test(message.text())) faults.push(message.text()); });
  opened.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(stack.admin())) faults.push(request.url());
  });
  await opened.goto(`${stack.admin()}/admin`);
  await opened.getByText('As of').waitFor();
  return opened;
}

async function assertAccessible(where, what) {
  await where.evaluate(await readFile(AXE, 'utf8')); // through the debugger: the page's policy allows no other script
  const { violations } = await where.evaluate((runOnly) => window.axe.run({ runOnly }), RULES);
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], what);
}

const number = (name, where = page) => where.locator('#numbers div', { has: where.getByText(name, { exact: true }) }).locator('dd').innerText();
const shows = (name, value) => until(`${name}: ${value}`, async () => (await number(name)) === value);
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
  await assertAccessible(still, 'read-only');
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
  await assertAccessible(page, 'under load');

  const [first, second] = ids;
  await page.getByLabel(`Choose ${first}`).check();
  await page.getByLabel(`Choose ${second}`).check();
  await button('Cancel…').click();
  await dialog().getByRole('heading', { name: 'Cancel 2 jobs?' }).waitFor();
  await assertAccessible(page, 'dialog');
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

test('says so when it is not up to date, and is readable in the dark', async () => {
  const dark = await open(changing, 'dark');
  await assertAccessible(dark, 'dark');
  if (process.env.SCREENSHOT) await dark.screenshot({ path: process.env.SCREENSHOT });
  await dark.route('**/admin/api/overview', (route) => route.fulfill({ status: 503, contentType: 'application/json', body: '{}' }));
  await dark.getByText('Not up to date: the gateway answered 503').waitFor();
  await dark.close();
  assert.deepEqual(faults, []);
});
