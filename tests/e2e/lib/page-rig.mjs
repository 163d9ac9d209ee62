// The page of downloads in a browser, on a stack with few slots, simulated jobs and a source of files.
import { after, afterEach, before } from 'node:test';
import assert from 'node:assert/strict';
import { launch } from './chromium.mjs';
import { Client } from './client.mjs';
import { call } from './http.mjs';
import { Origin } from './origin.mjs';
import { Stack } from './stack.mjs';
import { watchFaults } from './web-page.mjs';
import { buildWeb } from './web-client.mjs';

export const SLOTS = 2;
// Ended by the test: nobody knows how long a browser takes on a busy machine.
export const LONG = { durationMs: 290_000, progressMs: 200 };
export const LASTS = { timeoutSeconds: 300 };

class PageRig {
  faults = []; // of any of its pages

  // options: of scripts/run.
  static async start(options = {}) {
    const rig = new PageRig();
    try {
      buildWeb();
      rig.origin = await Origin.start();
      rig.stack = await Stack.start({
        'allow-simulate': true, slots: SLOTS, catalog: `${rig.origin.url}/{file_id}`, 'source-allow': '127.0.0.0/8', ...options });
      rig.api = new Client(rig.stack.url());
      rig.browser = await launch();
      rig.context = await rig.newContext();
      rig.page = await rig.newPage();
      return rig;
    } catch (error) {
      await rig.stop();
      throw error;
    }
  }

  async stop() {
    await this.browser?.close();
    await this.stack?.destroy();
    await this.origin?.stop();
  }

  newContext() {
    return this.browser.newContext({ viewport: { width: 1000, height: 620 }, permissions: ['clipboard-read', 'clipboard-write'] });
  }

  async newPage(context = this.context) {
    const page = await context.newPage();
    watchFaults(page, this.stack.url(), this.faults);
    return page;
  }

  // After each test: what it left behind goes, and no page may have had a fault.
  async clear() {
    await this.page.unrouteAll();
    const { jobs } = (await call(`${this.api.api}/jobs?status=queued,running`)).json;
    for (const { jobId } of jobs) await this.api.cancel(jobId);
    for (const { jobId } of jobs) await this.api.terminal(jobId);
    assert.deepEqual(this.faults.splice(0), []);
  }

  // A job that lasts; its id.
  long(simulate = {}, options = {}) { return this.api.simulate({ ...LONG, ...simulate }, { ...LASTS, ...options }); }
  show(jobId, page = this.page) { return page.goto(`${this.stack.url()}/downloads/${jobId}`); }
  home(page = this.page) { return page.goto(this.stack.url()); }
  button(name, page = this.page) { return page.getByRole('button', { name: new RegExp(`^${name}`) }); }

  // Until the text under the first job's bar is as wanted.
  async says(pattern, page = this.page) {
    const what = page.locator('.job .what').first();
    await what.filter({ hasText: pattern }).waitFor().catch(async (error) => {
      throw new Error(`not ${pattern}: ${await page.locator('main').innerText()}`, { cause: error });
    });
  }

  // Of the first job: { kind, bar: 'unknown' or its value, buttons, primary }.
  look(page = this.page) {
    return page.locator('.job').first().evaluate((job) => {
      const bar = job.querySelector('progress');
      return {
        kind: job.classList[1], bar: bar.hasAttribute('value') ? bar.value : 'unknown',
        buttons: [...job.querySelectorAll('button')].map((one) => one.firstChild.textContent),
        primary: [...job.querySelectorAll('button.primary')].map((one) => one.firstChild.textContent),
      };
    });
  }
}

/** Of the file that calls `useRig`; there is one to a process. */
export let rig, page;

/** Makes the rig before the first test of the file, clears it after each, and ends it after the last. */
export function useRig(options) {
  before(async () => {
    rig = await PageRig.start(options);
    page = rig.page;
  });
  after(() => rig?.stop());
  afterEach(() => rig.clear());
}
