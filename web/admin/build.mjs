// The operator's page -> build/web/admin: index.html, hashed files in assets/, each with a compressed sibling.
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const HERE = path.dirname(fileURLToPath(import.meta.url));
const OUT = process.env.LONGHAUL_WEB_OUT ?? path.join(HERE, '../../build/web');
/** What a first visit loads, compressed. */
const FIRST_LOAD_BYTES_MAX = 20_000;

// Built beside and renamed: a gateway that starts now reads the old page or the new one.
const fresh = path.join(OUT, '.admin-new');
await build({
  root: HERE,
  base: '/admin/',
  configFile: false,
  logLevel: 'warn',
  build: { outDir: fresh, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2022' },
});

let total = 0;
for (const entry of await readdir(fresh, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = path.join(entry.parentPath ?? entry.path, entry.name);
  const bytes = gzipSync(await readFile(file), { level: 9 });
  total += bytes.length;
  await writeFile(`${file}.gz`, bytes);
}
if (total > FIRST_LOAD_BYTES_MAX) throw new Error(`the page loads ${total} bytes, over ${FIRST_LOAD_BYTES_MAX}`);
await rm(path.join(OUT, 'admin'), { recursive: true, force: true });
await rename(fresh, path.join(OUT, 'admin'));
