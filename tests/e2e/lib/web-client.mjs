// The built client package.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
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

// The package as others get it, installed in an empty project `folder`/project; that, and the names of its files.
export function installPacked(folder) {
  const [{ filename, files }] = JSON.parse(runInWeb('npm', ['pack', '--json', '--pack-destination', folder], CLIENT));
  const project = path.join(folder, 'project');
  mkdirSync(project);
  writeFileSync(path.join(project, 'package.json'), '{"type": "module"}');
  runInWeb('npm', ['install', '--offline', '--no-audit', '--no-fund', path.join(folder, filename)], project);
  return { project, files: files.map((file) => file.path) };
}

export async function loadClient() {
  buildWeb();
  return import(path.join(DIST, 'index.js'));
}

// Its files as pages of an UnrulyProxy, below /client/.
export function clientPages() {
  buildWeb();
  return modulePages('/client/', DIST);
}

// A folder's modules as such pages, below `prefix`.
export function modulePages(prefix, folder) {
  return Object.fromEntries(readdirSync(folder).filter((name) => name.endsWith('.js')).map((name) => (
    [`${prefix}${name}`, { type: 'text/javascript', text: readFileSync(path.join(folder, name), 'utf8') }])));
}
