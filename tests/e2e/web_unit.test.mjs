// The client package's and the app's own tests and checks.
import { before, test } from 'node:test';
import path from 'node:path';
import { CLIENT, WEB, buildWeb, runInWeb as run } from './lib/web-client.mjs';

before(buildWeb);

test('its own tests pass', () => {
  run('vitest', ['run'], CLIENT);
});

test('types, publint and sizes', () => {
  run('tsc', ['-p', '.'], CLIENT);
  run('tsc', ['-p', 'tsconfig.test.json'], CLIENT);
  run('tsc', ['-p', '.'], path.join(WEB, 'app'));
  run('publint', ['--strict'], CLIENT);
  run('size-limit', [], CLIENT);
});
