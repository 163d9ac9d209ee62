// The built client package.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './stack.mjs';

export const WEB = path.join(ROOT, 'web');
export const CLIENT = path.join(WEB, 'client');
const DIST = path.join(CLIENT, 'dist');

// Does nothing when nothing changed.
export function buildWeb() {
  execFileSync(path.join(ROOT, 'scripts/web'), { stdio: ['ignore', 'ignore', 'inherit'] });
  if (!existsSync(path.join(DIST, 'index.js'))) runInWeb('npm', ['run', '--silent', 'build'], CLIENT);
}

// A command in web/, with the runtime that its packages brought. Fails with what it said.
export function runInWeb(command, args, cwd = WEB) {
  const bin = [path.join(WEB, 'node_modules/node/bin'), path.join(WEB, 'node_modules/.bin')].filter((dir) => existsSync(dir));
  const env = { ...process.env, PATH: [...bin, process.env.PATH].join(':') };
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error ?? status}\n${stdout}${stderr}`);
  return stdout;
}

export async function loadClient() {
  buildWeb();
  return import(path.join(DIST, 'index.js'));
}

// Its files as pages of an UnrulyProxy, below /client/.
export function clientPages() {
  buildWeb();
  return Object.fromEntries(readdirSync(DIST).filter((name) => name.endsWith('.js')).map((name) => (
    [`/client/${name}`, { type: 'text/javascript', text: readFileSync(path.join(DIST, name), 'utf8') }])));
}
