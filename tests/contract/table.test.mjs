// The C code's own tables (print_api.c) and docs/openapi.yaml say the same, both ways.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { ROOT } from '../e2e/lib/stack.mjs';
import { at, document, faults, operations } from './lib/api.mjs';

const PRINTER = path.join(process.env.LONGHAUL_BIN ?? path.join(ROOT, 'build/dev/bin'), '../tests/contract_print_api');
const code = JSON.parse(execFileSync(PRINTER, { encoding: 'utf8' }));
const schemas = document.components.schemas;

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

// Each limit of the code, and where it stands in the description.
const OPTIONS = '/components/schemas/InitiateOptions/properties';
const FILE = '/paths/~1v1~1download~1files~1{key}~1{fileName}/parameters';
const SIMULATE = '/components/schemas/Simulate/properties';
const LIMITS = {
  INITIATE_DELAY_S_MAX: [`${OPTIONS}/delaySeconds/maximum`],
  INITIATE_TIMEOUT_S_MIN: [`${OPTIONS}/timeoutSeconds/minimum`],
  INITIATE_PRIORITY_MAX: [`${OPTIONS}/priority/maximum`],
  INITIATE_FAIL_ATTEMPTS_MAX: [`${SIMULATE}/failAttempts/maximum`],
  INITIATE_PROGRESS_MS_DEFAULT: [`${SIMULATE}/progressMs/default`],
  INITIATE_SIMULATED_BYTES_MAX: [`${SIMULATE}/size/maximum`],
  JOB_FILE_ID_MAX: ['/components/schemas/FileId/maximum'],
  JOB_FILE_IDS_MAX: ['/components/schemas/InitiateRequest/properties/file_ids/maxItems'],
  JOB_USER_ID_MAX: ['/components/schemas/UserId/maxLength', '/components/schemas/JobCommon/properties/userId/maxLength'],
  JOB_FILE_NAME_MAX: ['/components/schemas/FileName/maxLength', '/components/schemas/JobResult/properties/fileName/maxLength',
    '/components/schemas/DownloadLink/properties/fileName/maxLength', `${FILE}/1/schema/maxLength`],
  JOB_CONTENT_TYPE_MAX: ['/components/schemas/JobResult/properties/contentType/maxLength',
    `${FILE}/3/schema/maxLength`],
  JOB_MESSAGE_MAX: ['/components/schemas/JobError/properties/message/maxLength'],
  JOB_ARTIFACT_KEY_MAX: [`${FILE}/0/schema/maxLength`],
  JOB_WORKER_ID_MAX: ['/components/schemas/HistoryEvent/properties/workerId/maxLength'],
  JOB_PRIORITY_DEFAULT: [`${OPTIONS}/priority/default`],
  JOB_MAX_ATTEMPTS_DEFAULT: [`${OPTIONS}/maxAttempts/default`],
  JOB_MAX_ATTEMPTS_MAX: [`${OPTIONS}/maxAttempts/maximum`, '/components/schemas/JobCommon/properties/maxAttempts/maximum'],
  JOB_TIMEOUT_S_MAX: [`${OPTIONS}/timeoutSeconds/maximum`, `${OPTIONS}/timeoutSeconds/default`],
  JOB_TIMEOUT_MS_MAX: [`${SIMULATE}/durationMs/maximum`, `${SIMULATE}/progressMs/maximum`],
  REQUEST_ID_MAX: ['/components/headers/X-Request-Id/schema/maxLength', '/components/schemas/Problem/properties/requestId/maxLength'],
  JOB_LOG_MAX: ['/components/schemas/History/properties/events/maxItems'],
};

test('the limits are those of the code', () => {
  const { INITIATE_BODY_MAX: bodyMax, ...limits } = code.limits;
  assert.deepEqual(Object.keys(LIMITS).sort(), Object.keys(limits).sort());
  for (const [name, places] of Object.entries(LIMITS)) {
    for (const place of places) assert.equal(at(place), limits[name], `${name} at ${place}`);
  }
  for (const { method, pattern, bodyMax: max } of code.routes) {
    assert.equal(max, bodyMax, `${method} ${pattern}`);
    const { responses } = operations.find((one) => text(one.method, one.path) === text(method, described(pattern)));
    assert.equal('413' in responses, method !== 'GET', `413 of ${method} ${pattern}`);
  }
  assert.match(document.components.requestBodies.Initiate.description, new RegExp(`\\b${bodyMax} bytes`));
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
