// The end-to-end tests of the HTTP API once more, with a proxy that holds every call and its reply against docs/openapi.yaml
// (lib/described.mjs). Those that wait long are in prism_more.test.mjs.
import { test } from 'node:test';
import { runDescribed } from './lib/described.mjs';

const NAMES = ['api', 'auth', 'cancel', 'cors', 'idempotency', 'jobs', 'limits', 'path', 'result'];
const SKIPPED = [
  [/settings that do not fit each other/, 'asks no server'],
  [/status and streams do not wait for it/, 'measures time, which this run shares with others'],
  [/a stream ends with its token/, 'has 3 s for all that it asks, and is about streams'],
];

test('what a client may ask, and how often, is as described', (t) => runDescribed(t, NAMES, SKIPPED));
