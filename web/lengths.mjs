// lengths.mjs [FOLDER...]: what is too long in the TypeScript below, each with its place; exit status 1 if anything is.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** What fits on a screen and in a head. A component's JSX counts as any other code does. */
const FUNCTION_LINES_MAX = 70;
const FILE_LINES_MAX = 600;
const SOURCES = ['client/src', 'app/src', 'admin/src'].map((folder) => path.join(import.meta.dirname, folder));

function sourcesIn(folder) {
  // What was generated is below a folder with a dot.
  const names = readdirSync(folder, { recursive: true }).filter((name) => /^[^.][^/]*(\/[^.][^/]*)*\.tsx?$/.test(name));
  if (!names.length) throw new Error(`${folder}: no TypeScript`);
  return names.map((name) => path.join(folder, name));
}

// [line, what] of each fault. The first line of a function is that of its head, without comments.
function faultsOf(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const lineAt = (position) => source.getLineAndCharacterOfPosition(position).line + 1;
  const faults = [];
  const visit = (node) => {
    const first = lineAt(node.getStart());
    const lines = lineAt(node.end) - first + 1;
    if (ts.isFunctionLike(node) && lines > FUNCTION_LINES_MAX) {
      faults.push([first, `a function of ${lines} lines, of ${FUNCTION_LINES_MAX}`]);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  const lines = source.text.trimEnd().split('\n').length;
  if (lines > FILE_LINES_MAX) faults.push([lines, `${lines} lines, of ${FILE_LINES_MAX}`]);
  return faults;
}

const folders = process.argv.length > 2 ? process.argv.slice(2) : SOURCES;
for (const file of folders.flatMap(sourcesIn)) {
  for (const [line, what] of faultsOf(file)) {
    console.error(`${path.relative(process.cwd(), file)}:${line}: ${what}`);
    process.exitCode = 1;
  }
}
