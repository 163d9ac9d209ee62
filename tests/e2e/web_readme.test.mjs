// The client package's README: each block of TypeScript is right as it is written, against the package as it is built; what the
// one for React renders follows a job; and the one of HTML does so in a browser, with the package as others get it. (The one for
// Next.js runs in web_readme_nextjs.)
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { launch } from './lib/chromium.mjs';
import { Origin } from './lib/origin.mjs';
import { readmeBlock, readmeBlocks } from './lib/readme.mjs';
import { Stack, temporaryFolder } from './lib/stack.mjs';
import { UnrulyProxy } from './lib/unruly-proxy.mjs';
import { CLIENT, WEB, buildWeb, installPacked, modulePages, runInWeb as run } from './lib/web-client.mjs';

const BORROWED = ['react', 'react-dom', '@types/react', '@types/react-dom', '@types/node', 'undici-types', 'csstype',
  'scheduler', 'vitest', 'jsdom'];
const STRICT = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noUnusedLocals', '--target', 'es2022',
  '--lib', 'es2022,dom,dom.iterable', '--jsx', 'react-jsx', '--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck',
  '--types', 'node', '--outDir', 'out'];

let folder, project;
before(async () => {
  buildWeb();
  folder = await temporaryFolder();
  project = path.join(folder, 'borrowed');
  await mkdir(path.join(project, 'node_modules/@types'), { recursive: true });
  await mkdir(path.join(project, 'node_modules/@longhaul'));
  await symlink(CLIENT, path.join(project, 'node_modules/@longhaul/client'));
  for (const name of BORROWED) await symlink(path.join(WEB, 'node_modules', name), path.join(project, 'node_modules', name));
  await writeFile(path.join(project, 'package.json'), '{"type": "module"}');
});
after(() => rm(folder, { recursive: true, force: true }));

const RENDER = `
import { JSDOM } from 'jsdom';
import { createFakeServer } from '@longhaul/client/testing';
const { window } = new JSDOM('<div id="root"></div>', { url: 'https://app.example/' });
Object.assign(globalThis, { window, document: window.document, addEventListener() {}, location: window.location });
const server = createFakeServer();
globalThis.fetch = server.fetch;
const { createRoot } = await import('react-dom/client');
const { createElement } = await import('react');
const { Viewer } = await import('./out/viewer.js');
const { jobId } = server.add({ file_id: 1 });
const page = window.document.getElementById('root');
const seen = [];
const shows = (text) => new Promise((resolve) => {
  const look = () => { if (page.textContent.includes(text)) { seen.push(text); observer.disconnect(); resolve(); } };
  const observer = new window.MutationObserver(look);
  observer.observe(page, { childList: true, subtree: true, characterData: true });
  look();
});
createRoot(page).render(createElement(Viewer, { jobId }));
await shows('queued 0 %');
server.run(jobId, { progress: 40 });
await shows('running 40 %');
server.complete(jobId);
await shows('Download');
console.log(JSON.stringify(seen));
process.exit(0);
`;

test('its blocks typecheck strictly, and the one for React follows a job', async () => {
  const found = (await readmeBlocks()).filter(({ language }) => language !== 'html');
  assert.deepEqual(found.map(({ name }) => name), ['viewer.tsx', 'page.tsx', 'use.ts']);
  for (const { name, code } of found) await writeFile(path.join(project, name), code);
  run('tsc', [...STRICT, ...found.map(({ name }) => name)], project);
  await writeFile(path.join(project, 'render.mjs'), RENDER);
  assert.deepEqual(JSON.parse(run('node', ['render.mjs'], project)), ['queued 0 %', 'running 40 %', 'Download']);
});

// Its page and its package beside the API, as its text says.
async function serve(stack) {
  const { project: installed } = installPacked(folder);
  const prefix = '/node_modules/@longhaul/client/dist/';
  const html = `<!doctype html><html lang="en"><title>Start</title>${await readmeBlock('index.html')}`;
  return UnrulyProxy.start(stack.url(), {
    '/': { type: 'text/html', text: html }, ...modulePages(prefix, path.join(installed, prefix)) });
}

test('the ten lines of HTML show a job as it goes, and lead to the file; a failure is said', async () => {
  const file = randomBytes(200_000);
  let origin, stack, proxy, browser;
  try {
    origin = await Origin.start();
    stack = await Stack.start({ catalog: `${origin.url}/{file_id}`, 'source-allow': '127.0.0.0/8' });
    proxy = await serve(stack);
    browser = await launch();
    const page = await browser.newPage();
    const faults = [];
    page.on('pageerror', (error) => faults.push(String(error)));

    const release = origin.inHalves('/1', file);
    await page.goto(proxy.url);
    await page.locator('progress[value="0.5"]').waitFor();
    assert.ok(await page.locator('#file').isHidden());
    release();
    const download = page.waitForEvent('download');
    await page.getByRole('link', { name: 'Download' }).click();
    assert.ok(file.equals(await readFile(await (await download).path())));

    origin.status('/1', 404);
    const said = page.waitForEvent('dialog');
    await page.goto(proxy.url);
    const dialog = await said;
    assert.equal(dialog.message(), 'The source does not have this file. Check its id.');
    await dialog.accept();
    assert.deepEqual(faults, []);
  } finally {
    await browser?.close();
    await proxy?.close();
    await stack?.destroy();
    await origin?.stop();
  }
});
