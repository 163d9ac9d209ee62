// The app -> build/web/app: index.html, hashed files in assets/, each with a compressed sibling.
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const OUT = process.env.LONGHAUL_WEB_OUT ?? path.join(HERE, '../../build/web');
/** What a first visit loads, compressed. */
const FIRST_LOAD_BYTES_MAX = 90_000;

// Built beside and renamed: a gateway that starts now reads the old page or the new one.
const fresh = path.join(OUT, '.app-new');
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
  build: { outDir: fresh, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2022',
    rolldownOptions: {
      // 'use client' is for others who bundle the hooks.
      onwarn(warning, warn) { if (warning.code !== 'MODULE_LEVEL_DIRECTIVE') warn(warning); },
    },
  },
});

let total = 0;
for (const entry of await readdir(fresh, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = path.join(entry.parentPath ?? entry.path, entry.name);
  const bytes = gzipSync(await readFile(file), { level: 9 });
  total += bytes.length;
  await writeFile(`${file}.gz`, bytes);
}
if (total > FIRST_LOAD_BYTES_MAX) throw new Error(`the app loads ${total} bytes, over ${FIRST_LOAD_BYTES_MAX}`);
await rm(path.join(OUT, 'app'), { recursive: true, force: true });
await rename(fresh, path.join(OUT, 'app'));
