// The end-to-end tests of the API once more, with a proxy that holds every call and its reply against docs/openapi.yaml.
import { test } from 'node:test';
import { runDescribed } from './lib/described.mjs';

const NAMES = (process.env.NAMES ?? 'api path result cancel').split(' ');

test('the end-to-end tests of the API pass through a proxy that knows the description', (t) => runDescribed(t, NAMES));
