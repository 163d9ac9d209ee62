// A reverse proxy in the foreground, with its configuration in a private folder, on one port of
// 127.0.0.1 that it keeps across restarts. Ended by its own pid, and never by a name.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { freePorts } from './ports.mjs';
import { ROOT, temporaryFolder } from './stack.mjs';
import { until, within } from './wait.mjs';

// A configuration that ships with Longhaul, as it stands in the repository.
export const shipped = (name) => readFileSync(path.join(ROOT, 'docs/proxies', name), 'utf8');

// Replaces every `from`, which must be there: a test of a file must not pass on another text.
export function substitute(text, replacements) {
  for (const [from, to] of replacements) {
    if (!text.includes(from)) throw new Error(`not in the configuration: ${from}`);
    text = text.replaceAll(from, to);
  }
  return text;
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1');
    socket.on('connect', () => { socket.destroy(); resolve(true); });
    socket.on('error', () => resolve(false));
  });
}

export class Proxy {
  // `command(folder)`: program and arguments, in the foreground; `configuration(port, folder)`: its text.
  static async start(command, configuration) {
    const [port] = await freePorts(1);
    const proxy = new Proxy();
    Object.assign(proxy, { command, port, folder: await temporaryFolder() });
    await proxy.configure(configuration(port, proxy.folder));
    try {
      await proxy.up();
    } catch (error) {
      await proxy.destroy();
      throw error;
    }
    return proxy;
  }

  get url() { return `http://127.0.0.1:${this.port}`; }

  configure(text) { return writeFile(path.join(this.folder, 'proxy.conf'), text); }

  async up() {
    const [program, ...args] = this.command(this.folder);
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => { this.said += text; });
    child.on('error', (error) => { this.said += error.message; });
    this.child = child;
    this.ended = new Promise((resolve) => child.once('close', resolve));
    let over = false;
    this.ended.then(() => { over = true; });
    await until(`${program} at ${this.port}`, async () => over || accepts(this.port));
    if (over) throw new Error(`${program} ended: ${this.said}`);
  }

  // At once, cutting what is open.
  async down() {
    if (this.child?.exitCode === null && this.child.signalCode === null) this.child.kill('SIGTERM');
    await within('end of the proxy', this.ended ?? Promise.resolve());
  }

  async restart() {
    await this.down();
    await this.up();
  }

  async destroy() {
    await this.down();
    await rm(this.folder, { recursive: true, force: true });
  }
}
