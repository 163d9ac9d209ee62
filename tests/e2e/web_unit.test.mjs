// The client package's and the pages' own tests and checks.
import { before, test } from 'node:test';
import path from 'node:path';
import { CLIENT, WEB, buildWeb, runInWeb as run } from './lib/web-client.mjs';

const APP = path.join(WEB, 'app');
const ADMIN = path.join(WEB, 'admin');

before(buildWeb);

test('their own tests pass', () => {
  run('vitest', ['run'], CLIENT);
  run('vitest', ['run'], APP);
  run('vitest', ['run'], ADMIN);
});

test('types, publint and sizes', () => {
  run('tsc', ['-p', '.'], CLIENT);
  run('tsc', ['-p', 'tsconfig.test.json'], CLIENT);
  run('tsc', ['-p', '.'], APP);
  run('tsc', ['-p', '.'], ADMIN);
  run('publint', ['--strict'], CLIENT);
  run('size-limit', [], CLIENT);
});
