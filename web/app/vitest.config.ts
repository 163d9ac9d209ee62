import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const client = (file: string) => fileURLToPath(new URL(`../client/src/${file}`, import.meta.url));

process.env['TZ'] = 'Europe/Berlin'; // where days may have 23 hours, or 25

export default defineConfig({
  resolve: {
    alias: [
      { find: /^@longhaul\/client$/, replacement: client('index.ts') },
      { find: /^@longhaul\/client\/react$/, replacement: client('react/index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    pool: 'threads',
    maxWorkers: 1,
    restoreMocks: true,
    unstubGlobals: true,
    testTimeout: 60_000, // their time passes when they say so: what takes long is a busy machine
  },
});
