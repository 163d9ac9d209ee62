// Where a workspace's build goes: build/web/NAME, written beside and renamed, so that a gateway that starts now reads
// the old page or the new one.
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

export const OUT = process.env.LONGHAUL_WEB_OUT ?? fileURLToPath(new URL('../build/web', import.meta.url));

/** The folder to build into. */
export const freshFolder = (name) => path.join(OUT, `.${name}-new`);

export async function publish(name) {
  await rm(path.join(OUT, name), { recursive: true, force: true });
  await rename(freshFolder(name), path.join(OUT, name));
}

/** Gives each file a compressed sibling, and publishes the folder unless what a first visit loads is too much. */
export async function publishPage(name, compressedBytesMax) {
  let total = 0;
  for (const entry of await readdir(freshFolder(name), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = path.join(entry.parentPath ?? entry.path, entry.name);
    const bytes = gzipSync(await readFile(file), { level: 9 });
    total += bytes.length;
    await writeFile(`${file}.gz`, bytes);
  }
  if (total > compressedBytesMax) throw new Error(`the page loads ${total} bytes, over ${compressedBytesMax}`);
  await publish(name);
}
