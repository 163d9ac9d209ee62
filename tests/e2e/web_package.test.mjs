// The client package as others get it: packed, and installed in an empty project.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from './lib/stack.mjs';
import { WEB, buildWeb, installPacked, runInWeb as run } from './lib/web-client.mjs';

let folder;
before(async () => {
  buildWeb();
  folder = await temporaryFolder();
});
after(() => rm(folder, { recursive: true, force: true }));

const USE = `
import { createDownloadClient, DownloadError, isTerminal, secondsLeft, type Job } from '@longhaul/client';
import { createFakeServer } from '@longhaul/client/testing';

const server = createFakeServer({ durationMs: 200 });
const client = createDownloadClient({ fetch: server.fetch });
const { jobId } = await client.initiate({ file_id: 1, options: { fileName: 'a.txt' } });
const seen: Job['status'][] = [];
for await (const job of client.watch(jobId)) if (seen.at(-1) !== job.status) seen.push(job.status);
const job = await client.status(jobId);
if (job.status === 'completed') seen.push(job.result.fileName === null ? 'failed' : job.status);
const left: number | null = secondsLeft(job, client.now());
const error: unknown = await client.status('nosuchjob').catch((reason: unknown) => reason);
// @ts-expect-error: there is no such member
client.initiate({ file: 1 }).catch(() => {});
// @ts-expect-error: only a completed job has a result
void job.result;
console.log(JSON.stringify([seen, isTerminal(job), left, error instanceof DownloadError && error.code]));
client.close();
`;
const USE_REACT = `
import { DownloadProvider, useDownloadJob, useDownloadJobs } from '@longhaul/client/react';
import { createDownloadClient, type Job } from '@longhaul/client';
import { renderToString } from 'react-dom/server';
function Viewer() {
  const { job, secondsLeft, cancel } = useDownloadJob('a');
  const { jobs }: { jobs: readonly Job[] } = useDownloadJobs({ status: 'running' });
  return <button onClick={cancel}>{job?.status} {secondsLeft} {jobs.length}</button>;
}
console.log(renderToString(<DownloadProvider client={createDownloadClient()}><Viewer /></DownloadProvider>));
`;

const STRICT = ['--strict', '--exactOptionalPropertyTypes', '--target', 'es2022', '--lib', 'es2022,dom,dom.iterable',
  '--jsx', 'react-jsx'];
// React is a peer: the project has its own.
const BORROWED = ['react', 'react-dom', '@types/react', '@types/react-dom', '@types/node', 'undici-types', 'csstype',
  'scheduler'];

test('packed, and installed in an empty project, it typechecks and runs', async () => {
  const { project, files } = installPacked(folder);
  assert.deepEqual(files.filter((name) => !/^(dist\/|README\.md|package\.json)/.test(name)), []);
  await mkdir(path.join(project, 'node_modules/@types'));
  await writeFile(path.join(project, 'use.ts'), USE);
  await writeFile(path.join(project, 'use-react.tsx'), USE_REACT);
  for (const name of BORROWED) {
    await symlink(path.join(WEB, 'node_modules', name), path.join(project, 'node_modules', name));
  }
  // All declarations are checked once; the second time is about how they are found.
  for (const [module, resolution, ...more] of [['nodenext', 'nodenext'], ['esnext', 'bundler', '--skipLibCheck']]) {
    run('tsc', [...STRICT, '--module', module, '--moduleResolution', resolution, '--outDir', `out-${resolution}`, ...more,
      'use.ts', 'use-react.tsx'], project);
  }
  const said = JSON.parse(run('node', ['out-nodenext/use.js'], project));
  assert.deepEqual(said[0], ['queued', 'running', 'completed', 'completed']);
  assert.deepEqual([said[1], said[3]], [true, 'JOB_NOT_FOUND']);
  assert.ok(said[2] > 890 && said[2] <= 901, `${said[2]}`);
  assert.match(run('node', ['out-nodenext/use-react.js'], project), /^<button>.*0<\/button>$/m);
});
