// Runs the benchmarks against a stack of its own: scripts/bench --help.
import { execFile } from 'node:child_process';
import { appendFile, mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { Stack } from '../tests/e2e/lib/stack.mjs';
import { markdown } from './table.mjs';
import { transfers } from './transfer.mjs';

const exec = promisify(execFile);
const PARTS = ['redis', 'broker-1', 'worker-1', 'gateway-1'];
const TESTS = ['initiate', 'status', 'e2e', 'latency', 'fanout', 'transfer'];
const FSYNCS = 200;
const HELP = `Usage: scripts/bench [--fsync always,everysec] [--seconds 8] [--conns 64] [--jobs 20000]
       [--threads 1] [--out FILE.jsonl] [--table FILE.md] [TEST]...
Tests: ${TESTS.join(' ')} (default: all). Prints JSON lines, then a Markdown table.`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    fsync: { type: 'string', default: 'always,everysec' },
    seconds: { type: 'string', default: '8' },
    conns: { type: 'string', default: '64' },
    jobs: { type: 'string', default: '20000' },
    threads: { type: 'string', default: '1' },
    out: { type: 'string' },
    table: { type: 'string' },
    help: { type: 'boolean' },
  },
});

const rows = [];
async function emit(row) {
  rows.push(row);
  const line = JSON.stringify(row);
  process.stdout.write(`${line}\n`);
  if (options.out) await appendFile(options.out, `${line}\n`);
}

// What the disk takes for one small durable write: the floor of one job's latency with `always`.
async function fsyncMs(folder) {
  const file = await open(path.join(folder, 'fsync'), 'w');
  const start = process.hrtime.bigint();
  for (let i = 0; i < FSYNCS; i++) {
    await file.write('x'.repeat(200));
    await file.datasync();
  }
  await file.close();
  return Number(process.hrtime.bigint() - start) / 1e6 / FSYNCS;
}

async function describeMachine(folder) {
  await emit({
    test: 'machine', cpu: os.cpus()[0].model, cores: os.cpus().length, kernel: os.release(),
    memory_mib: Math.round(os.totalmem() / 2 ** 20), fsync_ms: Number((await fsyncMs(folder)).toFixed(3)),
    at: new Date().toISOString(),
  });
}

async function load(stack, fsync, test, args) {
  const pids = await Promise.all(PARTS.map(async (name) => `${name}=${await stack.pid(name)}`));
  const { stdout } = await exec(process.env.BENCH_LOAD,
    [test, '--url', stack.url(), '--pids', pids.join(','), ...args.map(String)]);
  await emit({ test, fsync, threads: Number(options.threads), ...JSON.parse(stdout) });
}

const ARGS = {
  initiate: [['--conns', options.conns, '--seconds', options.seconds]],
  status: [['--conns', options.conns, '--seconds', options.seconds]],
  e2e: [['--conns', options.conns, '--count', options.jobs]],
  latency: [['--count', 1000]],
  fanout: [['--count', 1000, '--jobs', 50], ['--count', 5000, '--jobs', 50]],
};
const stacks = [];
// A fresh stack each time: memory figures must not inherit from the test before. Its files are deleted
// at the very end: ext4 is slow to make files for half a minute after many were deleted.
async function measure(fsync, test) {
  for (const args of ARGS[test]) {
    const stack = await Stack.start({ slots: 64, 'gateway-threads': options.threads, 'allow-simulate': true, fsync });
    try {
      await load(stack, fsync, test, args);
    } finally {
      stacks.push(stack);
      await stack.down();
    }
  }
}

async function main() {
  if (options.help) {
    console.log(HELP);
    return;
  }
  const tests = positionals.length ? positionals : TESTS;
  const unknown = tests.filter((test) => !TESTS.includes(test));
  if (unknown.length) throw new Error(`unknown test ${unknown}\n${HELP}`);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'longhaul-bench-'));
  try {
    await describeMachine(folder);
    for (const fsync of options.fsync.split(',')) {
      for (const test of tests.filter((name) => name in ARGS)) {
        // Streams and memory do not depend on how often Redis syncs.
        if (test !== 'fanout' || fsync === options.fsync.split(',')[0]) await measure(fsync, test);
      }
    }
    if (tests.includes('transfer')) await transfers(folder, emit);
  } finally {
    for (const stack of stacks) await stack.destroy();
    await rm(folder, { recursive: true, force: true });
  }
  const table = markdown(rows);
  process.stdout.write(`\n${table}`);
  if (options.table) await writeFile(options.table, table);
}

await main();
