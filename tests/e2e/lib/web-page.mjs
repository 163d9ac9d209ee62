// The gateway's pages in a browser: what they must never do, what axe finds, and pictures of them.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { shrink } from './png.mjs';
import { ROOT } from './stack.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

// Collects errors of the page, broken policy, and requests to anybody but `origin`.
export function watchFaults(page, origin, faults) {
  page.on('pageerror', (error) => faults.push(error.stack));
  page.on('console', (message) => { if (/Content Security Policy/.test(message.text())) faults.push(message.text()); });
  page.on('request', (request) => {
    if (!/^(blob|data):/.test(request.url()) && !request.url().startsWith(origin)) faults.push(request.url());
  });
}

export async function assertAccessible(page, what) {
  // Through the debugger: the page's own policy allows no script from elsewhere.
  await page.evaluate(await readFile(AXE, 'utf8'));
  const { violations } = await page.evaluate((runOnly) => window.axe.run({ runOnly }), RULES);
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], what);
}

// Nothing but what scrolls by itself is wider than the window.
export async function assertFits(page, what) {
  const wide = await page.evaluate(() => [...document.querySelectorAll('body *')]
    .filter((one) => one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.wide > *, .unseen'))
    .map((one) => one.outerHTML.slice(0, 80)));
  assert.deepEqual(wide, [], what);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), what);
}

// Pictures for docs/images, where LONGHAUL_SCREENSHOTS says so; else they go where nothing is kept.
const PICTURE_BYTES_MAX = 60_000; // they are kept in the repository
const PICTURES = path.resolve(ROOT, process.env.LONGHAUL_SCREENSHOTS ?? 'build/screenshots');

export async function takePicture(page, name) {
  await mkdir(PICTURES, { recursive: true });
  const picture = shrink(await page.screenshot({ animations: 'disabled', caret: 'hide' }));
  assert.ok(picture.length <= PICTURE_BYTES_MAX, `${name}: ${picture.length} bytes`);
  await writeFile(path.join(PICTURES, `${name}.png`), picture);
}
