// As prism.test.mjs: the command, archives, and what is answered while parts are away or full.
import { after, before, test } from 'node:test';
import { Described } from './lib/described.mjs';

const NAMES = ['retention', 'lost', 'cli', 'pack', 'full', 'many'];
const SKIPPED = [
  [/the man page and docs\/cli.md know|the value of an option is no command to bash/, 'asks no server'],
  [/a terminal gets the bar|no terminal, no bar|a thousand files of one name|archives at the same time/,
    'much work for replies that others ask for as well'],
  [/a cancel in the middle is heeded within 2 s/, 'measures time, which this run shares with others'],
  // Of `many` what no stream answers is left: streams do not go through prism.
  [/a list follows its jobs|the order of the ids|jobs on one connection|cut anywhere|a user stream|a user with more/, 'streams'],
];
let described;
before(async () => { described = await Described.start(); });
after(() => described?.stop());

test('what is said of files, and when something is gone or away, is as described', (t) => described.test(t, NAMES, SKIPPED));
