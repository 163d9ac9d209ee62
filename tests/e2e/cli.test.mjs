// The command `longhaul` against a real stack.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFile, readdir, rm, mkdir, writeFile, stat } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Client } from './lib/client.mjs';
import { sha256 } from './lib/origin.mjs';
import { freePorts } from './lib/ports.mjs';
import { ROOT, Stack, temporaryFolder } from './lib/stack.mjs';
import { until, within } from './lib/wait.mjs';

const CLI = path.join(process.env.LONGHAUL_BIN ?? path.join(ROOT, 'build/release/bin'), 'longhaul');
const CUT_BYTES = 1_000_000;
const big = Buffer.from(Array.from({ length: 3_000_017 }, (_, i) => (i * i) % 253));
const small = Buffer.from('small file\n');
const FAILS = { failAttempts: 9, errorCode: 'SOURCE_NOT_FOUND' };
let stack, base, client, folder, names = 0;

before(async () => {
  folder = await temporaryFolder();
  const files = path.join(folder, 'files');
  await mkdir(files);
  await writeFile(path.join(files, 'a big.bin'), big);
  await writeFile(path.join(files, 'b.txt'), small);
  stack = await Stack.start({ files, 'allow-simulate': true });
  base = await stack.urlForPrograms();
  client = new Client(stack.url());
});

after(async () => {
  await stack?.destroy();
  if (folder) await rm(folder, { recursive: true, force: true });
});

// A running command: its process, what it has said, and its end { code, stdout, stderr }.
function begin(args, env = {}) {
  const child = spawn(CLI, args.map(String), {
    env: { ...process.env, LONGHAUL_URL: base, TERM: 'xterm', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { child, stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => { said.stdout += chunk; });
  child.stderr.on('data', (chunk) => { said.stderr += chunk; });
  said.end = within(`end of longhaul ${args.join(' ')}`, new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => (
      resolve({ code: code ?? signal, stdout: said.stdout, stderr: said.stderr })));
  }));
  return said;
}
const longhaul = (args, env) => begin(args, env).end;

async function emptyFolder() {
  const name = path.join(folder, `out-${names++}`);
  await mkdir(name);
  return name;
}

