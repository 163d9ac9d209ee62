// The end-to-end tests of the API once more, through a proxy that holds every request and reply against
// docs/openapi.yaml (tests/e2e/lib/prism.mjs).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT, temporaryFolder } from '../e2e/lib/stack.mjs';

const FILES = ['api', 'path', 'result', 'cancel'].map((name) => path.join(ROOT, `tests/e2e/${name}.test.mjs`));

// node:test marks its children; a runner inside a test is none of them.
function runTests(env) {
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--test', '--test-concurrency=2', '--test-reporter=tap', ...FILES],
    { cwd: ROOT, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { said += chunk; });
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, said })));
}

test('the end-to-end tests of the API pass through a proxy that knows the description', async (t) => {
  const folder = await temporaryFolder();
  const counts = path.join(folder, 'counts');
  try {
    const { code, said } = await runTests({ LONGHAUL_E2E_PRISM: counts });
    assert.equal(code, 0, said.split('\n').filter((line) => /^\s*not ok|error:|described/.test(line)).join('\n') || said);
    const stacks = readFileSync(counts, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
    const sum = (name) => stacks.reduce((total, one) => total + one[name], 0);
    t.diagnostic(`${sum('relayed')} replies as described, ${sum('refused')} requests refused by both`);
    assert.ok(stacks.length >= FILES.length, `${stacks.length} stacks`);
    assert.ok(sum('relayed') > 100 && sum('refused') > 10, JSON.stringify(stacks));
  } finally {
    await rm(folder, { recursive: true });
  }
});
