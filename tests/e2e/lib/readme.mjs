// The blocks of code in the client package's README.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { CLIENT } from './web-client.mjs';

// By the name in their first line; of TypeScript one without a name is a test.
export async function readmeBlocks() {
  const text = await readFile(path.join(CLIENT, 'README.md'), 'utf8');
  return [...text.matchAll(/^```(html|tsx?)\n(?:\/\/ (\S+\.tsx?)\n)?(.*?)^```/gms)].map(([, language, name, code]) => (
    { language, name: name ?? (language === 'html' ? 'index.html' : 'use.ts'), code }));
}

export async function readmeBlock(wanted) {
  return (await readmeBlocks()).find(({ name }) => name === wanted).code;
}
