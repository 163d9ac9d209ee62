// Every state that the page has a look for, against a real stack in a real browser: the text, the bar, and what can
// be done, in order; the list of them; and pictures of it.
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { call } from './lib/http.mjs';
import { LASTS, LONG, SLOTS, page, rig, useRig } from './lib/page-rig.mjs';
import { until } from './lib/wait.mjs';
import { assertUsable, takePicture } from './lib/web-page.mjs';

const LINK_ENDS = '15:01'; // past the 15 minutes that a link is good for
const RENEWED_MS = 20_000; // for so long a lease is good
const PHONE = { width: 375, height: 740 };

useRig({ brokers: 2 });

test('in the queue: the place, a bar of unknown end, and Cancel', async () => {
  for (let i = 0; i < SLOTS; i++) await rig.api.running(await rig.long());
  await rig.show(await rig.long());
  await rig.says(/^In queue \(position 1\)$/);
  assert.deepEqual(await rig.look(), { kind: 'waiting', bar: 'unknown', buttons: ['Cancel'], primary: [] });
  await assertUsable(page, 'queued');
  const next = await rig.long();
  await rig.show(next);
  await rig.says(/^In queue \(position 2\)$/);
  const [before_] = (await call(`${rig.api.api}/jobs?status=queued`)).json.jobs.filter(({ jobId }) => jobId !== next);
  await rig.api.cancel(before_.jobId);
  await rig.says(/^In queue \(position 1\)$/); // though nothing happened to it
  await rig.show(await rig.api.simulate({}, { delaySeconds: 600 }));
  await rig.says(/^In queue$/); // when it is its turn nobody says
});

test('waiting for another attempt: when, and which', async () => {
  // For as long as it is looked at: the source says when it may be asked again.
  rig.origin.on('/8', (_, response) => response.writeHead(503, { 'retry-after': '300' }).end());
  await rig.show(await rig.api.submit({ file_id: 8, options: { maxAttempts: 10 } }));
  await rig.says(/^Trying again in [45]:\d\d \(attempt 2 of 10\)$/);
  assert.deepEqual(await rig.look(), { kind: 'waiting', bar: 'unknown', buttons: ['Cancel'], primary: [] });
  await assertUsable(page, 'waiting for another attempt');
});

test('running: of a known total, what is done of it, how fast and how long yet; else what there is', async () => {
  await rig.show(await rig.long({ size: 1_050_000_000 }));
  await rig.says(/^\d+ % · [\d.]+ (B|kB|MB) of 1\.05 GB · [\d.]+ (kB|MB)\/s · about \d+ min$/);
  const { bar, ...rest } = await rig.look();
  assert.ok(bar >= 0 && bar < 100, `${bar}`);
  assert.deepEqual(rest, { kind: 'running', buttons: ['Cancel'], primary: [] });
  await assertUsable(page, 'running');

  rig.origin.on('/7', (_, response) => { // of no length
    response.writeHead(200);
    const timer = setInterval(() => response.write(Buffer.alloc(5000)), 100);
    response.on('close', () => clearInterval(timer));
  });
  await rig.show(await rig.api.submit({ file_id: 7, options: { ...LASTS } }));
  await rig.says(/^[\d.]+ (kB|MB) · [\d.]+ k?B\/s$/);
  assert.equal((await rig.look()).bar, 'unknown');
});

test('how long yet is counted down between news, and does not jump', async () => {
  await rig.show(await rig.long({ durationMs: 60_000, progressMs: 5000 })); // it seldom reports
  await page.evaluate(() => {
    window.seen = [];
    new MutationObserver(() => window.seen.push(document.querySelector('.job .what')?.textContent ?? ''))
      .observe(document.body, { subtree: true, characterData: true, childList: true });
  });
  await rig.says(/about \d+ (s|min)$/);
  const lefts = await until('three steps down', async () => {
    const all = (await page.evaluate(() => window.seen)).map((text) => /about (\d+) (s|min)$/.exec(text))
      .filter(Boolean).map(([, count, unit]) => count * (unit === 'min' ? 60 : 1));
    return new Set(all).size >= 4 && all;
  }, 60_000);
  assert.deepEqual(lefts, [...lefts].sort((a, b) => b - a), 'it only falls');
});

