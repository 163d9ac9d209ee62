// How the outside tools are called: by the runtime that runs the tests, and saying nothing to anyone.
import path from 'node:path';
import { ROOT } from '../../e2e/lib/stack.mjs';

const SILENT = {
  REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true', NO_COLOR: '1', CI: 'true',
};

// { command, env } of a program in tests/node_modules/.bin. Whatever it asked of the outside would go to a
// proxy that nobody runs.
function tool(name, env) {
  return {
    command: [process.execPath, path.join(ROOT, 'tests/node_modules/.bin', name)],
    env: { ...process.env, ...env },
  };
}

export const redocly = () => tool('redocly', SILENT);
export const prism = () => tool('prism', { NO_COLOR: '1' });
