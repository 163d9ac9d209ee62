// The operator's page -> build/web/admin: index.html, hashed files in assets/, each with a compressed sibling.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';
import { freshFolder, publishPage } from '../output.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
/** What a first visit loads, compressed. */
const FIRST_LOAD_BYTES_MAX = 20_000;

await build({
  root: HERE,
  base: '/admin/',
  configFile: false,
  logLevel: 'warn',
  build: { outDir: freshFolder('admin'), emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2022' },
});

await publishPage('admin', FIRST_LOAD_BYTES_MAX);
