// options.format and file_ids, through the whole stack: what is made, refused, and left behind.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Origin, sha256 } from './lib/origin.mjs';
import { Stack, temporaryFolder } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const exec = promisify(execFile);
const MIB = 1 << 20;
const MANY = 1000;
const PACKED_WITHIN_MS = 120_000; // instrumented builds on a busy machine
const report = Buffer.from(Array.from({ length: 700_001 }, (_, i) => (i * i) % 251));
const tiny = Buffer.from('tiny');
const noise = randomBytes(24 * MIB);
// What each id is. A catalogue of lines, so that every kind of source is there.
const IDS = { report: 1, twin: 2, empty: 3, local: 4, noise: 5, drip: 6, unsized: 7, short: 8, broken: 9, nowhere: 404 };
let origin, stack, client, folder, root, catalog, files = 0;

before(async () => {
  folder = await temporaryFolder();
  root = path.join(folder, 'root');
  await mkdir(root);
  await writeFile(path.join(root, 'lokal ä.bin'), report);
  await writeFile(path.join(root, 'noise'), noise);
  origin = await Origin.start();
  origin.bytes('/report.pdf', report, {
    'content-type': 'application/pdf', 'last-modified': 'Wed, 21 Oct 2015 07:28:00 GMT' });
  origin.bytes('/tiny', tiny);
  origin.bytes('/empty', Buffer.alloc(0));
  origin.dripping('/drip', 1 << 30, 1 << 20, 50);
  origin.on('/unsized', (_, response) => { response.writeHead(200); response.end(report); });
  origin.short('/short', 2_000_000, 1_000_000);
  origin.status('/broken', 500);
  const lines = [
    { file_id: IDS.report, url: `${origin.url}/report.pdf` },
    { file_id: IDS.twin, url: `${origin.url}/report.pdf`, fileName: 'REPORT.pdf', size: report.length, sha256: sha256(report) },
    { file_id: IDS.empty, url: `${origin.url}/empty`, fileName: '../../empty file' },
    { file_id: IDS.local, url: `file://${root}/lokal%20%C3%A4.bin` },
    { file_id: IDS.noise, url: `file://${root}/noise` },
    ...['drip', 'unsized', 'short', 'broken'].map((name) => ({ file_id: IDS[name], url: `${origin.url}/${name}` })),
    ...Array.from({ length: MANY }, (_, i) => ({ file_id: 10_000 + i, url: `${origin.url}/tiny`, fileName: 'same.pdf' })),
  ];
  catalog = path.join(folder, 'catalogue.jsonl');
  await writeFile(catalog, lines.map((line) => JSON.stringify(line)).join('\n'));
  stack = await Stack.start({ catalog, 'source-allow': '127.0.0.0/8', 'allow-simulate': true },
    { LONGHAUL_SOURCE_ROOT: root, TZ: 'WEST+11' });
  client = new Client(stack.url());
});

after(async () => {
  await stack?.destroy();
  await origin?.stop();
  if (folder) await rm(folder, { recursive: true, force: true });
});

const partial = async () => (await readdir(path.join(stack.store(), 'tmp'))).filter((name) => name.endsWith('.part'));

// The job's end, and the file of its link where it is one: { job, headers, bytes, file }.
async function made(body) {
  const job = await client.completed(await client.submit(body), PACKED_WITHIN_MS);
  const reply = await call(client.link(job.result.url));
  assert.equal(reply.status, 200);
  assert.equal(reply.bytes.length, job.result.size);
  assert.equal(sha256(reply.bytes), job.result.sha256);
  const file = path.join(folder, `made-${files++}`);
  await writeFile(file, reply.bytes);
  return { job, headers: reply.headers, bytes: reply.bytes, file };
}

// [name, size, sha256] of each member, as Python reads the archive.
async function members(file) {
  const script = `
import hashlib, json, sys, tarfile, zipfile
if zipfile.is_zipfile(sys.argv[1]):
    z = zipfile.ZipFile(sys.argv[1])
    have = [(i.filename, z.read(i)) for i in z.infolist()]
else:
    z = tarfile.open(sys.argv[1])
    have = [(i.name, z.extractfile(i).read()) for i in z]
print(json.dumps([[n, len(b), hashlib.sha256(b).hexdigest()] for n, b in have]))`;
  const { stdout } = await exec('python3', ['-c', script, file], { maxBuffer: 16 * MIB });
  return JSON.parse(stdout);
}
const is = (name, bytes) => [name, bytes.length, sha256(bytes)];