// The gateway behind a proxy whose answers `change` may take over: change(request, response, upstream)
// returns true when it did.
async function proxy(change) {
  const seen = [];
  const server = http.createServer((request, response) => {
    seen.push({ path: request.url, headers: request.headers });
    const forward = http.request(`${base}${request.url}`,
      { method: request.method, headers: request.headers }, (upstream) => {
        if (change(request, response, upstream)) return;
        response.writeHead(upstream.statusCode, upstream.headers);
        upstream.pipe(response);
      });
    forward.on('error', () => response.destroy());
    response.on('close', () => forward.destroy());
    request.pipe(forward);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    seen,
    url: `http://127.0.0.1:${server.address().port}`,
    files: () => seen.filter((request) => request.path.startsWith('/v1/download/files/')),
    stop: () => {
      server.closeAllConnections?.();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

// Passes `bytes` of the body on, then breaks the connection.
function cutAfter(bytes, response, upstream) {
  response.writeHead(upstream.statusCode, upstream.headers);
  let sent = 0;
  upstream.on('data', (chunk) => {
    if (sent >= bytes) return;
    const part = chunk.subarray(0, bytes - sent);
    sent += part.length;
    response.write(part, () => { if (sent >= bytes) response.destroy(); });
  });
}

test('an unknown job, a wrong line, no server: 3, 2, 4', async () => {
  const unknown = await longhaul(['status', '0'.repeat(27)]);
  assert.equal(unknown.code, 3);
  assert.match(unknown.stderr, /JOB_NOT_FOUND: .+ \([A-Za-z0-9._-]+\)\n$/);
  for (const args of [['get'], ['get', 'x'], ['get', '0'], ['status', '../jobs'], ['--url', 'ftp://x', 'list']]) {
    assert.equal((await longhaul(args)).code, 2, args.join(' '));
  }
  const [port] = await freePorts(1);
  const gone = await longhaul(['--url', `http://127.0.0.1:${port}`, '--timeout', '1', 'list']);
  assert.equal(gone.code, 4);
  assert.equal(gone.stdout, '');
});

test('get writes the bytes, prints the path, and leaves nothing else', async () => {
  const out = await emptyFolder();
  const { code, stdout, stderr } = await longhaul(['get', 1, 2, '-o', out]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(stdout.trimEnd().split('\n'), [path.join(out, 'a big.bin'), path.join(out, 'b.txt')]);
  assert.deepEqual((await readdir(out)).sort(), ['a big.bin', 'b.txt']);
  assert.deepEqual(await readFile(path.join(out, 'a big.bin')), big);
  assert.deepEqual(await readFile(path.join(out, 'b.txt')), small);
});

test('a name the server chose replaces nothing; one the user gave does', async () => {
  const out = await emptyFolder();
  await writeFile(path.join(out, 'b.txt'), 'mine');
  assert.equal((await longhaul(['get', 2, '-o', out])).code, 0);
  assert.equal(await readFile(path.join(out, 'b.txt'), 'utf8'), 'mine');
  assert.deepEqual(await readFile(path.join(out, 'b (1).txt')), small);
  assert.equal((await longhaul(['get', 2, '-o', path.join(out, 'b.txt')])).code, 0);
  assert.deepEqual(await readFile(path.join(out, 'b.txt')), small);
});

test('--archive makes one file of many, --format another of one', async () => {
  const out = await emptyFolder();
  const zip = await longhaul(['get', 1, 2, '--archive', '-o', out]);
  assert.deepEqual([zip.code, zip.stdout.trim()], [0, path.join(out, 'download.zip')], zip.stderr);
  const names = ['-c', 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); print(z.testzip(), z.namelist())', zip.stdout.trim()];
  assert.equal(spawnSync('python3', names, { encoding: 'utf8' }).stdout, "None ['a big.bin', 'b.txt']\n");
  const tar = await longhaul(['get', 1, 2, '--archive', '--format', 'tar', '--name', 'both.tar', '-o', out]);
  assert.deepEqual([tar.code, tar.stdout.trim()], [0, path.join(out, 'both.tar')], tar.stderr);
  assert.equal(spawnSync('tar', ['-tf', tar.stdout.trim()], { encoding: 'utf8' }).stdout, 'a big.bin\nb.txt\n');
  const gzip = await longhaul(['get', 2, '--format', 'gzip', '-o', out]);
  assert.deepEqual([gzip.code, gzip.stdout.trim()], [0, path.join(out, 'b.txt.gz')], gzip.stderr);
  assert.deepEqual(gunzipSync(await readFile(gzip.stdout.trim())), small);
});

test('an archive that cannot be: what the server says, and which file is missing', async () => {
  const out = await emptyFolder();
  const wrong = await longhaul(['get', 1, 2, '--archive', '--format', 'gzip', '-o', out]);
  assert.notEqual(wrong.code, 0);
  assert.match(wrong.stderr, /zip or tar/);
  const missing = await longhaul(['get', 1, 999, '--archive', '-o', out]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /SOURCE_NOT_FOUND.*File 999/);
  assert.deepEqual(await readdir(out), []);
});

test('an empty file is a file', async () => {
  const out = path.join(await emptyFolder(), 'empty');
  const { code, stderr } = await longhaul(['get', 1, '--simulate', '{"size":0}', '-o', out]);
  assert.equal(code, 0, stderr);
  assert.equal((await stat(out)).size, 0);
});

test('no terminal, no bar: stderr has lines only, and none with --quiet', async () => {
  const args = ['get', 1, '--simulate', '{"durationMs":600,"size":1000}'];
  for (const env of [{}, { NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    const { code, stderr } = await longhaul([...args, '-o', path.join(await emptyFolder(), 'f')], env);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /^job [0-9a-z]+\n$/);
  }
  const quiet = await longhaul([...args, '-q', '-o', path.join(await emptyFolder(), 'f')]);
  assert.deepEqual([quiet.code, quiet.stderr], [0, '']);
});

// On a terminal of its own, by script(1); stdout and stderr come as one.
function onTerminal(args, env = {}) {
  const line = [CLI, ...args].map((word) => `'${word}'`).join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qec', line, '/dev/null'], {
      env: { ...process.env, LONGHAUL_URL: base, NO_COLOR: '', TERM: 'xterm', ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    child.stdout.on('data', (chunk) => { said += chunk; });
    child.on('error', reject);
    child.on('close', () => resolve(said));
  });
}

test('a terminal gets the bar, unless it is dumb or the user wants none', async () => {
  const args = ['get', '1', '--simulate', '{"durationMs":1200,"size":100000}', '-o'];
  const bar = /\d+% \[=*>? *\]/;
  const seen = await onTerminal([...args, path.join(await emptyFolder(), 'f')]);
  assert.match(seen, bar);
  assert.match(seen, /ETA \d/);
  for (const [more, env] of [[['--no-progress'], {}], [['-q'], {}], [[], { TERM: 'dumb' }]]) {
    assert.doesNotMatch(await onTerminal([...args, path.join(await emptyFolder(), 'f'), ...more], env), bar);
  }
});

test('colour on a terminal, none with NO_COLOR or TERM=dumb', async () => {
  const red = '\u001b[31m';
  assert.ok((await onTerminal(['status', 'x'])).includes(red));
  for (const env of [{ NO_COLOR: '1' }, { TERM: 'dumb' }]) {
    const said = await onTerminal(['status', 'x'], env);
    assert.match(said, /^longhaul: x is no job id/);
    assert.ok(!said.includes(red));
  }
});

test('a download that was cut goes on where it stood', async () => {
  let cuts = 0;
  const between = await proxy((request, response, upstream) => {
    if (!request.url.startsWith('/v1/download/files/') || cuts++ > 0) return false;
    cutAfter(CUT_BYTES, response, upstream);
    return true;
  });
  const out = path.join(await emptyFolder(), 'f.bin');
  const { code, stderr } = await longhaul(['get', 1, '-o', out, '--url', between.url]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await readFile(out), big);
  const [, second, third] = between.files();
  assert.equal(second.headers.range, `bytes=${CUT_BYTES}-`);
  assert.match(second.headers['if-range'], /^"[^"]+"$/);
  assert.equal(third, undefined);
  await between.stop();
});

test('a later call resumes the part of an earlier one; a part of other bytes is begun anew', async () => {
  let cut = true;
  const between = await proxy((request, response, upstream) => {
    if (!request.url.startsWith('/v1/download/files/') || !cut) return false;
    cutAfter(CUT_BYTES, response, upstream);
    return true;
  });
  const out = path.join(await emptyFolder(), 'f.bin');
  const jobId = await client.submit({ file_id: 1 });
  const first = begin(['get', '--job', jobId, '-o', out, '--url', between.url]);
  await until('a part', async () => (await stat(`${out}.part`)).size >= CUT_BYTES);
  first.child.kill('SIGINT');
  const stopped = await first.end;
  assert.equal(stopped.code, 130);
  assert.ok(stopped.stderr.includes(`longhaul get --job ${jobId} -o ${out} --url ${between.url}`), stopped.stderr);
  cut = false;
  const before = between.files().length;
  assert.equal((await longhaul(['get', '--job', jobId, '-o', out, '--url', between.url])).code, 0);
  assert.match(between.files()[before].headers.range, /^bytes=[1-9]\d+-$/);
  assert.deepEqual(await readFile(out), big);

  await writeFile(`${out}.part`, 'other bytes');
  await writeFile(`${out}.part.etag`, '"of another file"');
  assert.equal((await longhaul(['get', '--job', jobId, '-o', out])).code, 0);
  assert.deepEqual(await readFile(out), big);
  assert.deepEqual(await readdir(path.dirname(out)), ['f.bin']);
  await between.stop();
});

test('the token goes to the API and not along with the link', async () => {
  const between = await proxy(() => false);
  const tokenFile = path.join(folder, 'token');
  await writeFile(tokenFile, 'abc.def\n');
  const out = path.join(await emptyFolder(), 'f');
  const { code, stderr } = await longhaul(
    ['get', 2, '-o', out, '--url', between.url, '--token-file', tokenFile]);
  assert.equal(code, 0, stderr);
  assert.equal(between.files().length, 1);
  for (const { path: asked, headers } of between.seen) {
    assert.equal(headers.authorization, asked.startsWith('/v1/download/files/') ? undefined : 'Bearer abc.def', asked);
  }
  await between.stop();
});

test('bytes that are not what was promised: 5, and nothing is kept', async () => {
  const between = await proxy((request, response, upstream) => {
    if (!request.url.startsWith('/v1/download/files/')) return false;
    upstream.resume();
    response.writeHead(200, { 'content-length': big.length, etag: '"x"' }).end(Buffer.alloc(big.length, 'z'));
    return true;
  });
  const out = await emptyFolder();
  const { code, stdout, stderr } = await longhaul(['get', 1, '-o', path.join(out, 'f'), '--url', between.url]);
  assert.deepEqual([code, stdout], [5, '']);
  assert.match(stderr, /job [0-9a-z]{27}: verification failed/);
  assert.deepEqual(await readdir(out), []);
  const json = await longhaul(['get', 1, '--json', '-o', path.join(out, 'f'), '--url', between.url]);
  assert.equal(json.code, 5);
  const line = JSON.parse(json.stdout);
  assert.deepEqual([line.status, line.file_id, line.error.code, line.path], ['completed', 1, 'VERIFICATION_FAILED', undefined]);
  assert.ok(json.stderr.includes(`job ${line.jobId}: verification failed`));
  await between.stop();
});

test('without the stream of events it asks again and again', async () => {
  const between = await proxy((request, response, upstream) => {
    if (!request.url.startsWith('/v1/download/subscribe/')) return false;
    upstream.destroy();
    response.writeHead(502).end();
    return true;
  });
  const out = path.join(await emptyFolder(), 'f');
  const { code, stderr } = await longhaul(
    ['get', 1, '--simulate', '{"durationMs":2500,"size":7}', '-o', out, '--url', between.url]);
  assert.equal(code, 0, stderr);
  assert.equal((await stat(out)).size, 7);
  assert.equal(between.seen.filter(({ path: p }) => p.startsWith('/v1/download/subscribe/')).length, 2);
  await between.stop();
});

test('a stream that breaks is taken up where it was', async () => {
  let streams = 0;
  const between = await proxy((request, response, upstream) => {
    if (!request.url.startsWith('/v1/download/subscribe/') || streams++ > 0) return false;
    response.writeHead(200, upstream.headers);
    upstream.once('data', (chunk) => response.write(chunk.toString().replace('retry: 3000', 'retry: 10'), () => response.destroy()));
    return true;
  });
  const out = path.join(await emptyFolder(), 'f');
  const { code, stderr } = await longhaul(
    ['get', 1, '--simulate', '{"durationMs":1500,"size":7}', '-o', out, '--url', between.url]);
  assert.equal(code, 0, stderr);
  const opened = between.seen.filter(({ path: p }) => p.startsWith('/v1/download/subscribe/'));
  assert.equal(opened.length, 2);
  assert.match(opened[1].headers['last-event-id'], /^[1-9]\d*$/);
  await between.stop();
});

const jsonLines = (text) => text.trimEnd().split('\n').map((line) => JSON.parse(line));

test('--json has a line for each file, of a refused one the server\'s problem; stderr says which', async () => {
  for (const command of ['get', 'start']) {
    const { code, stdout, stderr } = await longhaul([command, 1, 2, '--json', '--sha256', 'beef']);
    assert.equal(code, 3);
    assert.deepEqual(jsonLines(stdout).map((line) => [line.file_id, line.error.code, line.error.status, line.jobId]),
      [[1, 'VALIDATION_FAILED', 400, undefined], [2, 'VALIDATION_FAILED', 400, undefined]]);
    for (const id of [1, 2]) assert.match(stderr, new RegExp(`file ${id}: VALIDATION_FAILED: `));
    const archive = await longhaul([command, 1, 2, '--json', '--archive', '--sha256', 'beef']);
    assert.deepEqual(jsonLines(archive.stdout).map((line) => [line.file_ids, line.error.code]), [[[1, 2], 'VALIDATION_FAILED']]);
    assert.match(archive.stderr, /archive of 2 files: VALIDATION_FAILED: /);
  }
  const absent = '0'.repeat(27);
  const gone = await longhaul(['get', '--json', '--job', absent]);
  assert.deepEqual([gone.code, jsonLines(gone.stdout).map((line) => [line.jobId, line.error.code])], [3, [[absent, 'JOB_NOT_FOUND']]]);
  const [port] = await freePorts(1);
  const nobody = await longhaul(['get', 1, 2, '--json', '--timeout', '1', '--url', `http://127.0.0.1:${port}`]);
  assert.equal(nobody.code, 4);
  assert.deepEqual(jsonLines(nobody.stdout), [{ file_id: 1, error: { code: 'NO_ANSWER', title: 'There was no usable answer of the server' } }]);
  assert.match(nobody.stderr, /1 further file ids were not begun/);
});

test('a place that is not there is found before a job is started', async () => {
  const user = ['--user', 'cli place'];
  const out = await emptyFolder();
  for (const place of ['none/x/y', 'none/']) {
    const { code, stderr } = await longhaul(['get', 2, '-o', path.join(out, 'no', place), ...user]);
    assert.equal(code, 6, stderr);
    assert.match(stderr, /No such file or directory/);
  }
  await writeFile(path.join(out, 'file'), '');
  const below = await longhaul(['get', 2, '-o', path.join(out, 'file/x'), ...user]);
  assert.deepEqual([below.code, below.stdout], [6, '']);
  assert.match(below.stderr, /file is no folder/);
  assert.equal((await longhaul(['list', ...user, '--json'])).stdout, '');
});

test('--delay has the server\'s limit', async () => {
  const over = await longhaul(['start', 2, '--delay', 604801]);
  assert.equal(over.code, 2);
  assert.match(over.stderr, /604800/);
  const most = await longhaul(['start', 2, '--delay', 604800]);
  assert.equal(most.code, 0, most.stderr);
  await client.cancel(most.stdout.trim());
});

test('a failing job: 1, with its code', async () => {
  const out = await emptyFolder();
  const { code, stdout, stderr } = await longhaul(['get', 1, '--simulate', JSON.stringify(FAILS), '-o', out]);
  assert.deepEqual([code, stdout], [1, '']);
  assert.match(stderr, /SOURCE_NOT_FOUND/);
  assert.deepEqual(await readdir(out), []);
});

test('Ctrl-C leaves the job running and says how to come back', async () => {
  const out = path.join(await emptyFolder(), 'my file.bin');
  const call = begin(['get', 1, '--simulate', '{"durationMs":4000,"size":1000}', '-o', out]);
  const [, jobId] = await until('job id', () => /^job (\S+)\n/.exec(call.stderr));
  await client.running(jobId);
  call.child.kill('SIGINT');
  const { code, stdout, stderr } = await call.end;
  assert.deepEqual([code, stdout], [130, '']);
  assert.ok(stderr.includes(`longhaul get --job ${jobId} -o '${out}'\n`), stderr);
  assert.equal((await client.status(jobId)).json.status, 'running');
  assert.equal((await longhaul(['get', '--job', jobId, '-o', out])).code, 0);
  assert.equal((await stat(out)).size, 1000);
});

test('--json: each line of stdout is a document', async () => {
  const out = await emptyFolder();
  const lines = ({ stdout }) => stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
  const got = lines(await longhaul(['get', 1, 2, '--json', '-o', out]));
  assert.deepEqual(got.map((line) => [line.status, line.file_id, line.size, line.sha256, line.verified]), [
    ['completed', 1, big.length, sha256(big), true], ['completed', 2, small.length, sha256(small), true]]);
  const [started] = lines(await longhaul(['--json', 'start', 2]));
  assert.equal(started.status, 'queued');
  const watched = lines(await longhaul(['--json', 'status', started.jobId, '--watch']));
  assert.equal(watched.at(-1).status, 'completed');
  assert.equal(lines(await longhaul(['--json', 'status', started.jobId]))[0].jobId, started.jobId);
  const [link] = lines(await longhaul(['--json', 'link', started.jobId]));
  assert.ok(link.url.startsWith(`${base}/v1/download/files/`));
  const failed = await longhaul(['get', 1, '--json', '-o', out, '--simulate', JSON.stringify(FAILS)]);
  assert.equal(failed.code, 1);
  assert.deepEqual([lines(failed)[0].status, lines(failed)[0].error.code], ['failed', 'SOURCE_NOT_FOUND']);
});

test('start, status, cancel, retry, rm: one job through all of them', async () => {
  const start = await longhaul(['start', 1, '--delay', 600, '--simulate', '{"size":5}']);
  const jobId = start.stdout.trim();
  assert.match((await longhaul(['status', jobId])).stdout, /^status +queued$/m);
  assert.equal((await longhaul(['link', jobId])).code, 3);
  assert.equal((await longhaul(['rm', jobId])).code, 3);
  assert.equal((await longhaul(['cancel', jobId])).stdout, `${jobId}  canceled\n`);
  assert.equal((await longhaul(['status', jobId, '--watch'])).code, 1);
  assert.equal((await longhaul(['retry', jobId])).stdout, `${jobId}  queued\n`);
  await client.terminal(jobId);
  assert.equal((await longhaul(['rm', jobId])).code, 0);
  assert.equal((await longhaul(['status', jobId])).code, 3);
});

test('of several jobs, a refusal names its own, also in JSON, and keeps no other back', async () => {
  for (const [command, code, good] of [['cancel', 'JOB_NOT_FOUND', 'canceled'], ['retry', 'JOB_NOT_FOUND', 'queued'],
    ['rm', 'JOB_NOT_FOUND', 'removed']]) {
    const absent = '0'.repeat(26);
    const fresh = async () => {
      const jobId = await client.submit({ file_id: 1, options: { delaySeconds: 600, simulate: {} } });
      if (command !== 'cancel') await client.cancel(jobId);
      return jobId;
    };
    const jobId = await fresh();
    const plain = await longhaul([command, absent, jobId]);
    assert.equal(plain.code, 3);
    assert.equal(plain.stdout, `${jobId}  ${good}\n`);
    assert.match(plain.stderr, new RegExp(`${absent}: ${code}: `));
    const other = await fresh();
    const { stdout } = await longhaul([command, '--json', absent, other]);
    const [refused, done, ...rest] = stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.deepEqual([refused.jobId, refused.error.code, refused.error.status], [absent, code, 404]);
    assert.equal(done.jobId, other);
    assert.deepEqual(rest, []);
  }
});

test('a folder that is not there is made, its parents are not', async () => {
  const out = path.join(await emptyFolder(), 'new');
  assert.equal((await longhaul(['get', 2, '-o', `${out}/`])).code, 0);
  assert.equal((await readdir(out)).length, 1);
  const deep = await longhaul(['get', 2, '-o', path.join(out, 'a/b/')]);
  assert.equal(deep.code, 6);
  assert.match(deep.stderr, /No such file/);
  const [file] = await readdir(out);
  assert.equal((await longhaul(['get', 2, 2, '-o', path.join(out, file)])).code, 2);
});

test('the value of an option is no command to bash\'s completion', async () => {
  const { stdout } = await longhaul(['completion', 'bash']);
  const script = `${stdout}\nCOMP_WORDS=(longhaul --user list get --fo); COMP_CWORD=4; _longhaul; echo "\${COMPREPLY[*]}"`;
  assert.equal(spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout, '--format\n');
});

// Every option of --help stands in the man page, and none that --help does not have.
test('the man page and docs/cli.md know the options and commands of --help', async () => {
  const man = (await readFile(path.join(ROOT, 'docs/man/longhaul.1'), 'utf8')).replaceAll('\\-', '-');
  const page = await readFile(path.join(ROOT, 'docs/cli.md'), 'utf8');
  const general = (await longhaul(['--help'])).stdout;
  const commands = [...general.split('Options')[0].matchAll(/^ {2}([a-z]+)/gm)].map((match) => match[1]);
  const optionsOf = (text) => [...text.matchAll(/(?<![\w-])--([a-z][a-z0-9-]+)/g)].map((match) => match[1]);
  const helps = await Promise.all(commands.map(async (command) => (await longhaul([command, '--help'])).stdout));
  const known = new Set([general, ...helps].flatMap((help) => [...help.matchAll(/^ +(?:-\w, )?--([a-z0-9-]+)/gm)].map((match) => match[1])));
  assert.ok(commands.length === 11 && known.size > 20, `${commands} ${[...known]}`);
  assert.deepEqual([...known].filter((name) => !optionsOf(man).includes(name)), []);
  for (const text of [man, page]) assert.deepEqual(optionsOf(text).filter((name) => !known.has(name) && name !== 'auth'), []);
  for (const command of commands) assert.ok(new RegExp(`\\b${command}\\b`).test(man) && page.includes(`\`${command}`), command);
});

test('the same --idempotency-key starts one job', async () => {
  const args = ['start', 2, '--idempotency-key', `key-${process.pid}`];
  const first = await longhaul(args);
  assert.equal(first.code, 0, first.stderr);
  assert.equal((await longhaul(args)).stdout, first.stdout);
});

test('list: pages, filters, and what to say for the next page', async () => {
  const ids = [];
  for (let i = 0; i < 5; i++) ids.unshift(await client.submit({ file_id: 2, userId: 'cli list' }));
  for (const jobId of ids) await client.completed(jobId);
  const failed = await client.submit({ file_id: 2, userId: 'cli list', options: { simulate: FAILS } });
  await client.terminal(failed);
  const user = ['--user', 'cli list'];
  const idsOf = ({ code, stdout, stderr }) => {
    assert.equal(code, 0, stderr);
    return stdout.split('\n').filter(Boolean).map((line) => JSON.parse(line).jobId);
  };
  const all = await longhaul(['list', '--json', '--all', '--limit', '2', ...user]);
  assert.deepEqual(idsOf(all), [failed, ...ids]);
  assert.equal(all.stderr, '');
  const page = await longhaul(['list', '--json', '--limit', '4', '--status', 'completed', ...user]);
  assert.deepEqual(idsOf(page), ids.slice(0, 4));
  const cursor = /--cursor (\S+), or --all/.exec(page.stderr)[1];
  assert.deepEqual(idsOf(await longhaul(['list', '--json', '--status', 'completed', '--cursor', cursor, ...user])), ids.slice(4));
  assert.deepEqual(idsOf(await longhaul(['list', '--json', '--status', 'failed,canceled', ...user])), [failed]);
  const table = await longhaul(['list', ...user]);
  assert.match(table.stdout, new RegExp(`${failed}  failed`));
  assert.match(table.stdout, /completed +100% .*b\.txt$/m);
  assert.deepEqual(idsOf(await longhaul(['list', '--json', '--user', 'nobody'])), []);
  const wrong = await longhaul(['list', '--cursor', 'x']);
  assert.equal(wrong.code, 3);
  assert.match(wrong.stderr, /BAD_REQUEST: cursor/);
});

test('history: changes and attempts', async () => {
  const jobId = await client.simulate({ failAttempts: 1, errorCode: 'WORKER_LOST' });
  await client.completed(jobId);
  const { code, stdout, stderr } = await longhaul(['history', '--json', jobId]);
  assert.equal(code, 0, stderr);
  const events = stdout.trimEnd().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(events.map((event) => event.status), ['queued', 'running', 'queued', 'running', 'completed']);
  const table = await longhaul(['history', jobId]);
  assert.match(table.stdout, /queued {5}queued .* 1  worker-1 +WORKER_LOST/);
  const gone = await longhaul(['history', '0'.repeat(27)]);
  assert.equal(gone.code, 3);
  assert.match(gone.stderr, /JOB_NOT_FOUND/);
});

test('doctor finds a whole stack in order, and a missing one not', async () => {
  const good = await longhaul(['doctor', '--admin-url', stack.admin()]);
  assert.equal(good.code, 0, good.stdout);
  assert.deepEqual(good.stdout.trimEnd().split('\n').map((line) => line.slice(0, 4).trim()), ['ok', 'ok', 'ok', 'ok']);
  const [port] = await freePorts(1);
  assert.equal((await longhaul(['doctor', '--url', `http://127.0.0.1:${port}`])).code, 4);
});
