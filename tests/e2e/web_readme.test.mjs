// The client package's README: each block of TypeScript is right as it is written, against the package as it is built, and what the
// one for React renders follows a job.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from './lib/stack.mjs';
import { CLIENT, WEB, buildWeb, runInWeb as run } from './lib/web-client.mjs';

const BORROWED = ['react', 'react-dom', '@types/react', '@types/react-dom', '@types/node', 'undici-types', 'csstype',
  'scheduler', 'vitest', 'jsdom'];
const STRICT = ['--strict', '--noUncheckedIndexedAccess', '--exactOptionalPropertyTypes', '--noUnusedLocals', '--target', 'es2022',
  '--lib', 'es2022,dom,dom.iterable', '--jsx', 'react-jsx', '--module', 'esnext', '--moduleResolution', 'bundler', '--skipLibCheck',
  '--types', 'node', '--outDir', 'out'];

let project;
before(async () => {
  buildWeb();
  project = await temporaryFolder();
  await mkdir(path.join(project, 'node_modules/@types'), { recursive: true });
  await mkdir(path.join(project, 'node_modules/@longhaul'));
  await symlink(CLIENT, path.join(project, 'node_modules/@longhaul/client'));
  for (const name of BORROWED) await symlink(path.join(WEB, 'node_modules', name), path.join(project, 'node_modules', name));
  await writeFile(path.join(project, 'package.json'), '{"type": "module"}');
});
after(() => rm(project, { recursive: true, force: true }));

// The blocks by the name in their first line; one without a name is a test.
async function blocks() {
  const text = await readFile(path.join(CLIENT, 'README.md'), 'utf8');
  return [...text.matchAll(/^```tsx?\n(?:\/\/ (\S+\.tsx?)\n)?(.*?)^```/gms)].map(([, name = 'use.ts', code]) => ({ name, code }));
}

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
  const found = await blocks();
  assert.deepEqual(found.map(({ name }) => name), ['viewer.tsx', 'page.tsx', 'use.ts']);
  for (const { name, code } of found) await writeFile(path.join(project, name), code);
  run('tsc', [...STRICT, ...found.map(({ name }) => name)], project);
  await writeFile(path.join(project, 'render.mjs'), RENDER);
  assert.deepEqual(JSON.parse(run('node', ['render.mjs'], project)), ['queued 0 %', 'running 40 %', 'Download']);
});