test('a combination that cannot be is refused at its member', async () => {
  const digest = 'a'.repeat(64);
  for (const [body, pointer] of [
    [{ file_id: 1, file_ids: [1, 2] }, '/file_ids'],
    [{}, '/file_id'],
    [{ file_ids: [] }, '/file_ids'],
    [{ file_ids: [1, 1] }, '/file_ids/1'],
    [{ file_ids: Array.from({ length: MANY + 1 }, (_, i) => i + 1) }, '/file_ids'],
    [{ file_ids: [1], options: { format: 'original' } }, '/options/format'],
    [{ file_ids: [1, 2], options: { format: 'gzip' } }, '/options/format'],
    [{ file_ids: [1, 2], options: { format: 'zstd' } }, '/options/format'],
    [{ file_ids: [1, 2], options: { sha256: digest } }, '/options/sha256'],
    [{ file_id: 1, options: { format: 'rar' } }, '/options/format'],
  ]) {
    const { status, json } = await client.initiate(body);
    assert.deepEqual([status, json.code, json.pointer], [400, 'VALIDATION_FAILED', pointer], JSON.stringify(json));
  }
  const { json } = await client.initiate({ file_id: 1, file_ids: [1, 2] });
  assert.match(json.detail, /exactly one of file_id and file_ids/);
});

test('one file in each format: name, type and bytes follow it', async () => {
  for (const [format, extension, type] of [
    ['gzip', 'gz', 'application/gzip'], ['zstd', 'zst', 'application/zstd'],
    ['zip', 'zip', 'application/zip'], ['tar', 'tar', 'application/x-tar'],
  ]) {
    const { job, headers, bytes, file } = await made({ file_id: IDS.report, options: { format } });
    assert.deepEqual([job.result.fileName, job.result.contentType], [`report.pdf.${extension}`, type]);
    assert.equal(headers['content-type'], type);
    assert.ok(headers['content-disposition'].includes(`report.pdf.${extension}`));
    assert.deepEqual([job.file_id, job.bytesDone, job.bytesTotal, job.stage], [IDS.report, job.result.size, job.result.size, 'done']);
    if (format === 'gzip') assert.deepEqual(gunzipSync(bytes), report);
    else if (format === 'zstd') await exec('zstd', ['-tq', file]);
    else assert.deepEqual(await members(file), [is('report.pdf', report)]);
  }
});

test('original is what it always was', async () => {
  const { job, bytes } = await made({ file_id: IDS.report, options: { format: 'original' } });
  assert.deepEqual([job.result.fileName, job.result.contentType], ['report.pdf', 'application/pdf']);
  assert.deepEqual(bytes, report);
});

