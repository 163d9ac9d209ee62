// all: it installs Next.js and builds an app with it.
// The start for Next.js in the client package's README, with the component of its start for React, put into a fresh copy of
// web/examples/nextjs, built, and clicked through. The one change: the address of the API, which is the app's own there.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { launch } from './lib/chromium.mjs';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Example, buildCopy } from './lib/nextjs.mjs';
import { Origin } from './lib/origin.mjs';
import { readmeBlock } from './lib/readme.mjs';
import { ROOT, Stack } from './lib/stack.mjs';

const FILE = randomBytes(200_000);
const FOLDER = path.join(ROOT, 'build/readme-nextjs'); // where the example's packages can be shared
const PAGE = 'app/downloads/[jobId]';

let origin, stack, app, api, browser, page;
const faults = []; // what the pages complain of, as a rendering that is not the server's
before(async () => {
  const viewer = (await readmeBlock('viewer.tsx')).replace("'https://downloads.example.com'", "''");
  buildCopy(FOLDER, { [`${PAGE}/page.tsx`]: await readmeBlock('page.tsx'), [`${PAGE}/viewer.tsx`]: viewer });
  origin = await Origin.start();
  stack = await Stack.start({ catalog: `${origin.url}/{file_id}`, 'source-allow': '127.0.0.0/8' });
  app = await Example.start(stack.url(), FOLDER);
  api = new Client(app.url);
  browser = await launch();
  page = await browser.newPage();
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => { if (message.type() === 'error') faults.push(message.text()); });
});
after(async () => {
  await browser?.close();
  await app?.stop();
  await stack?.destroy();
  await origin?.stop();
  await rm(FOLDER, { recursive: true, force: true });
});

const button = (name) => page.getByRole('button', { name });

async function start(fileId) {
  await page.goto(app.url);
  await page.getByLabel('File id').fill(String(fileId));
  await button('Start download').click();
  await page.waitForURL(/\/downloads\/[0-9A-Za-z_-]{20,}$/);
  return page.url().split('/').at(-1);
}

test('a job is rendered by the server as it is, followed from there, and brings the file', async () => {
  const release = origin.inHalves('/1', FILE);
  const jobId = await start(1);
  await page.getByText('running 50 %').waitFor();
  assert.match((await call(`${app.url}/downloads/${jobId}`)).text.replaceAll('<!-- -->', ''), /running 50 %/);
  await page.reload();
  await page.getByText('running 50 %').waitFor();
  release();
  await button('Download').waitFor();
  const download = page.waitForEvent('download');
  await button('Download').click();
  assert.ok(FILE.equals(await readFile(await (await download).path())));
});

test('cancel; and a failure is said', async () => {
  origin.inHalves('/2', FILE);
  const jobId = await start(2);
  await page.getByText('running 50 %').waitFor();
  await button('Cancel').click();
  await page.getByText('Canceled').waitFor();
  assert.equal((await api.terminal(jobId)).status, 'canceled');
  origin.status('/3', 404);
  await start(3);
  await page.getByText('The source does not have this file.').waitFor();
  assert.deepEqual(faults, []);
});
