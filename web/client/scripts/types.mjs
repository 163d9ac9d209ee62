// Makes src/.generated/openapi.ts from docs/openapi.yaml, unless it is as new.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const from = fileURLToPath(new URL('../../../docs/openapi.yaml', import.meta.url));
const to = fileURLToPath(new URL('../src/.generated/openapi.ts', import.meta.url));
const stamp = `${to}.stamp`;
// A default makes a member of a request optional, not certain.
const args = [from, '-o', to, '--default-non-nullable=false'];
const digest = createHash('sha256').update(readFileSync(from)).update(args.join(' ')).digest('hex');

if (!existsSync(to) || !existsSync(stamp) || readFileSync(stamp, 'utf8') !== digest) {
  const tool = path.dirname(createRequire(import.meta.url).resolve('openapi-typescript/package.json'));
  mkdirSync(path.dirname(to), { recursive: true });
  execFileSync(process.execPath, [path.join(tool, 'bin/cli.js'), ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  writeFileSync(stamp, digest);
}
