// The C code's own tables (print_api.c) and docs/openapi.yaml say the same, both ways.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { ROOT } from '../e2e/lib/stack.mjs';
import { at, document, faults, operations } from './lib/api.mjs';
import { BY_CONSTANT, DEFAULTS, NUMBERS, PINNED, PROSE, PROSE_PINNED } from './lib/limits.mjs';

const PRINTER = path.join(process.env.LONGHAUL_BIN ?? path.join(ROOT, 'build/dev/bin'), '../tests/contract_print_api');
const code = JSON.parse(execFileSync(PRINTER, { encoding: 'utf8' }));
const schemas = document.components.schemas;

const events = parse(readFileSync(path.join(ROOT, 'docs/asyncapi.yaml'), 'utf8'));

const escaped = (key) => key.replaceAll('~', '~0').replaceAll('/', '~1');

// Pointers to what `wanted(key, value)` takes; examples and lists of codes are compared elsewhere.
function placesOf(node, wanted, pointer = '') {
  if (node === null || typeof node !== 'object') return [];
  return Object.entries(node).flatMap(([key, value]) => {
    if (['example', 'examples', 'x-problems', 'x-job-errors'].includes(key)) return [];
    const place = `${pointer}/${escaped(key)}`;
    return wanted(key, value) ? [place] : placesOf(value, wanted, place);
  });
}
const numbersOf = (root) => placesOf(root, (key, value) => NUMBERS.includes(key) && typeof value !== 'object');
const sentencesOf = (root) => placesOf(root, (key, value) => ['description', 'summary'].includes(key) && typeof value === 'string')
  .map((place) => [place, at(place)]);

// A pattern of the gateway as a path of the description.
const described = (pattern) => pattern.replace(/\/files\/\*$/, '/files/{key}/{fileName}').replace(/:(\w+)/g, '{$1}');

// Pages are addresses of files; of these two the description speaks too.
const DESCRIBED_PAGES = ['/openapi.json', '/docs'];

const text = (method, route) => `${method} ${route}`;
const served = [
  ...code.routes.map(({ method, pattern }) => text(method, described(pattern))),
  ...code.pages.filter((page) => DESCRIBED_PAGES.includes(page)).map((page) => text('GET', page)),
];

test('every route of the gateway is described', () => {
  const known = operations.map((one) => text(one.method, one.path));
  assert.deepEqual(served.filter((route) => !known.includes(route)), []);
});

test('every described operation is a route of the gateway', () => {
  const missing = operations.filter((one) => !served.includes(text(one.method, one.path))).map((one) => one.id);
  assert.deepEqual(missing, []);
});

test('names of operations are unique', () => {
  const ids = operations.map((one) => one.id);
  assert.deepEqual(ids.filter((id, i) => ids.indexOf(id) !== i), []);
});

test('the problems are those of the code, with status and words', () => {
  const known = schemas.ProblemCode['x-problems'];
  assert.deepEqual(Object.keys(known).sort(), [...schemas.ProblemCode.enum].sort());
  assert.deepEqual([...schemas.ProblemCode.enum].sort(), code.problems.map((one) => one.code).sort());
  for (const { code: name, status, title, detail } of code.problems) {
    assert.deepEqual(known[name], { status, title, detail }, name);
  }
});

test('every problem stands in a reply or is one of those that any path gives', () => {
  const anywhere = ['NOT_FOUND', 'METHOD_NOT_ALLOWED', 'URI_TOO_LONG', 'BAD_REQUEST', 'EXPECTATION_FAILED',
    'HEADERS_TOO_LARGE'];
  const replies = JSON.stringify(document.components.responses) + JSON.stringify(document.paths);
  const unused = schemas.ProblemCode.enum.filter((name) => !anywhere.includes(name) && !replies.includes(`"${name}"`));
  assert.deepEqual(unused, []);
});

test('a reply names only problems of its own status', () => {
  for (const one of operations) {
    for (const [status, { content }] of Object.entries(one.responses)) {
      for (const { type, schema } of content.filter((c) => c.type === 'application/problem+json')) {
        const codes = at(schema).allOf[1].properties.code.enum;
        for (const name of codes) {
          assert.equal(schemas.ProblemCode['x-problems'][name].status, Number(status), `${one.id} ${status} ${type}`);
        }
      }
    }
  }
});

