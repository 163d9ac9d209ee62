// @vitest-environment jsdom
// One job of the operator's page: what was opened last is what is shown, in whichever order the answers come.
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import html from '../index.html?raw';
import { JobView } from '../src/job.js';

const detailOf = (jobId: string, stage: string) => ({
  job: { jobId, status: 'running', progress: 1, attempts: 0, maxAttempts: 3, file_id: 1, userId: null, createdAt: 1, updatedAt: 1, stage },
  workerId: null, retries: 0, history: { events: [] },
});

let asked: { jobId: string; answer(stage?: string): void; refuse(): void }[];
let view: JobView;
beforeEach(() => {
  document.documentElement.innerHTML = html;
  asked = [];
  vi.stubGlobal('fetch', (path: string) => new Promise((resolve) => {
    const jobId = path.split('/').at(-1)!;
    asked.push({
      jobId,
      answer: (stage = 'fetching') => resolve(Response.json(detailOf(jobId, stage))),
      refuse: () => resolve(Response.json({ detail: `no ${jobId}` }, { status: 404 })),
    });
  }));
  view = new JobView();
});
afterEach(() => { vi.unstubAllGlobals(); });
const title = () => document.getElementById('job-title')!.textContent;

test('another one opened meanwhile: an answer for the first one shows nothing, and is not what is looked at again', async () => {
  const first = view.open('a');
  const second = view.open('b');
  asked[1]!.answer();
  await second;
  asked[0]!.answer();
  await first;
  expect(title()).toBe('Job b');
  void view.refresh();
  expect(asked.map(({ jobId }) => jobId)).toEqual(['a', 'b', 'b']);
});

test('another one opened meanwhile: that there is no first one is nothing to tell', async () => {
  const first = view.open('a');
  const second = view.open('b');
  asked[0]!.refuse();
  await expect(first).resolves.toBeUndefined();
  asked[1]!.refuse();
  await expect(second).rejects.toThrow('no b');
});

test('the same one opened again: an older look at it does not take the place of the newer one', async () => {
  const opened = view.open('a');
  asked[0]!.answer();
  await opened;
  const look = view.refresh();
  const again = view.open('a');
  asked[2]!.answer('uploading');
  await again;
  asked[1]!.answer('fetching');
  await look;
  expect(document.getElementById('facts')!.textContent).toContain('uploading');
});
