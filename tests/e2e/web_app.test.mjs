// The pages that the gateway serves, in a real browser: from request to file, restored on a reload, and
// free of what axe finds.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Client } from './lib/client.mjs';
import { launch } from './lib/chromium.mjs';
import { call, exchange } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';
import { buildWeb } from './lib/web-client.mjs';
import { assertAccessible, assertFits, assertUsable, watchFaults } from './lib/web-page.mjs';

const FIRST_LOAD_BYTES_MAX = 90_000;

let stack, api, browser, page;
const faults = []; // errors of the page, and requests to others
before(async () => {
  buildWeb();
  stack = await Stack.start({ 'allow-simulate': true });
  api = new Client(stack.url());
  browser = await launch();
  page = await browser.newPage();
  watchFaults(page, stack.url(), faults);
});
after(async () => {
  await browser?.close();
  await stack?.destroy();
});

const show = (jobId) => page.goto(`${stack.url()}/downloads/${jobId}`);
const says = (text) => page.locator('.job .what', { hasText: text }).waitFor();
const button = (name) => page.getByRole('button', { name: new RegExp(`^${name}`) });

test('the first load is small, compressed, and kept for good where it has a digest', async () => {
  const index = await call(stack.url());
  const names = [...index.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, name]) => name);
  assert.equal(names.length, 2);
  let total = index.bytes.length;
  for (const name of names) {
    const reply = await call(`${stack.url()}${name}`, { headers: { 'accept-encoding': 'gzip' } });
    assert.equal(reply.headers['content-encoding'], 'gzip');
    assert.match(reply.headers['cache-control'], /immutable/);
    total += reply.bytes.length;
  }
  assert.ok(total <= FIRST_LOAD_BYTES_MAX, `${total} bytes`);
});

// [status, location] of an address as it is, unlike what `call` makes of it.
async function moved(target, method = 'GET', base = stack.url()) {
  const answer = await exchange(base, `${method} ${target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n`);
  return [Number(/^HTTP\/1\.1 (\d+) /.exec(answer)?.[1]), /^location: (.*)$/im.exec(answer)?.[1].trim()];
}

test('an address with a slash too many leads to the page, and never to another host', async () => {
  for (const target of ['//', '//evil.example/', '///evil.example/', '/downloads//', '/downloads//evil.example/', '/downloads/a//',
    '//evil.example/downloads/', '//downloads/a/', '/downloads/../', '/downloads/..//evil.example/', '/downloads/%2f%2fevil.example/',
    '/downloads/%5cevil.example/', '/downloads/.evil.example/', '/assets/', '/docs//', '/openapi.json/']) {
    assert.deepEqual(await moved(target), [404, undefined], target);
  }
  for (const target of ['/downloads/\\evil.example/', '/downloads/?\\evil.example', 'evil.example/']) {
    assert.deepEqual(await moved(target), [400, undefined], target);
  }
  const id = 'a_-9'.repeat(6);
  for (const [from, to] of [[`/downloads/${id}/`, `/downloads/${id}`], ['/downloads/', '/'], ['/downloads', '/'],
    ['/downloads?a=%20b&a=//evil.example', '/?a=%20b&a=//evil.example'], [`/downloads/${id}/?x=1`, `/downloads/${id}?x=1`],
    [`http://evil.example/downloads/${id}/`, `/downloads/${id}`], ['/docs/errors/', '/docs/errors'], ['/downloads/?', '/']]) {
    for (const method of ['GET', 'HEAD']) assert.deepEqual(await moved(from, method), [308, to], `${method} ${from}`);
  }
  assert.deepEqual(await moved(`/downloads/${id}/`, 'POST'), [405, undefined]);
  assert.deepEqual(await moved('/downloads', 'OPTIONS'), [204, undefined]);
  const reply = await call(`${stack.url()}/downloads`);
  assert.deepEqual([reply.text, reply.headers['cache-control'], reply.headers['content-length']], ['', 'no-cache', '0']);
  for (const target of ['/docs', '/docs/', '/']) assert.deepEqual(await moved(target), [200, undefined], target);
  for (const target of ['/admin', '/admin/']) assert.equal((await call(`${stack.admin()}${target}`)).status, 200, target);
  for (const target of ['/downloads', '/admin//']) assert.equal((await call(`${stack.admin()}${target}`)).status, 404, target);
});

test('an address with a slash too many, in a browser', async () => {
  const jobId = await api.simulate({ size: 10 });
  await api.completed(jobId);
  await page.goto(`${stack.url()}/downloads/${jobId}/#x`);
  await says('Ready');
  assert.equal(page.url(), `${stack.url()}/downloads/${jobId}#x`);
  await page.goto(`${stack.url()}/downloads/`);
  await page.getByRole('heading', { name: 'Downloads' }).waitFor();
  assert.equal(page.url(), `${stack.url()}/`);
});

test('a download from the form to the file, across a reload', async () => {
  await page.goto(stack.url());
  await page.getByLabel('File id').fill('42');
  // What the form cannot ask for: a job that lasts.
  await page.route('**/initiate', async (route) => {
    const options = { fileName: 'grüße.bin', simulate: { durationMs: 6000, progressMs: 100, size: 5000 } };
    await route.continue({ postData: JSON.stringify({ ...route.request().postDataJSON(), options }) });
  });
  await page.getByLabel('File id').press('Enter');
  await page.waitForURL(/\/downloads\/[0-9A-Za-z_-]{20,}$/);
  await says('%');
  await assertAccessible(page, 'running');
  await page.reload();
  await says('Ready');
  await assertAccessible(page, 'ready');
  const download = page.waitForEvent('download');
  await button('Download').click();
  const file = await (await download).path();
  const jobId = page.url().split('/').at(-1);
  const { json } = await api.result(jobId);
  assert.equal(createHash('sha256').update(await readFile(file)).digest('hex'), json.sha256);
  await page.unroute('**/initiate');
});

