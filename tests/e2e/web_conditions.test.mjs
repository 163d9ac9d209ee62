// The page where things are not as usual: a flood of news, a server that refuses, is busy or away; and used by keyboard
// alone, without motion, and in forced colours.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { call } from './lib/http.mjs';
import { page, rig, useRig } from './lib/page-rig.mjs';
import { until } from './lib/wait.mjs';
import { assertAccessible, assertUsable } from './lib/web-page.mjs';

useRig();

// What the server says when it refuses, in its own words.
const problem = (status, code, headers = {}) => (route) => route.fulfill({
  status, headers, contentType: 'application/problem+json',
  body: JSON.stringify({ type: `/docs/errors#${code}`, title: code, status, detail: code, instance: '/', code, requestId: 'r' }),
});
const LIST = /\/v1\/download\/jobs/;
const AGAIN_MS = 5000; // the page's own patience after a first failure; it doubles

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
  await assertUsable(page, 'empty');

  for (const [status, code, text] of [
    [401, 'UNAUTHENTICATED', 'You are not logged in, or may only look.'], [403, 'FORBIDDEN', 'You may not see this.']]) {
    await page.unrouteAll();
    await page.route(LIST, problem(status, code));
    await rig.home();
    await page.getByRole('alert').filter({ hasText: text }).waitFor();
    await rig.button('Try again').waitFor();
    await assertUsable(page, String(status));
  }

  await rig.api.completed(await rig.api.simulate({}));
  for (const [status, code, text] of [
    [429, 'RATE_LIMITED', 'Too many requests.'], [503, 'UNAVAILABLE', 'The server is not available at the moment.']]) {
    await page.unrouteAll();
    let refused;
    await page.route(LIST, (route) => {
      const url = route.request().url();
      if (refused?.url === url) refused.againMs ??= performance.now();
      if (refused) return route.continue();
      refused = { url, atMs: performance.now() };
      return problem(status, code, { 'retry-after': '2' })(route);
    });
    await rig.home();
    await page.getByRole('alert').filter({ hasText: text }).waitFor();
    await page.getByText(/Trying again in [1-7] s\./).waitFor();
    await page.locator('.job').first().waitFor(); // by itself
    assert.ok(refused.againMs - refused.atMs >= AGAIN_MS, JSON.stringify(refused)); // what is slow makes it only longer
  }

  await page.unrouteAll();
  await page.route(/initiate/, problem(429, 'QUOTA_EXCEEDED', { 'retry-after': '20' }));
  await page.getByLabel('File id').fill('1');
  await page.getByLabel('File id').press('Enter');
  await page.getByText('You have as many downloads as are allowed at a time.').waitFor();
  await page.getByText(/Try again in \d+ s\./).waitFor();
  await assertUsable(page, 'asked for too much');
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

test('thirty failures at once interrupt whoever listens a few times, not thirty, and each is counted', async () => {
  const MANY = 30, PAUSE_MS = 5000;
  const held = await rig.stack.signal('worker-1', 'SIGSTOP'); // they wait until the page knows them all
  try {
    for (let i = 0; i < MANY; i++) {
      await rig.api.simulate({ failAttempts: 9, errorCode: 'STORE_UNAVAILABLE' }, { maxAttempts: 1 });
    }
    await rig.home();
    await rig.button(`Active ${MANY}`).waitFor();
    await page.locator('.live', { hasText: /live$/ }).waitFor();
    await page.evaluate(() => {
      [window.alerts, window.sinceMs] = [[], Date.now()];
      const alert = document.querySelector('.unseen[role=alert]');
      new MutationObserver(() => window.alerts.push({ atMs: Date.now(), text: alert.textContent }))
        .observe(alert, { subtree: true, characterData: true, childList: true });
    });
  } finally {
    process.kill(held, 'SIGCONT');
  }
  await rig.button(`Failed ${MANY}`).waitFor();
  const alerts = await until('all are said', async () => {
    const all = await page.evaluate(() => window.alerts);
    const counts = all.map(({ text }) => text.split('failed:').length - 1 + Number(/(\d+) more failed/.exec(text)?.[1] ?? 0));
    return counts.reduce((sum, count) => sum + count, 0) === MANY && all;
  });
  for (const { text } of alerts) assert.ok(text.split('failed:').length - 1 <= 3, text);
  // Each is shown some time after its turn: so as many turns fit in the time until it was there, and no more.
  const sinceMs = await page.evaluate(() => window.sinceMs);
  alerts.forEach(({ atMs }, i) => assert.ok(atMs - sinceMs >= i * PAUSE_MS, JSON.stringify({ sinceMs, alerts })));
});

