// The flows of flows.arazzo.yaml, run by redocly against a real stack: each step's own conditions, and each
// reply against docs/openapi.yaml.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { parse } from 'yaml';
import { freePortRange } from '../e2e/lib/ports.mjs';
import { ROOT, Stack, temporaryFolder } from '../e2e/lib/stack.mjs';
import { redocly } from './lib/tools.mjs';

const FILE = 'tests/contract/flows.arazzo.yaml';
const flows = parse(readFileSync(path.join(ROOT, FILE), 'utf8'));
let stack, folder;

before(async () => {
  folder = await temporaryFolder();
  const port = await freePortRange(1);
  stack = await Stack.start({ 'allow-simulate': true, port }, { LONGHAUL_PUBLIC_URL: `http://127.0.0.1:${port}` });
});
after(async () => {
  await stack?.destroy();
  await rm(folder, { recursive: true, force: true });
});

function respect(workflow, report) {
  const { command, env } = redocly();
  const args = [...command.slice(1), 'respect', FILE, '--workflow', workflow, '--server', `longhaul=${stack.url()}`,
    '--input', JSON.stringify({ key: randomUUID() }), '--json-output', report];
  return new Promise((resolve) => {
    execFile(command[0], args, { cwd: ROOT, env, timeout: 120_000 }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code ?? error.signal : 0, said: stdout + stderr });
    });
  });
}

for (const { workflowId, summary, steps } of flows.workflows) {
  test(`${workflowId}: ${summary}`, async () => {
    const report = path.join(folder, `${workflowId}.json`);
    const { code, said } = await respect(workflowId, report);
    assert.equal(code, 0, said);
    const done = Object.values(JSON.parse(readFileSync(report, 'utf8')).files)[0].executedWorkflows;
    assert.equal(done.length, 1);
    const names = new Set(done[0].executedSteps.map((step) => step.stepId));
    assert.deepEqual([...names], steps.map((step) => step.stepId));
  });
}
