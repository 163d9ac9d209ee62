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

// For what is not ours: the reference is made by a library.
export const SERIOUS = ['serious', 'critical'];

export async function assertAccessible(page, what, impacts = ['minor', 'moderate', ...SERIOUS]) {
  // Through the debugger: the page's own policy allows no script from elsewhere.
  if (!await page.evaluate(() => 'axe' in window)) await page.evaluate(await readFile(AXE, 'utf8'));
  const { violations } = await page.evaluate((runOnly) => window.axe.run({ runOnly }), RULES);
  const grave = violations.filter(({ impact }) => impacts.includes(impact));
  assert.deepEqual(grave.map(({ id, nodes }) => `${id}: ${nodes[0].html}`), [], what);
}

// Nothing but what scrolls by itself is wider than the window. Of what is not shown, as in closed details, the browser may
// still have the sizes of an earlier width.
export async function assertFits(page, what) {
  const wide = await page.evaluate(() => {
    const scrolls = (one) => one !== document.body && (/auto|scroll/.test(getComputedStyle(one).overflowX) || scrolls(one.parentElement));
    return [...document.querySelectorAll('body *')]
      .filter((one) => one.checkVisibility() && one.getBoundingClientRect().right > innerWidth + 1 && !one.closest('.unseen')
        && !scrolls(one.parentElement))
      .map((one) => one.outerHTML.slice(0, 80));
  });
  assert.deepEqual(wide, [], what);
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), what);
}

// As everybody has it: light and dark, on a wide screen and a phone, and enlarged to four times (WCAG 1.4.10), which is as
// narrow. Sizes of targets are among axe's rules. Afterwards the page is as it was.
export const ENLARGED = 320;
const WIDE = 1280, PHONE = 375, HEIGHT = 740;

export async function assertUsable(page, what, impacts) {
  const before = page.viewportSize();
  for (const width of [WIDE, PHONE]) {
    await page.setViewportSize({ width, height: HEIGHT });
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await assertAccessible(page, `${what}, ${colorScheme}, ${width} px`, impacts);
    }
    await assertFits(page, `${what}, ${width} px`);
  }
  await page.setViewportSize({ width: ENLARGED, height: HEIGHT });
  await assertFits(page, `${what}, ${ENLARGED} px`);
  await page.setViewportSize(before);
  await page.emulateMedia({ colorScheme: null });
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