test('a problem that proposes when to come again has the header described', () => {
  for (const { code: name, retryAfter } of code.problems.filter((one) => one.retryAfter > 0)) {
    for (const one of operations) {
      for (const [status, reply] of Object.entries(one.responses)) {
        const body = JSON.stringify(reply.content.map((c) => at(c.schema)));
        if (!body.includes(`"${name}"`)) continue;
        assert.ok(reply.headers.some((h) => h.name === 'retry-after'), `${one.id} ${status} ${name} ${retryAfter}`);
      }
    }
  }
});

test('the reasons why a job fails are those of the code', () => {
  const known = schemas.JobErrorCode['x-job-errors'];
  assert.deepEqual([...schemas.JobErrorCode.enum].sort(), code.jobErrors.map((one) => one.code).sort());
  for (const { code: name, retryable, message } of code.jobErrors) {
    assert.deepEqual(known[name], { retryable, message }, name);
  }
});

test('states and stages are those of the code', () => {
  assert.deepEqual(schemas.Status.enum, code.statuses);
  assert.deepEqual(schemas.Stage['x-extensible-enum'], code.stages);
});

test('every number of the descriptions is one of the code, or pinned with a reason', () => {
  const found = numbersOf(document);
  const explained = [...Object.values(BY_CONSTANT).flat(), ...DEFAULTS, ...PINNED.flatMap(([, places]) => Object.keys(places))];
  assert.deepEqual(found.filter((place) => !explained.includes(place)), []);
  assert.deepEqual(explained.filter((place) => !found.includes(place)), [], 'gone from the description');
  for (const [name, places] of Object.entries(BY_CONSTANT)) {
    for (const place of places) assert.equal(at(place), code.limits[name], `${name} at ${place}`);
  }
  for (const place of DEFAULTS) assert.equal(at(place), code.defaults[place.split('/').at(-2)], place);
  for (const [reason, places] of PINNED) {
    for (const [place, value] of Object.entries(places)) assert.equal(at(place), value, `${place}: ${reason}`);
  }
  assert.deepEqual(numbersOf(events), [], 'asyncapi.yaml has schemas of openapi.yaml only');
});

test('every constant of the code stands in the description', () => {
  const used = [...Object.keys(BY_CONSTANT), ...PROSE.map(([, , name]) => name)];
  assert.deepEqual(Object.keys(code.limits).filter((name) => !used.includes(name)), []);
  assert.deepEqual(Object.keys(code.defaults).sort(), DEFAULTS.map((place) => place.split('/').at(-2)).sort());
});

test('numbers in sentences are those of the code', () => {
  for (const [place, expression, name] of PROSE) {
    const [, number] = expression.exec(at(place)) ?? [];
    assert.equal(Number(number), code.limits[name], `${name} at ${place}`);
  }
  for (const [place, sentence] of sentencesOf(document)) {
    let rest = sentence.replace(/RFC \d+( §[\d.]+)?/g, '');
    for (const [where, expression] of PROSE) if (where === place) rest = rest.replace(expression, '');
    for (const expression of PROSE_PINNED) rest = rest.replace(expression, '');
    const left = [...rest.matchAll(/\b\d{2,}\b/g)].map(([number]) => number).filter((number) => !/^[2345]\d\d$/.test(number));
    assert.deepEqual(left, [], `${place}: ${rest}`);
  }
});

test('a body that is too large has its reply where one is read', () => {
  for (const { method, pattern, bodyMax: max } of code.routes) {
    assert.equal(max, code.limits.INITIATE_BODY_MAX, `${method} ${pattern}`);
    const { responses } = operations.find((one) => text(one.method, one.path) === text(method, described(pattern)));
    assert.equal('413' in responses, method !== 'GET', `413 of ${method} ${pattern}`);
  }
});

test('the version is that of the programs', () => {
  const [, version] = /^project\(longhaul VERSION ([0-9.]+)/m.exec(readFileSync(path.join(ROOT, 'CMakeLists.txt'), 'utf8'));
  assert.equal(document.info.version, version);
});

// ---- the description against itself

test('every example fits its schema', () => {
  let checked = 0;
  const visit = (node, pointer) => {
    if (node === null || typeof node !== 'object') return;
    if (node.schema && !Array.isArray(node)) {
      const examples = [...('example' in node ? [node.example] : []), ...Object.values(node.examples ?? {}).map((e) => e.value)];
      for (const example of examples) {
        assert.deepEqual(faults(`${pointer}/schema`, example), [], pointer);
        checked++;
      }
    }
    for (const [key, child] of Object.entries(node)) {
      visit(child, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    }
  };
  visit({ paths: document.paths, components: document.components }, '');
  assert.ok(checked > 50, `${checked} examples`);
});
