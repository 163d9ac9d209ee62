// The app -> build/web/app: index.html, hashed files in assets/, each with a compressed sibling.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { freshFolder, publishPage } from '../output.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
/** What a first visit loads, compressed. */
const FIRST_LOAD_BYTES_MAX = 90_000;

await build({
  root: HERE,
  configFile: false,
  logLevel: 'warn',
  resolve: {
    alias: [
      { find: /^@longhaul\/client$/, replacement: path.join(HERE, '../client/src/index.ts') },
      { find: /^@longhaul\/client\/react$/, replacement: path.join(HERE, '../client/src/react/index.ts') },
    ],
  },
  build: { outDir: freshFolder('app'), emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2022',
    rolldownOptions: {
      // 'use client' is for others who bundle the hooks.
      onwarn(warning, warn) { if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning); },
    },
  },
});

await publishPage('app', FIRST_LOAD_BYTES_MAX);
