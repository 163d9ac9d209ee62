// End-to-end tests with a proxy that knows docs/openapi.yaml: `prism proxy --errors`, one for all of them. Behind it
// stands a switch that takes each request back to the process that it came from (tests/e2e/lib/prism.mjs).
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { freePorts } from '../../e2e/lib/ports.mjs';
import { BACK } from '../../e2e/lib/prism.mjs';
import { ROOT, temporaryFolder } from '../../e2e/lib/stack.mjs';
import { until } from '../../e2e/lib/wait.mjs';

const START_MS = 180_000; // reading the description takes seconds, and many times that on a busy machine
const AT_ONCE = 3; // files: most of their time is waiting

// A process and all that it says.
function begin(args, env = {}) {
  // node:test marks its children; a runner inside a test is none of them.
  const { NODE_TEST_CONTEXT: _, ...inherited } = process.env;
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...inherited, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const one = { child, said: '' };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { one.said += chunk; });
  one.ended = new Promise((resolve) => child.on('close', resolve));
  return one;
}

function startSwitch() {
  const server = http.createServer((request, response) => {
    const { url: where, method, headers } = request;
    const onward = http.request({ host: '127.0.0.1', port: headers[BACK], path: where, method, headers, agent: false }, (reply) => {
      response.writeHead(reply.statusCode, reply.headers);
      reply.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function startPrism(upstream) {
  const [port] = await freePorts(1);
  const tool = path.join(ROOT, 'tests/node_modules/.bin/prism');
  const prism = begin([tool, 'proxy', path.join(ROOT, 'docs/openapi.yaml'), `http://127.0.0.1:${upstream}`, '--errors',
    '--no-cors', '--verboseLevel', 'error', '-h', '127.0.0.1', '-p', String(port)], { NO_COLOR: '1' });
  prism.origin = `http://127.0.0.1:${port}`;
  await until('prism listens', async () => {
    if (prism.child.exitCode !== null) throw new Error(`prism: ${prism.said}`);
    return answers(prism.origin);
  }, START_MS);
  return prism;
}

const answers = (origin) => new Promise((resolve) => {
  http.get(origin, { agent: false }, (reply) => { reply.resume(); resolve(true); }).on('error', () => resolve(false));
});

export class Described {
  static async start() {
    const upstream = await startSwitch();
    const prism = await startPrism(upstream.address().port).catch((error) => { upstream.close(); throw error; });
    return Object.assign(new Described(), { upstream, prism, folder: await temporaryFolder() });
  }

  // Runs node with these words: { code, said, counted }.
  async run(args) {
    const counts = path.join(this.folder, 'counts');
    const one = begin(args, { LONGHAUL_E2E_PRISM: this.prism.origin, LONGHAUL_E2E_PRISM_COUNTS: counts });
    const code = await one.ended;
    const counted = existsSync(counts) ? readFileSync(counts, 'utf8').trim().split('\n').map((line) => JSON.parse(line)) : [];
    await rm(counts, { force: true });
    return { code, said: one.said, counted };
  }

  // Runs tests/e2e/NAME.test.mjs for each name, but for tests of which `skipped` has a pattern: [[pattern, reason]].
  async test(t, names, skipped) {
    const { code, said, counted } = await this.run(['--test', `--test-concurrency=${AT_ONCE}`, '--test-reporter=tap',
      ...skipped.map(([pattern]) => `--test-skip-pattern=${pattern.source}`),
      ...names.map((name) => path.join(ROOT, `tests/e2e/${name}.test.mjs`))]);
    const faults = counted.flatMap(({ file, faults: found }) => found.map((fault) => `${file}: ${fault}`));
    assert.deepEqual(faults, [], 'not as described');
    assert.equal(code, 0, said.split('\n').filter((line) => /^\s*not ok|error:/.test(line)).join('\n') || said);
    report(t, names, counted);
  }

  async stop() {
    this.prism.child.kill();
    this.upstream.closeAllConnections();
    await new Promise((resolve) => this.upstream.close(resolve));
    await rm(this.folder, { recursive: true });
  }
}

function report(t, names, counted) {
  for (const { file, relayed, refused, around } of counted) {
    t.diagnostic(`${file}: ${relayed} replies as described, ${refused} requests refused by both, ${around} went around`);
    assert.ok(relayed > 0, file);
  }
  assert.deepEqual(counted.map(({ file }) => file.replace('.test.mjs', '')).sort(), [...names].sort());
}