test('cancel, and start again', async () => {
  await show(await api.simulate({ durationMs: 60_000, progressMs: 200 }));
  await says('%');
  await button('Cancel').click();
  await says('Canceled');
  await button('Start again').click();
  await says('%');
  await button('Cancel').click();
  await says('Canceled');
});

test('the second of two clicks does not do what the first one brought under the pointer', async () => {
  const posts = [];
  const note = (request) => request.method() === 'POST' && posts.push(new URL(request.url()).pathname.split('/')[3]);
  page.on('request', note);
  const clickTwice = async (first, brought) => {
    const { x, y, width, height } = await first.boundingBox();
    await page.mouse.click(x + width / 2, y + height / 2);
    await brought();
    await page.mouse.down({ clickCount: 2 });
    await page.mouse.up({ clickCount: 2 });
  };
  const long = () => api.simulate({ durationMs: 60_000, progressMs: 200 });
  const [first, second] = [await long(), await long()];
  await show(first);
  await says('%');
  await clickTwice(button('Cancel'), () => button('Start again').waitFor());
  await button('Start again').click(); // it waits until that can be
  await says('%');
  await page.goto(`${stack.url()}/?show=active`);
  const rows = page.locator('.job');
  await until('both', async () => await rows.count() === 2);
  await clickTwice(rows.first().getByRole('button', { name: /^Cancel/ }),
    () => until('the other one is in its place', async () => await rows.count() === 1));
  assert.equal((await api.status(first)).json.status, 'running');
  await button('Cancel').click();
  await page.getByText('None of these.').waitFor();
  assert.equal((await api.status(second)).json.status, 'canceled');
  assert.deepEqual(posts, ['cancel', 'retry', 'cancel', 'cancel']);
  page.off('request', note);
});

test('a download that was deleted elsewhere: what was known of it is not said any more', async () => {
  const jobId = await api.simulate({ size: 10 });
  await api.completed(jobId);
  await show(jobId);
  await says('Ready');
  await page.locator('.facts').waitFor();
  assert.equal((await call(`${api.api}/${jobId}`, { method: 'DELETE' })).status, 204);
  await button('Download').click();
  await says('No longer there');
  await page.getByRole('alert').filter({ hasText: 'There is no such download' }).waitFor();
  assert.equal(await button('Download').count(), 0);
  assert.equal(await page.getByText('completed').isVisible(), false);
  await assertUsable(page, 'no longer there');
});

test('a name of more bytes than characters: refused where it stands', async () => {
  await page.goto(stack.url());
  await page.getByLabel('File id').fill('42');
  await page.getByText('Options').click();
  const name = page.getByLabel('Name', { exact: true });
  await name.fill('ü'.repeat(255));
  await page.getByText('Options').click(); // closed: it is opened again
  await page.getByRole('button', { name: 'Prepare' }).focus();
  await page.keyboard.press('Enter');
  await page.getByText('Not accepted: must have 1 to 255 bytes.').waitFor();
  const focused = page.locator('[name=fileName][aria-invalid=true]:focus');
  await focused.waitFor();
  assert.equal(await focused.evaluate((field) => document.getElementById(field.getAttribute('aria-describedby')).textContent),
    'Not accepted: must have 1 to 255 bytes.');
  await assertUsable(page, 'refused');
});

test('a failure is said, with what can be done', async () => {
  const jobId = await api.simulate({ durationMs: 3000, failAttempts: 1, errorCode: 'SOURCE_UNREACHABLE' }, { maxAttempts: 1 });
  await show(jobId);
  await says('Failed:');
  await until('an alert', async () => /failed/.test(await page.locator('[role=alert]').first().textContent()));
  await assertAccessible(page, 'failed');
  await button('Retry').and(page.locator('[aria-disabled=false]')).focus();
  await page.keyboard.press('Enter');
  await says('Ready');
});

test('no such job, also where none can have this name; and no such page', async () => {
  for (const name of ['x', 'a%20b.zip', 'gr%C3%BC%C3%9Fe', '%25', '%3Cb%3E', 'x'.repeat(300), 'nosuchjob-nosuchjob-1']) {
    await show(name);
    await page.getByRole('alert').filter({ hasText: 'There is no such download' }).waitFor().catch(async (error) => {
      throw new Error(`${name}: ${await page.locator('body').innerText()}`, { cause: error });
    });
  }
  await assertUsable(page, 'no such job');
  for (const path of ['/nowhere', '/downloads/a/b']) {
    assert.equal((await page.goto(`${stack.url()}${path}`)).status(), 404, path);
  }
});

test('the list: live, filtered, on the way to a job and back', async () => {
  const jobId = await api.simulate({ durationMs: 60_000, progressMs: 200 });
  await page.goto(stack.url());
  await page.locator('.job.running').first().waitFor();
  await assertAccessible(page, 'list');
  await button('Ready').click();
  await until('only finished ones', async () => (await page.locator('.job.running').count()) === 0);
  await button('All').click();
  await page.locator('.job.running h3 a').first().click();
  await page.waitForURL(new RegExp(`/downloads/${jobId}`));
  await page.goBack();
  await api.cancel(jobId);
  await page.locator('.job.canceled').first().waitFor();
});

test('dark, and narrow', async () => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 340, height: 700 });
  const jobId = await api.simulate({ durationMs: 100, size: 10 });
  await api.completed(jobId);
  await show(jobId);
  await says('Ready');
  await assertAccessible(page, 'dark');
  await assertFits(page, 'narrow');
  assert.deepEqual(faults, []);
});