test('canceling stays said across a reload and in other tabs, until it is done', async () => {
  const jobId = await rig.long();
  await rig.show(jobId);
  await rig.says('%');
  const other = await rig.newPage();
  await rig.show(jobId, other);
  await rig.says('%', other);
  // The worker cannot let go; its broker, stopped first, cannot take it for lost; the other broker takes the command.
  const [{ broker }] = (await call(`${rig.stack.admin()}/admin/api/workers`)).json.workers;
  const held = [];
  const hold = (pid) => held.push(process.kill(pid, 'SIGSTOP') && pid);
  for (const pid of [await rig.stack.pid(broker), await rig.stack.pid('worker-1')]) hold(pid);
  try {
    await Promise.all([rig.button('Cancel').click(), until('marked', async () => {
      await rig.stack.redis('zadd', 'lh:{0}:lease', 'XX', Date.now() + RENEWED_MS, jobId); // as its broker would
      return (await rig.api.status(jobId)).json.stage === 'canceling';
    })]);
    hold(await rig.stack.pid(broker === 'broker-1' ? 'broker-2' : 'broker-1')); // now the lease lasts
    await rig.says(/^Canceling…$/);
    assert.deepEqual((({ bar, ...rest }) => rest)(await rig.look()), { kind: 'canceling', buttons: [], primary: [] });
    await rig.says(/^Canceling…$/, other);
    await page.reload();
    await rig.says(/^Canceling…$/);
    await page.locator('.live.live').waitFor(); // and when the stream has shown its picture
    await rig.says(/^Canceling…$/);
    await assertUsable(page, 'canceling');
  } finally {
    for (const pid of held.reverse()) process.kill(pid, 'SIGCONT');
  }
  for (const where of [page, other]) await rig.says(/Canceled$/, where);
  const { bar, ...rest } = await rig.look();
  assert.deepEqual(rest, { kind: 'canceled', buttons: ['Start again'], primary: ['Start again'] });
  assert.ok(bar < 100);
  await assertUsable(page, 'canceled');
  await other.close();
});

test('ready: how long the link is good, size and digest; copied it is one that works; then it ends, and there is a new one', async () => {
  const jobId = await rig.api.simulate({ size: 5000 }, { fileName: 'sales.zip' });
  const { result } = await rig.api.completed(jobId);
  const own = await rig.newPage(await rig.newContext()); // a clock goes for a whole context
  await own.clock.install();
  await rig.show(jobId, own);
  await rig.says(new RegExp(`Ready · link valid 1\\d:\\d\\d · 5\\.00 kB · SHA-256 ${result.sha256.slice(0, 8)}…$`), own);
  const ready = { kind: 'ready', bar: 100, buttons: ['Download', 'Copy link'], primary: ['Download'] };
  assert.deepEqual(await rig.look(own), ready);
  await assertUsable(own, 'ready');
  await rig.button('Copy link', own).click();
  await own.locator('.said', { hasText: 'Link copied' }).waitFor();
  assert.equal(await own.locator('[role=status]').count(), 1, 'one voice');
  const link = await own.evaluate(() => navigator.clipboard.readText());
  assert.equal((await call(link)).bytes.length, 5000);

  await own.clock.fastForward(LINK_ENDS);
  await rig.says(/Link expired$/, own);
  assert.deepEqual(await rig.look(own), { kind: 'expired', bar: 100, buttons: ['Get new link'], primary: ['Get new link'] });
  await assertUsable(own, 'expired');
  await rig.button('Get new link', own).click();
  await rig.says(/Ready · link valid 1\d:\d\d/, own);
  assert.deepEqual(await rig.look(own), ready);
  await own.context().close();
});

