// The client package's and the pages' own tests and checks.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { before, test } from 'node:test';
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

test('functions and files are short', () => {
  run('node', ['lengths.mjs'], WEB);
});

test('what is too long is found, with its place', (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'longhaul-lengths-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const check = (name, text) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    try {
      run('node', ['lengths.mjs', folder], WEB);
    } finally {
      rmSync(file);
    }
  };
  const lines = (count) => '  n();\n'.repeat(count);
  check('sound.ts', `// of 70 lines\nfunction f() {\n${lines(68)}}\n`);
  assert.throws(() => check('a.ts', `// of 71\nfunction f() {\n${lines(69)}}\n`), /a\.ts:2: a function of 71 lines, of 70/);
  assert.throws(() => check('b.tsx', `\nexport const F = () => (\n<p>\n${lines(68)}</p>);\n`), /b\.tsx:2: a function of 71 lines/);
  assert.throws(() => check('c.ts', `class C {\n  m() {\n${lines(69)}  }\n}\n`), /c\.ts:2: a function of 71 lines/);
  assert.throws(() => check('d.ts', lines(601)), /d\.ts:601: 601 lines, of 600/);
  assert.throws(() => run('node', ['lengths.mjs', folder], WEB), /no TypeScript/);
});
