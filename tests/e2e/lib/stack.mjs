// A stack of real processes, started and stopped through scripts/run in a temporary folder.
import { spawn, execFile } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';
import { Front } from './front.mjs';
import { call } from './http.mjs';
import { freePortRange } from './ports.mjs';
import * as prism from './prism.mjs';
import { until } from './wait.mjs';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
export const RUN = path.join(ROOT, 'scripts/run');
export const BIN = process.env.LONGHAUL_BIN ?? path.join(ROOT, 'build/release/bin');
const RECORD_FIELDS = ['status', 'version', 'fileId', 'userId', 'artifactKey', 'attempts', 'failures', 'crashes',
  'run', 'log'];
const exec = promisify(execFile);

export const temporaryFolder = () => mkdtemp(path.join(os.tmpdir(), 'longhaul-e2e-'));

// Runs scripts/run to its end, behind the words of `wrap`: { code, stdout, stderr }.
export function run(args, env = {}, wrap = []) {
  const [program, ...words] = [...wrap, RUN, ...args];
  return new Promise((resolve) => {
    execFile(program, words, { env: { ...process.env, LONGHAUL_BIN: BIN, ...env } }, (error, stdout, stderr) => {
      resolve({ code: error ? error.code ?? error.signal : 0, stdout, stderr });
    });
  });
}

// A process that was just spawned, what it has said so far, and its end.
export function watch(child) {
  const state = { child, said: '' };
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => { state.said += chunk; });
  }
  state.ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(code ?? signal)));
  return state;
}

// Runs scripts/run in the foreground.
export const runInForeground = (args, env = {}) => watch(spawn(RUN, args, {
  env: { ...process.env, LONGHAUL_BIN: BIN, ...env }, stdio: ['ignore', 'pipe', 'pipe'],
}));

// A zombie is dead: on some machines nobody waits for orphans.
export function alive(pid) {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

export class Stack {
  // options: of scripts/run, without dashes; env: settings of the programs; wrap(data): words to put
  // before the command.
  static async start(options = {}, env = {}, wrap = () => []) {
    const data = options.data ?? await temporaryFolder();
    const stack = new Stack(data, options, env);
    stack.wrap = wrap(data);
    stack.gateways = options.gateways ?? 1;
    const first = await freePortRange(2 * stack.gateways); // one range: two could overlap
    stack.port = options.port ?? first;
    stack.adminPort = first + stack.gateways;
    await stack.up();
    for (let i = 1; prism.wanted && i <= stack.gateways; i++) await prism.judge(stack.url(i));
    return stack;
  }

  wrap = [];

  constructor(data, options, env) {
    Object.assign(this, { data, options, env });
  }

  get args() {
    const all = { port: this.port, 'admin-port': this.adminPort, ...this.options, data: this.data };
    return Object.entries(all).flatMap(([name, value]) => (
      value === true ? [`--${name}`] : [`--${name}`, String(value)]));
  }

  url(gateway = 1) { return `http://127.0.0.1:${this.port + gateway - 1}`; }

  // The first gateway, for programs of other processes.
  async urlForPrograms() {
    if (!prism.wanted) return this.url();
    this.front ??= await Front.start(this.url());
    return this.front.url;
  }

  admin(gateway = 1) { return `http://127.0.0.1:${this.adminPort + gateway - 1}`; }
  store() { return path.join(this.data, 'store'); }

  async up() {
    const { code, stdout, stderr } = await run([...this.args, '--detach'], this.env, this.wrap);
    if (code !== 0) {
      await this.destroy();
      throw new Error(`scripts/run: ${code}\n${stdout}${stderr}`);
    }
    this.said = stdout;
  }

  down() { return run(['--data', this.data, '--stop']); }

  // Stops it; keeps the folder when KEEP is set, or when it does not stop, to look at the logs.
  async destroy() {
    for (let i = 1; i <= this.gateways; i++) prism.leave(this.url(i));
    await this.front?.stop();
    const stopped = await this.down();
    if (stopped.code) process.stderr.write(`not stopped: ${stopped.code}\n${stopped.stdout}${stopped.stderr}`);
    if (process.env.KEEP || stopped.code) process.stderr.write(`kept ${this.data}\n`);
    else await rm(this.data, { recursive: true, force: true });
    return stopped;
  }

  async pid(name) {
    return Number(await readFile(path.join(this.data, 'pids', `${name}.pid`), 'utf8'));
  }

  async signal(name, signal) {
    const pid = await this.pid(name);
    process.kill(pid, signal);
    return pid;
  }

  // kill -9, and waits until another process has its place.
  async killAndAwaitSuccessor(name) {
    const old = await this.signal(name, 'SIGKILL');
    await until(`successor of ${name}`, async () => (await this.pid(name)) !== old);
  }

  async awaitReady(gateway = 1) {
    await until('readyz 200', async () => (await call(`${this.admin(gateway)}/readyz`)).status === 200);
  }

  // A gauge or counter of a gateway without labels.
  async metric(name, gateway = 1) {
    const { text } = await call(`${this.admin(gateway)}/metrics`);
    return Number(new RegExp(`^${name} ([0-9.e+]+)$`, 'm').exec(text)?.[1]);
  }

  log(name) { return readFile(path.join(this.data, 'logs', `${name}.log`), 'utf8'); }

  async redis(...args) {
    const { stdout } = await exec('redis-cli', ['-s', path.join(this.data, 'sock/redis.sock'), ...args]);
    return stdout.trimEnd();
  }

  // The fields of a job's record that are set, its log as
  // [{ version, at, status, attempt, worker, error }].
  async record(jobId) {
    const values = (await this.redis('--raw', 'hmget', `download:job:${jobId}`, ...RECORD_FIELDS)).split('\n');
    const record = {};
    RECORD_FIELDS.forEach((name, i) => { if (values[i]) record[name] = values[i]; });
    record.transitions = (record.log ?? '').split(';').filter(Boolean).map((entry) => {
      const [version, at, status, attempt = '0', worker = '', error = ''] = entry.split(':');
      return { version: Number(version), at: Number(at), status, attempt: Number(attempt), worker, error };
    });
    return record;
  }

  // Names of artifacts that are visible in the store.
  async objects() {
    const folder = path.join(this.store(), 'objects');
    return existsSync(folder) ? readdir(folder) : [];
  }
}