test('ready, from the list: how long the link is good, across a reload; then it ends, and there is a new one', async () => {
  const jobId = await rig.api.simulate({ size: 5000 }, { fileName: 'list.zip' });
  await rig.api.completed(jobId);
  const other = await rig.newContext();
  const own = await rig.newPage(other);
  await own.clock.install();
  const asked = [];
  own.on('request', (request) => { if (/\/status\//.test(request.url())) asked.push(request.url()); });
  const row = own.locator('.job', { hasText: 'list.zip' }); // the first one, others have ended before
  const left = async () => {
    const [, minutes, seconds] = /link valid (\d+):(\d\d)/.exec(await row.locator('.what').innerText()) ?? [];
    return minutes * 60 + Number(seconds);
  };
  const shows = (pattern) => row.locator('.what').filter({ hasText: pattern }).waitFor();
  await rig.home(own);
  await shows(/Ready · link valid 1\d:\d\d · 5\.00 kB · SHA-256/);
  await own.reload();
  await shows(/Ready · link valid 1\d:\d\d · 5\.00 kB · SHA-256/);
  const before_ = await left();
  await own.clock.runFor(5000);
  await until('it is counted down', async () => before_ - await left() >= 5);
  assert.deepEqual(asked, [], 'the list says it');

  // Another look at the list would bring the next link's end, and the server's clock, which stood.
  await own.route(/\/v1\/download\/jobs/, () => {});
  await own.clock.fastForward(LINK_ENDS);
  await shows(/Link expired$/);
  assert.deepEqual(await rig.look(own), { kind: 'expired', bar: 100, buttons: ['Get new link'], primary: ['Get new link'] });
  await row.getByRole('button', { name: /^Get new link/ }).click();
  await shows(/Ready · link valid 1\d:\d\d/);
  assert.equal(asked.length, 1);
  assert.deepEqual((await rig.look(own)).buttons, ['Download', 'Copy link']);
  await other.close();
});

test('a file that is not kept any more: said, with nothing to fetch', async () => {
  const jobId = await rig.api.simulate({ size: 5000 });
  await rig.api.completed(jobId);
  await rig.stack.redis('hset', `download:job:${jobId}`, 'artifactExpired', '1', 'artifactKey', '');
  for (const show of [() => rig.home(), () => rig.show(jobId)]) {
    await show();
    await rig.says(/The file is no longer kept\. Start a new download to get it again\.$/);
    assert.deepEqual(await rig.look(), { kind: 'expired', bar: 100, buttons: [], primary: [] });
  }
  await assertUsable(page, 'no longer kept');
});

test('failed: what went wrong, what to do, and Retry only where it may help', async () => {
  const missing = await rig.api.submit({ file_id: 404 });
  await rig.api.terminal(missing);
  await rig.api.terminal(await rig.api.simulate({ failAttempts: 9, errorCode: 'STORE_UNAVAILABLE' }, { maxAttempts: 1 }));
  await rig.home();
  await page.locator('.job').nth(1).waitFor();
  await rig.says(/Failed: This failure was asked for by the simulation\. Try again to see it go on\.$/); // the newer one stands first
  const { buttons, primary, kind } = await rig.look();
  assert.deepEqual({ buttons, primary, kind }, { buttons: ['Retry', 'Details'], primary: ['Retry'], kind: 'failed' });
  await rig.show(missing);
  await rig.says(/Failed: The source does not have this file\. Check its id\.$/);
  assert.deepEqual((await rig.look()).buttons, []);
  assert.equal(await page.locator('.failed .icon').innerText(), '✕', 'never colour alone');
  await page.locator('.facts dd', { hasText: 'SOURCE_NOT_FOUND' }).waitFor();
  await assertUsable(page, 'failed');
});

test('the list: counted, by day, filtered, as they change', async () => {
  const running = [await rig.long(), await rig.long()];
  const queued = await rig.long();
  for (const jobId of running) await rig.api.running(jobId);
  await rig.home();
  await page.locator('.counts', { hasText: /^3 active · 2 running$/ }).waitFor();
  await rig.button('Active 3').click();
  await until('only active ones', async () => (await page.locator('.job').count()) === 3);
  await page.getByRole('heading', { name: 'Today' }).waitFor();
  await rig.api.cancel(queued);
  await page.locator('.counts', { hasText: /^2 active · 2 running$/ }).waitFor();
  await rig.button('Active 2').waitFor();
  for (const jobId of running) await rig.api.cancel(jobId);
  await page.getByText('None of these.').waitFor();
  assert.equal(await page.locator('.counts').count(), 0);
});

test('the list: a filter counts and shows what the server has, page by page, and never says none while it looks', async () => {
  const old = await rig.long();
  await rig.api.running(old);
  const failed = [];
  for (let i = 0; i < 6; i++) failed.unshift(await rig.api.submit({ file_id: 404 }));
  for (const jobId of failed) await rig.api.terminal(jobId);
  for (let i = 0; i < 5; i++) await rig.api.completed(await rig.api.simulate({ size: 1 }));
  await page.route(/\/jobs/, (route) => { // pages as small as this test
    const url = new URL(route.request().url());
    if (!url.searchParams.has('limit')) url.searchParams.set('limit', '5');
    return route.continue({ url: url.href });
  });
  await rig.home();
  await page.locator('.counts', { hasText: /^1 active · 1 running$/ }).waitFor(); // though it is on no page yet
  const filters = () => page.locator('.filters button').allInnerTexts();
  await until('counts', async () => (await filters()).join() === 'All,Active 1,Ready 5+,Failed');
  await page.evaluate(() => {
    window.none = 0;
    new MutationObserver(() => { window.none += document.body.innerText.includes('None of these'); })
      .observe(document.body, { subtree: true, characterData: true, childList: true });
  });
  await rig.button('Failed').click();
  await until('the newest five', async () => (await filters())[3] === 'Failed 5+');
  await rig.button('Show more').click();
  const rows = () => page.locator('.job h3 a').evaluateAll((links) => links.map((link) => link.pathname.split('/')[2]));
  await until('more, of earlier runs of this test too', async () => (await rows()).length > 5);
  assert.deepEqual((await rows()).slice(0, 6), failed);
  await rig.button('Active').click();
  await until('the old one', async () => (await rows()).join() === old);
  await rig.button('Ready').click();
  await until('ready ones', async () => (await page.locator('.job.ready').count()) >= 5);
  assert.equal(await page.evaluate(() => window.none), 0);
});

test('who comes back, or reloads, is where they were: what is shown, how many rows, how far down', async () => {
  const ids = await Promise.all(Array.from({ length: 60 }, () => rig.api.simulate({})));
  for (const jobId of ids) await rig.api.completed(jobId);
  const rows = page.locator('.job');
  const state = async () => ({ rows: await rows.count(), y: await page.evaluate(() => Math.round(scrollY)) });
  await rig.home();
  await rig.button('Ready').click();
  await until('a page of them', async () => await rows.count() >= 50);
  await rig.button('Show more').click();
  await until('all of them', async () => await rows.count() >= 60 && await rig.button('Show more').count() === 0);
  const before_ = await state();
  await page.evaluate(() => {
    scrollTo(0, 2500);
    // Whoever clicks for us scrolls again where a first try did not hit: where the visitor was is where the click was.
    addEventListener('click', () => { window.left = Math.round(scrollY); }, { capture: true });
  });
  const same = async () => {
    await page.locator('button[aria-pressed=true]', { hasText: /^Ready/ }).waitFor();
    await until('as it was', async () => assert.deepEqual(await state(), before_) ?? true);
  };
  await rows.nth(40).getByRole('link').click();
  await page.getByRole('heading', { name: 'Download', exact: true }).waitFor();
  assert.equal((await state()).y, 0);
  before_.y = await page.evaluate(() => window.left);
  assert.ok(before_.y > 0);
  await page.goBack();
  await same();
  await page.reload();
  await same();
  assert.equal(new URL(page.url()).search, '?show=ready');
});

test('pictures: many states on a wide page, and on a phone in the dark', async () => {
  const ask = (file_id, simulate, options = {}) => rig.api.submit({ file_id, options: { ...options, simulate } });
  await rig.api.terminal(await rig.api.submit({ file_id: 404 }));
  await rig.api.terminal(await ask(1, { size: 1_482_000 }, { fileName: 'audit.csv.gz' }));
  const ready = await ask(2, { size: 24_700_000, durationMs: 12_000, progressMs: 200 }, { fileName: 'photos.tar' });
  const [first, second] = [await ask(7, { ...LONG, size: 4_100_000_000, durationMs: 90_000 }, LASTS),
    await ask(42, { ...LONG, size: 310_000_000, durationMs: 120_000 }, LASTS)];
  await ask(1007, LONG, LASTS);
  await rig.home();
  await rig.api.completed(ready);
  for (const jobId of [first, second]) await rig.api.until(jobId, 'moved', ({ progress }) => progress >= 5);
  await page.locator('.counts', { hasText: '3 active' }).waitFor();
  await rig.says(/^In queue \(position 1\)$/);
  await page.locator('.job.ready', { hasText: 'photos.tar' }).waitFor();
  await page.locator('.job .what', { hasText: /about/ }).nth(1).waitFor();
  await takePicture(page, 'downloads');
  await page.setViewportSize(PHONE);
  await page.emulateMedia({ colorScheme: 'dark' });
  await takePicture(page, 'downloads-phone-dark');
});

test('how long until it starts is told from how its place fell; not once others go in front of it', async () => {
  const PLACE = 25, TURN_MS = 2000;
  const text = () => page.locator('.job .what').innerText();
  const first = [await rig.long(), await rig.long()];
  for (const jobId of first) await rig.api.running(jobId);
  for (let i = 1; i < PLACE; i++) await rig.api.simulate({ durationMs: TURN_MS, progressMs: 500 });
  await rig.show(await rig.api.simulate());
  await rig.says(/^In queue \(position 25\)$/);
  const sinceMs = Date.now();
  await rig.api.cancel(first[0]); // now they go, one by one
  const [, place, count, unit] = await until('it is said', async () => (
    /^In queue \(position (\d+)\), starts in about (\d+) (s|min)$/.exec(await text())));
  const tookSeconds = (Date.now() - sinceMs) / 1000;
  const said = count * (unit === 'min' ? 60 : 1);
  const wanted = place * tookSeconds / (PLACE - place);
  assert.ok(said > wanted / 2 && said < wanted * 2, `${said} s, not about ${wanted}`);
  await until('it is counted down', async () => {
    const now = /about (\d+) (s|min)$/.exec(await text());
    return now && now[1] * (now[2] === 'min' ? 60 : 1) < said;
  });
  await Promise.all(Array.from({ length: PLACE }, () => rig.long({}, { priority: 9 })));
  await rig.says(/^In queue \(position \d+\)$/);
  assert.ok(Number(/position (\d+)/.exec(await text())[1]) > place, 'others are in front');
});
