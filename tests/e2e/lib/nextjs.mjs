// The example web/examples/nextjs: installed, built, and started as its README says.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from './command.mjs';
import { call } from './http.mjs';
import { freePorts } from './ports.mjs';
import { until, within } from './wait.mjs';
import { CLIENT, WEB, buildWeb, runInWeb } from './web-client.mjs';

const EXAMPLE = path.join(WEB, 'examples/nextjs');
const MODULES = path.join(EXAMPLE, 'node_modules');
const QUIETLY = ['--no-progress', '--loglevel=error', '--fetch-retries=1'];

function digestOf(...files) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(file));
  return hash.digest('hex');
}

// Runs `make` unless it was run for the same `digest` since node_modules was made.
function once(name, digest, make) {
  const stamp = path.join(MODULES, `.longhaul-${name}`);
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === digest) return;
  make();
  writeFileSync(stamp, digest);
}

// A registry may lack optional packages of other platforms, which `npm ci` insists on.
function installAll() {
  try {
    runInWeb('npm', ['ci', ...QUIETLY], EXAMPLE);
  } catch {
    runInWeb('npm', ['install', '--no-save', ...QUIETLY], EXAMPLE);
  }
}

// npm takes a folder's copy for good as long as its version is the same.
function installClient() {
  rmSync(path.join(MODULES, '@longhaul'), { recursive: true, force: true });
  runInWeb('npm', ['install', '--no-save', '--offline', ...QUIETLY], EXAMPLE);
}

function install() {
  const dist = path.join(CLIENT, 'dist');
  const client = [path.join(CLIENT, 'package.json'), ...readdirSync(dist).sort().map((name) => path.join(dist, name))];
  once('lock', digestOf(path.join(EXAMPLE, 'package.json'), path.join(EXAMPLE, 'package-lock.json')), installAll);
  once('client', digestOf(...client), installClient);
}

const build = (folder) => runInWeb('npm', ['run', '--silent', 'build'], folder);

export function buildExample() {
  buildWeb();
  install();
  build(EXAMPLE);
}

// A fresh copy in `folder` with other files: { name: text }. Its packages are the example's, by the same inodes: Next.js
// follows no links to outside.
export function buildCopy(folder, files) {
  buildWeb();
  install();
  rmSync(folder, { recursive: true, force: true });
  const own = new Set(['node_modules', '.next', 'next-env.d.ts', 'tsconfig.tsbuildinfo']);
  cpSync(EXAMPLE, folder, { recursive: true, filter: (name) => !own.has(path.relative(EXAMPLE, name)) });
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
  execFileSync('cp', ['-al', MODULES, path.join(folder, 'node_modules')]);
  build(folder);
}

export class Example {
  static async start(longhaulUrl, folder = EXAMPLE) {
    const [port] = await freePorts(1);
    const program = path.join(folder, 'node_modules/next/dist/bin/next');
    const env = { LONGHAUL_URL: longhaulUrl, NEXT_TELEMETRY_DISABLED: '1' };
    const args = [program, 'start', '-H', '127.0.0.1', '-p', String(port)];
    const command = new Command(process.execPath, args, { cwd: folder, env });
    const example = new Example(command, `http://127.0.0.1:${port}`);
    await until('the example answers', async () => (await call(example.url)).status === 200);
    return example;
  }

  constructor(command, url) {
    Object.assign(this, { command, url });
  }

  // At once: when asked to end, Next.js waits for open streams, however long those are.
  async stop() {
    this.command.child.kill('SIGKILL');
    await within('end of the example', this.command.ended);
  }
}
