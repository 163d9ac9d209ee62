// The pages as everybody has them, in light and dark, wide and narrow: the list with every state and all options, a link to copy
// where there is no clipboard, and the reference. (Each state of a job's own page: web_states; the operator's page: admin_page.)
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { launch } from './lib/chromium.mjs';
import { call } from './lib/http.mjs';
import { SLOTS, page, rig, useRig } from './lib/page-rig.mjs';
import { ENLARGED, SERIOUS, assertAccessible, assertFits, assertUsable, watchFaults } from './lib/web-page.mjs';

useRig();

test('the list with every state, the filters and all options', async () => {
  await rig.api.completed(await rig.api.simulate({ size: 5000 }, { fileName: `${'very-long-name-'.repeat(10)}.zip` }));
  const failed = [await rig.api.submit({ file_id: 404 }),
    await rig.api.simulate({ failAttempts: 9, errorCode: 'STORE_UNAVAILABLE' }, { maxAttempts: 1 })];
  for (const jobId of failed) await rig.api.terminal(jobId);
  for (let i = 0; i < SLOTS; i++) await rig.api.running(await rig.long({ size: 1_050_000_000 }));
  const canceled = await rig.long();
  await rig.api.cancel(canceled);
  await rig.api.terminal(canceled);
  await rig.long();
  await rig.api.simulate({}, { delaySeconds: 600 });
  await rig.home();
  await page.getByText('Options').click();
  for (const kind of ['ready', 'failed', 'running', 'canceled', 'waiting']) await page.locator(`.job.${kind}`).first().waitFor();
  await assertUsable(page, 'every state');
});

test('by plain HTTP there is no clipboard: the link stands in a dialog, to be copied from, and is gone with it', async () => {
  const jobId = await rig.api.simulate({ size: 5000 }, { fileName: 'sales.zip' });
  await rig.api.completed(jobId);
  const browser = await launch(['--host-resolver-rules=MAP plain.test 127.0.0.1']);
  try {
    const origin = `http://plain.test:${new URL(rig.stack.url()).port}`;
    const plain = await browser.newPage();
    watchFaults(plain, origin, rig.faults);
    await plain.goto(`${origin}/downloads/${jobId}`);
    assert.deepEqual(await plain.evaluate(() => [isSecureContext, 'clipboard' in navigator]), [false, false]);
    const dialog = plain.getByRole('dialog', { name: 'Link to sales.zip' });
    const field = dialog.getByLabel('Link');
    const open = async () => {
      await rig.button('Copy link', plain).and(plain.locator('[aria-disabled=false]')).focus();
      await plain.keyboard.press('Enter');
      await dialog.waitFor();
      assert.ok(await field.evaluate((one) => one === document.activeElement && one.selectionEnd === one.value.length));
      return field.inputValue();
    };
    const closed = async (link) => {
      await dialog.waitFor({ state: 'detached' });
      assert.match(await plain.evaluate(() => document.activeElement.textContent), /^Copy link/);
      assert.ok(!(await plain.content()).includes(link.split('?')[1]), 'nowhere else');
    };

    const link = await open();
    assert.ok(link.startsWith(`${origin}/v1/download/files/`), link);
    assert.equal((await call(link.replace(origin, rig.stack.url()))).bytes.length, 5000);
    await plain.keyboard.type('x');
    assert.equal(await field.inputValue(), link, 'not to be changed');
    await assertUsable(plain, 'a link to copy');
    await plain.keyboard.press('Escape');
    await closed(link);
    assert.equal(await plain.locator('.said').count(), 0);

    await open();
    await plain.keyboard.press('Tab');
    await plain.keyboard.press('Tab');
    await plain.keyboard.press('Enter'); // Close
    await closed(link);

    await open();
    await plain.keyboard.press('Tab');
    await plain.keyboard.press('Enter'); // Copy
    await plain.locator('.said', { hasText: 'Link copied' }).waitFor();
    await closed(link);
    await plain.getByRole('link', { name: 'All downloads' }).click();
    await plain.getByText('Options').click();
    const other = plain.getByLabel('Name', { exact: true });
    await other.focus();
    await plain.keyboard.press('Control+V');
    assert.match(await other.inputValue(), new RegExp(`^${origin}/v1/download/files/${jobId}`));
  } finally {
    await browser.close();
  }
});

test('the reference of the API, and that of its errors', async () => {
  const other = await rig.newPage();
  await other.goto(`${rig.stack.url()}/docs`);
  await other.locator('.opblock').first().waitFor();
  await assertUsable(other, 'reference', SERIOUS);
  for (const name of ['initiateDownload', 'listJobs', 'getDownload']) { // with every kind of field
    await other.locator(`[id$="-${name}"] .opblock-summary-control`).click();
  }
  await assertAccessible(other, 'reference, opened', SERIOUS);
  await other.setViewportSize({ width: ENLARGED, height: 740 });
  await assertFits(other, 'reference, opened, enlarged');
  await other.goto(`${rig.stack.url()}/docs/errors`);
  await assertUsable(other, 'errors');
  await other.close();
});
