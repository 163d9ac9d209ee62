// The end-to-end tests of the HTTP API once more, with a proxy that holds every call and its reply against docs/openapi.yaml
// (lib/described.mjs). Those that wait long are in prism_more.test.mjs.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { ROOT } from '../e2e/lib/stack.mjs';
import { Described } from './lib/described.mjs';

const NAMES = ['limits', 'idempotency', 'api', 'jobs', 'auth', 'cors', 'result', 'path', 'cancel'];
const SKIPPED = [
  [/settings that do not fit each other/, 'asks no server'],
  [/status and streams do not wait for it|is canceled within 2 s|slots of canceled jobs/, 'measures time, which this run shares with others'],
  [/a file of 300 MB|gateways killed at any moment|many addresses at once/, 'much work for replies that others ask for as well'],
  [/a stream ends with its token|a good token is let in/, 'has 3 s for all that it asks'],
];
let described;
before(async () => { described = await Described.start(); });
after(() => described?.stop());

test('a reply that is not as described is found, whatever the test makes of it', async () => {
  const { code, said, counted } = await described.run([path.join(ROOT, 'tests/contract/lib/liar.mjs')]);
  assert.equal(code, 0, said);
  const lines = said.trim().split('\n').map((line) => JSON.parse(line));
  for (const [about, found] of lines) assert.equal(found, !about.startsWith('truth'), about);
  assert.equal(counted[0].faults.length, lines.filter(([, found]) => found).length);
  assert.ok(counted[0].faults.length >= 8, said);
});

test('what a client may ask, and how often, is as described', (t) => described.test(t, NAMES, SKIPPED));