test('an archive has all files, each under a safe name of its own', async () => {
  const file_ids = [IDS.local, IDS.report, IDS.twin, IDS.empty];
  const want = [is('lokal ä.bin', report), is('report.pdf', report), is('REPORT (2).pdf', report), is('empty file', Buffer.alloc(0))];
  const zip = await made({ file_ids });
  assert.deepEqual([zip.job.result.fileName, zip.job.result.contentType], ['download.zip', 'application/zip']);
  assert.equal(zip.job.file_id, IDS.local);
  assert.deepEqual(await members(zip.file), want);
  await exec('unzip', ['-tq', zip.file]);
  const tar = await made({ file_ids, options: { format: 'tar', fileName: 'all of it' } });
  assert.deepEqual([tar.job.result.fileName, tar.job.result.contentType], ['all of it', 'application/x-tar']);
  assert.deepEqual(await members(tar.file), want);
  const { stdout } = await exec('tar', ['-tvf', tar.file], { env: { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' } });
  assert.match(stdout, /2015-10-21 07:28 report\.pdf/);
  assert.deepEqual(await partial(), []);
});

test('the same files make the same archive', async () => {
  const body = { file_ids: [IDS.report, IDS.empty] };
  assert.equal((await made(body)).job.result.sha256, (await made(body)).job.result.sha256);
});

test('they are the same on a machine in another time zone', async () => {
  const body = { file_ids: [IDS.report, IDS.empty] };
  const here = await made(body);
  const east = await Stack.start({ catalog, 'source-allow': '127.0.0.0/8' }, { TZ: 'EAST-13:30', LONGHAUL_SOURCE_ROOT: root });
  try {
    const there = new Client(east.url());
    const job = await there.completed(await there.submit(body), PACKED_WITHIN_MS);
    assert.equal(job.result.sha256, here.job.result.sha256);
  } finally {
    await east.destroy();
  }
  const script = 'import sys, zipfile; print([i.date_time for i in zipfile.ZipFile(sys.argv[1]).infolist()])';
  const { stdout } = await exec('python3', ['-c', script, here.file]);
  assert.equal(stdout.trim(), '[(2015, 10, 21, 7, 28, 0), (1980, 1, 1, 0, 0, 0)]', 'times are UTC');
});

test('a file whose size nobody knows goes into a zip and into a tar', async () => {
  for (const format of ['zip', 'tar']) {
    const { file } = await made({ file_ids: [IDS.unsized, IDS.report], options: { format } });
    assert.deepEqual(await members(file), [is('unsized', report), is('report.pdf', report)], format);
  }
});

test('a thousand files of one name make one archive', { timeout: 2 * PACKED_WITHIN_MS }, async () => {
  const file_ids = Array.from({ length: MANY }, (_, i) => 10_000 + i);
  const { file } = await made({ file_ids });
  const have = await members(file);
  assert.deepEqual(have[0], is('same.pdf', tiny));
  assert.deepEqual(have[MANY - 1], is(`same (${MANY}).pdf`, tiny));
  assert.equal(new Set(have.map(([name]) => name)).size, MANY);
});

test('a missing file fails the archive at once and is named', async () => {
  const before = origin.requests.length;
  const job = await client.terminal(await client.submit({ file_ids: [IDS.report, IDS.nowhere] }));
  assert.deepEqual([job.status, job.error.code, job.attempts], ['failed', 'SOURCE_NOT_FOUND', 1]);
  assert.match(job.error.message, /^File 404: /);
  assert.equal(origin.requests.length, before);
});

test('a source that fails in the middle fails the archive and leaves nothing', async () => {
  const before = await stack.objects();
  for (const bad of [IDS.short, IDS.broken]) {
    const jobId = await client.submit({ file_ids: [IDS.report, bad], options: { maxAttempts: 1 } });
    const job = await client.terminal(jobId);
    assert.deepEqual([job.status, job.error.code], ['failed', 'SOURCE_UNREACHABLE']);
    assert.ok(job.error.message.startsWith(`File ${bad}: `), job.error.message);
  }
  await until('no half file', async () => (await partial()).length === 0);
  assert.deepEqual(await stack.objects(), before);
});

test('sha256 is the digest of the source, whatever is made of it', async () => {
  const right = await made({ file_id: IDS.report, options: { format: 'gzip', sha256: sha256(report) } });
  assert.notEqual(right.job.result.sha256, sha256(report));
  const wrong = await client.terminal(await client.submit({ file_id: IDS.report, options: { format: 'zip', sha256: 'a'.repeat(64) } }));
  assert.deepEqual([wrong.status, wrong.error.code, wrong.error.retryable], ['failed', 'CHECKSUM_MISMATCH', false]);
});

test('progress counts the sources, only grows, and ends below 100 until it is done', async () => {
  const total = noise.length + report.length;
  const jobId = await client.submit({ file_ids: [IDS.noise, IDS.local] });
  const events = await client.events(jobId, { query: '?named=1' });
  await events.finish(PACKED_WITHIN_MS);
  const seen = events.named('progress').map((frame) => JSON.parse(frame.data));
  for (let i = 0; i < seen.length; i++) {
    assert.equal(seen[i].bytesTotal, total);
    assert.ok(seen[i].bytesDone <= total && seen[i].progress <= 99, JSON.stringify(seen[i]));
    assert.ok(i === 0 || seen[i].bytesDone >= seen[i - 1].bytesDone);
    assert.ok(['fetching', 'packing'].includes(seen[i].stage), seen[i].stage);
  }
  assert.equal(JSON.parse(events.named('result')[0].data).progress, 100);
});

test('archives at the same time lose no lease', { timeout: 2 * PACKED_WITHIN_MS }, async () => {
  const body = { file_ids: [IDS.noise, IDS.report] };
  const ids = await Promise.all(Array.from({ length: 4 }, () => client.submit(body)));
  for (const jobId of ids) {
    const job = await client.completed(jobId, PACKED_WITHIN_MS);
    assert.equal(job.attempts, 0);
    const record = await stack.record(jobId);
    assert.equal(record.transitions.filter(({ status }) => status === 'r').length, 1, record.log);
  }
});

test('a cancel in the middle is heeded within 2 s and leaves nothing', async () => {
  const before = await stack.objects();
  for (const body of [{ file_ids: [IDS.report, IDS.drip] }, { file_id: IDS.drip, options: { format: 'zstd' } }]) {
    const jobId = await client.submit(body);
    await client.until(jobId, 'moving', (job) => job.bytesDone > report.length);
    assert.equal((await client.cancel(jobId)).status, 202);
    await client.until(jobId, 'canceled', (job) => job.status === 'canceled', 2000);
  }
  await until('no half file', async () => (await partial()).length === 0);
  assert.deepEqual(await stack.objects(), before);
});

test('a worker that dies while it packs: another attempt makes it', async () => {
  const jobId = await client.submit({ file_ids: [IDS.noise, IDS.local] });
  await client.running(jobId);
  await stack.killAndAwaitSuccessor('worker-1');
  const job = await client.completed(jobId, PACKED_WITHIN_MS);
  assert.deepEqual(await members(await fetched(job)), [is('noise', noise), is('lokal ä.bin', report)]);
  await until('no half file', async () => (await partial()).length === 0);
});

async function fetched(job) {
  const file = path.join(folder, `made-${files++}`);
  await writeFile(file, (await call(client.link(job.result.url))).bytes);
  return file;
}

test('a simulated job makes its own bytes, whatever is asked of them', async () => {
  for (const body of [{ file_ids: [1, 2, 3] }, { file_id: 1, options: { format: 'gzip' } }]) {
    const { job } = await made({ ...body, options: { ...body.options, simulate: { size: 1234 } } });
    assert.equal(job.result.size, 1234);
  }
});
