// The page where things are not as usual: a flood of news, a server that refuses, is busy or away; and used by keyboard
// alone, without motion, and in forced colours.
import { after, afterEach, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { PageRig } from './lib/page-rig.mjs';
import { until } from './lib/wait.mjs';
import { assertAccessible } from './lib/web-page.mjs';

let rig, page;
before(async () => {
  rig = await PageRig.start();
  page = rig.page;
});
after(() => rig?.stop());
afterEach(() => rig.clear());

// What the server says when it refuses, in its own words.
const problem = (status, code, headers = {}) => (route) => route.fulfill({
  status, headers, contentType: 'application/problem+json',
  body: JSON.stringify({ type: `/docs/errors#${code}`, title: code, status, detail: code, instance: '/', code, requestId: 'r' }),
});
const LIST = /\/v1\/download\/jobs/;

test('loading, empty, refused, busy and away are said, and mend themselves where they can', async () => {
  let answer = () => {};
  const held = new Promise((resolve) => { answer = resolve; });
  await page.route(LIST, async (route) => {
    await held;
    await route.fulfill({ json: { jobs: [], nextCursor: null } });
  });
  await rig.home();
  await page.getByText('Loading…').waitFor();
  answer();
  await page.getByText('No downloads yet. Give a file id above.').waitFor();
  await assertAccessible(page, 'empty');

  for (const [status, code, text] of [
    [401, 'UNAUTHENTICATED', 'You are not logged in.'], [403, 'FORBIDDEN', 'You may not see this.']]) {
    await page.unrouteAll();
    await page.route(LIST, problem(status, code));
    await rig.home();
    await page.getByRole('alert').filter({ hasText: text }).waitFor();
    await rig.button('Try again').waitFor();
    await assertAccessible(page, String(status));
  }

  await rig.api.completed(await rig.api.simulate({}));
  for (const [status, code, text] of [
    [429, 'RATE_LIMITED', 'Too many requests.'], [503, 'UNAVAILABLE', 'The server is not available at the moment.']]) {
    await page.unrouteAll();
    await page.route(LIST, problem(status, code, { 'retry-after': '2' }), { times: 1 });
    await rig.home();
    await page.getByRole('alert').filter({ hasText: text }).waitFor();
    await page.getByText(/Trying again in [123] s\./).waitFor();
    await page.locator('.job').first().waitFor(); // by itself
  }

  await page.unrouteAll();
  await page.route(/initiate/, problem(429, 'QUOTA_EXCEEDED', { 'retry-after': '20' }));
  await page.getByLabel('File id').fill('1');
  await page.getByLabel('File id').press('Enter');
  await page.getByText('You have as many downloads as are allowed at a time.').waitFor();
  await page.getByText(/Try again in \d+ s\./).waitFor();
});

test('a flood of news, as after a sleep, is one more picture and no failure of the page', async () => {
  const jobId = await rig.long({ size: 1_000_000 });
  await rig.show(jobId);
  await rig.says('%');
  const job = (await rig.api.status(jobId)).json;
  const other = await rig.newPage();
  await other.goto(`${rig.stack.url()}/docs`);
  await other.evaluate((last) => { // as another tab passes them on
    const channel = new BroadcastChannel(`longhaul/2 ${location.origin}/ true`);
    for (let i = 1; i <= 300; i++) {
      channel.postMessage({ job: { ...last, version: last.version + i, bytesDone: 900_000 + i, etaSeconds: 1000 - i } });
    }
  }, job);
  await rig.says(/900 kB of 1\.00 MB/);
  await rig.says(/about 1[12] min$/);
  await other.close();
});

test('offline is said, and what happened meanwhile is there afterwards', async () => {
  const jobId = await rig.long();
  await rig.show(jobId);
  await page.locator('.live', { hasText: /live$/ }).waitFor();
  await rig.context.setOffline(true);
  await page.locator('.live', { hasText: /offline$/ }).waitFor();
  assert.equal(await page.locator('.fault').count(), 0, 'said once');
  await assertAccessible(page, 'offline');
  await rig.api.cancel(jobId);
  await rig.api.terminal(jobId);
  await rig.context.setOffline(false);
  await rig.says(/Canceled$/);
});

test('the gateway is killed while a job is watched, and the page goes on', async () => {
  const jobId = await rig.long();
  await rig.show(jobId);
  await page.locator('.live', { hasText: /live$/ }).waitFor();
  await rig.stack.killAndAwaitSuccessor('gateway-1');
  await rig.stack.awaitReady();
  await page.locator('.live', { hasText: /live$/ }).waitFor();
  const progress = (await rig.look()).bar;
  await until('it moves', async () => (await rig.look()).bar > progress);
  assert.equal(await page.locator('.fault').count(), 0);
});

test('by keyboard alone: ask, watch, cancel, start again, and back to the list', async () => {
  await rig.home();
  await page.getByLabel('File id').waitFor();
  const tabTo = (name) => until(name, async () => {
    await page.keyboard.press('Tab');
    return (await page.evaluate(() => document.activeElement.textContent || document.activeElement.name)).startsWith(name);
  });
  rig.origin.dripping('/9', 1e9, 1000, 100);
  await tabTo('file_id');
  await page.keyboard.type('9');
  await page.keyboard.press('Enter');
  await page.waitForURL(/downloads/);
  await page.waitForFunction(() => document.activeElement.tagName === 'H1');
  await rig.says(/of 1\.00 GB/);
  await tabTo('Cancel');
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(ring, 'solid', 'where the focus is can be seen');
  await page.keyboard.press('Enter');
  await rig.says(/Canceled$/);
  await tabTo('Start again');
  await page.keyboard.press('Space');
  await rig.says(/of 1\.00 GB/);
  await page.keyboard.press('Shift+Tab');
  await tabTo('All downloads');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.activeElement.textContent === 'Downloads');
});

test('without motion nothing moves; in forced colours all is there', async () => {
  await rig.api.simulate({}, { delaySeconds: 600 });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await rig.home();
  await rig.says(/In queue/);
  assert.equal(await page.locator('progress').first().evaluate((bar) => getComputedStyle(bar).appearance), 'none');
  await page.emulateMedia({ reducedMotion: null, forcedColors: 'active' });
  await assertAccessible(page, 'forced colours');
  for (const name of ['All', 'Active']) {
    const style = await rig.button(name).evaluate((one) => getComputedStyle(one).outlineStyle);
    assert.equal(style, name === 'All' ? 'solid' : 'none', 'which filter is on');
  }
  await page.emulateMedia({ forcedColors: null });
});
