// As prism.test.mjs: the command, archives, and what is answered while parts are away or full.
import { test } from 'node:test';
import { runDescribed } from './lib/described.mjs';

const NAMES = ['retention', 'lost', 'many', 'pack', 'cli', 'full'];
const SKIPPED = [
  [/the man page and docs\/cli.md know/, 'asks no server'],
  [/the value of an option is no command to bash/, 'asks no server'],
  [/cut anywhere/, 'streams only, which do not go through prism'],
  [/a user stream: what is active now/, 'measures time, which this run shares with others'],
  [/a cancel in the middle is heeded within 2 s/, 'measures time, which this run shares with others'],
  [/a terminal gets the bar|no terminal, no bar/, 'about what is shown of jobs that others ask for as well'],
];

test('what is said of files, and when something is gone or away, is as described', (t) => runDescribed(t, NAMES, SKIPPED));
