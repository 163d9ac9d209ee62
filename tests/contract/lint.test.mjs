// The two descriptions are what they claim to be: OpenAPI 3.1 by redocly's rules, AsyncAPI 3.0 by its
// official schema, with nothing that points nowhere.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { ROOT } from '../e2e/lib/stack.mjs';
import { document, faults } from './lib/api.mjs';
import { redocly } from './lib/tools.mjs';

const exec = promisify(execFile);
const require = createRequire(import.meta.url);
const events = parse(readFileSync(path.join(ROOT, 'docs/asyncapi.yaml'), 'utf8'));

test('openapi.yaml passes every rule, none of them a warning', async () => {
  const { command, env } = redocly();
  const { stdout, stderr } = await exec(command[0], [...command.slice(1), 'lint', 'docs/openapi.yaml',
    '--config', 'docs/redocly.yaml', '--format', 'json'], { cwd: ROOT, env }).catch((error) => error);
  const report = JSON.parse(stdout.slice(stdout.indexOf('{')));
  assert.deepEqual(report.problems.map((p) => `${p.ruleId}: ${p.message}`), [], stderr);
});

test('asyncapi.yaml fits the schema of AsyncAPI 3.0', () => {
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  const validate = ajv.compile(require('@asyncapi/specs/schemas/3.0.0-without-$id.json'));
  assert.equal(validate({ ...events, operations: { none: { action: 'shout' } } }), false, 'it sees a fault');
  assert.ok(validate(events), JSON.stringify(validate.errors?.slice(0, 5), null, 1));
});

function references(node, found = []) {
  if (node === null || typeof node !== 'object') return found;
  if (typeof node.$ref === 'string') found.push(node.$ref);
  for (const child of Object.values(node)) references(child, found);
  return found;
}

const resolves = (root, pointer) => pointer.split('/').slice(1).reduce((node, key) => node?.[key], root) !== undefined;

test('every reference of asyncapi.yaml leads somewhere', () => {
  const found = references(events);
  assert.ok(found.length > 10);
  for (const reference of found) {
    const [file, pointer] = reference.split('#');
    assert.ok(['', './openapi.yaml'].includes(file), reference);
    assert.ok(resolves(file ? document : events, pointer), reference);
  }
});

test('every example of an event fits the schema that openapi.yaml has for it', () => {
  const messages = Object.entries(events.components.messages);
  for (const [name, { payload, examples = [] }] of messages) {
    const pointer = payload.schema.$ref.split('#')[1];
    for (const example of examples) assert.deepEqual(faults(pointer, example.payload), [], name);
  }
  assert.equal(events.info.version, document.info.version);
});

test('the channels are the operations whose reply is a stream', () => {
  const streams = Object.entries(document.paths).filter(([, item]) => (
    JSON.stringify(item).includes('#/components/responses/Events'))).map(([route]) => route);
  assert.deepEqual(Object.values(events.channels).map((channel) => channel.address).sort(), streams.sort());
});