test('offline is said, and what happened meanwhile is there afterwards', async () => {
  const jobId = await rig.long();
  await rig.show(jobId);
  await page.locator('.live', { hasText: /live$/ }).waitFor();
  await rig.context.setOffline(true);
  await page.locator('.live', { hasText: /offline$/ }).waitFor();
  assert.equal(await page.locator('.fault').count(), 0, 'said once');
  await assertUsable(page, 'offline');
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

// As browsers do when a visitor comes back to a tab.
const seeAgain = () => page.evaluate(() => document.dispatchEvent(new Event('visibilitychange', { bubbles: true })));
const row = (jobId, where = page) => where.locator(`.job a[href="/downloads/${jobId}"]`);

test('the list: what others made and removed is seen on coming back, and when the network is', async () => {
  const removed = await rig.api.simulate({ size: 1 });
  await rig.api.completed(removed);
  await rig.home();
  await row(removed).waitFor();
  const made = await rig.long();
  assert.equal((await call(`${rig.api.api}/${removed}`, { method: 'DELETE' })).status, 204);
  await seeAgain();
  await row(made).waitFor();
  await row(removed).waitFor({ state: 'detached' });
  await page.locator('.counts', { hasText: /^1 active/ }).waitFor();
  await rig.context.setOffline(true);
  const other = await rig.long();
  await rig.context.setOffline(false);
  await row(other).waitFor();
  await page.locator('.counts', { hasText: /^2 active/ }).waitFor();
});

test('the list: who stays on the page sees what others made after a minute', async () => {
  const first = await rig.long();
  const own = await rig.newPage(await rig.newContext()); // a clock goes for a whole context
  await own.clock.install();
  await rig.home(own);
  await row(first, own).waitFor();
  const made = await rig.long();
  await own.clock.fastForward('01:16');
  await row(made, own).waitFor();
  await own.context().close();
});

test('the list: without a network it says when it tries again, and does when there is one', async () => {
  const jobId = await rig.long();
  await rig.show(jobId);
  await rig.says('%');
  await rig.context.setOffline(true);
  await page.getByText('All downloads').click();
  await page.getByRole('alert').filter({ hasText: 'No answer from the server.' }).waitFor();
  for (const left of [/again in [4-7] s/, /again in (8|9|1\d) s/]) await page.locator('.fault', { hasText: left }).waitFor();
  assert.equal(await page.locator('.fault').count(), 1);
  await assertAccessible(page, 'a list that cannot be had');
  await rig.context.setOffline(false);
  await row(jobId).waitFor();
  assert.equal(await page.locator('.fault').count(), 0);
});

test('a gateway that gives no answer: the list keeps its rows, says so once, and mends itself', async () => {
  const jobId = await rig.long();
  await rig.home();
  await row(jobId).waitFor();
  await page.route(LIST, (route) => route.abort('connectionrefused'));
  await seeAgain();
  await page.locator('.fault', { hasText: /^No answer from the server\. Trying again in \d+ s\./ }).waitFor();
  assert.equal(await page.locator('.fault').count(), 1);
  await page.evaluate(() => {
    window.said = 0;
    new MutationObserver(() => { window.said++; })
      .observe(document.querySelector('.fault [role=alert]'), { subtree: true, characterData: true, childList: true });
  });
  await page.locator('.fault', { hasText: /again in (8|9|1\d) s/ }).waitFor(); // it failed once more
  assert.equal(await page.evaluate(() => window.said), 0, 'not said again');
  await row(jobId).waitFor();
  const pid = await rig.stack.signal('gateway-1', 'SIGSTOP'); // now for real
  await page.unrouteAll();
  await rig.button('Try again').click();
  process.kill(pid, 'SIGKILL');
  await page.locator('.fault').waitFor({ state: 'detached' });
  await rig.stack.awaitReady();
  await row(jobId).waitFor();
});

test('a proxy that is broken, and a login that ended: one alert, not one of each row', async () => {
  const jobs = [];
  for (let i = 0; i < 6; i++) jobs.push(await rig.long());
  for (const [status, body, text] of [
    [502, '<h1>Bad Gateway</h1>', 'not available'], [401, '{"code":"UNAUTHENTICATED"}', 'not logged in']]) {
    await rig.home();
    await row(jobs[0]).waitFor();
    await page.locator('.live', { hasText: /live$/ }).waitFor();
    const asked = new Set();
    await page.route(/\/v1\/download\//, (route) => {
      asked.add(new URL(route.request().url()).pathname);
      return route.fulfill({ status, body });
    });
    await rig.stack.killAndAwaitSuccessor('gateway-1'); // ends the stream
    await rig.stack.awaitReady();
    await until('each job was asked for', () => jobs.every((jobId) => asked.has(`/v1/download/status/${jobId}`)));
    await page.locator('.fault', { hasText: text }).waitFor();
    await page.locator('.live', { hasText: /not up to date$/ }).waitFor();
    assert.equal(await page.locator('.fault').count(), 1, `${status}`);
    await page.unrouteAll();
    if (status === 401) await rig.button('Try again').click();
    await page.locator('.fault').waitFor({ state: 'detached' });
  }
});

test('a job that could not be had is there once it can be, also in a tab that follows another one that knows it', async () => {
  const done = await rig.api.simulate({ size: 1 });
  await rig.api.completed(done);
  const going = await rig.long();
  await rig.home();
  await row(done).waitFor();
  await page.locator('.live', { hasText: /live$/ }).waitFor(); // it leads
  const other = await rig.newPage();
  await rig.show(going, other);
  await rig.says('%', other);
  await rig.context.setOffline(true);
  await other.evaluate((jobId) => {
    history.pushState(null, '', `/downloads/${jobId}`);
    dispatchEvent(new PopStateEvent('popstate'));
  }, done);
  await other.locator('.fault', { hasText: /^No answer from the server\. Trying again in \d+ s\./ }).waitFor();
  await rig.context.setOffline(false);
  await rig.says('Ready', other);
  await other.close();
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
  await page.locator('button[aria-disabled=false]:focus').waitFor();
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
