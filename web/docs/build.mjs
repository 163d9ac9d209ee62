// docs/openapi.yaml -> build/web/openapi.json and build/web/docs/: the API reference, complete in
// itself. Files below docs/assets/ have a digest in their name, so that they may be kept for good;
// every file has a compressed sibling. The same input gives the same bytes.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { OUT, freshFolder, publish } from '../output.mjs';
import { errorsPage, indexPage } from './pages.mjs';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SWAGGER = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
const HERE = path.dirname(fileURLToPath(import.meta.url));

// Written beside and renamed: a gateway that starts now reads the old bytes or the new ones.
async function put(folder, name, bytes) {
  await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
  for (const [suffix, content] of [['', bytes], ['.gz', gzipSync(bytes, { level: 9 })]]) {
    await writeFile(path.join(folder, `.new${suffix}`), content);
    await rename(path.join(folder, `.new${suffix}`), path.join(folder, `${name}${suffix}`));
  }
}

async function putHashed(folder, file) {
  const bytes = await readFile(file);
  const { name, ext } = path.parse(file);
  const digest = createHash('sha256').update(bytes).digest('hex').slice(0, 12);
  await put(folder, `assets/${name}-${digest}${ext}`, bytes);
  return `/docs/assets/${name}-${digest}${ext}`;
}

const api = parse(await readFile(path.join(ROOT, 'docs/openapi.yaml'), 'utf8'));
const fresh = freshFolder('docs');
await rm(fresh, { recursive: true, force: true });
const styles = [await putHashed(fresh, path.join(SWAGGER, 'swagger-ui.css')),
  await putHashed(fresh, path.join(HERE, 'page.css'))];
const scripts = [await putHashed(fresh, path.join(SWAGGER, 'swagger-ui-bundle.js')),
  await putHashed(fresh, path.join(HERE, 'start.js'))];
await put(fresh, 'index.html', Buffer.from(indexPage(api, styles, scripts)));
await put(fresh, 'errors.html', Buffer.from(errorsPage(api, styles.slice(1))));
await publish('docs');
await put(OUT, 'openapi.json', Buffer.from(JSON.stringify(api)));
