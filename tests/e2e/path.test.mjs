// From request to file: real bytes through gateway, broker, worker, store and back.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Client } from './lib/client.mjs';
import { digest, call } from './lib/http.mjs';
import { Origin, Pattern, sha256 } from './lib/origin.mjs';
import { Stack, temporaryFolder } from './lib/stack.mjs';

const BIG_BYTES = 300 * (1 << 20);
const BIG_LIMIT_MS = 120_000;
const UMLAUTS = 'Übergröße – Prüf bericht 2026.pdf';
const small = Buffer.from('hello, file\n'.repeat(1000));
const big = new Pattern(BIG_BYTES);
const stall = { size: 200_000, first: 1000 };
const catalogue = [];
const ids = {}; // name of a source -> its file_id
let origin, stack, client, folder, stalled, retried = 0;

function source(name, url, rest = {}) {
  const id = catalogue.length + 1;
  catalogue.push({ file_id: id, url, ...rest });
  ids[name] = id;
}

function describeSources() {
  source('small', origin.bytes('/small.txt', small, { 'content-type': 'text/plain; charset=utf-8' }));
  source('empty', origin.bytes('/empty.bin', Buffer.alloc(0)));
  source('big', origin.pattern('/big.bin', big));
  source('umlauts', origin.bytes('/u', small), { fileName: UMLAUTS, contentType: 'application/pdf' });
  source('encoded', origin.bytes('/a%20file%20%C3%A4.txt', small));
  source('disposition', origin.bytes('/d', small, {
    'content-disposition': "attachment; filename=\"plain.txt\"; filename*=UTF-8''sch%C3%B6n.txt" }));
  for (const code of [403, 404, 500]) source(code, origin.status(`/status-${code}`, code));
  source('short', origin.short('/short', 100_000, 4_000));
  source('private', 'http://[::1]:1/refused-by-address');
  source('checksum', origin.bytes('/checksum', small), { sha256: '0'.repeat(64) });
  stalled = origin.stalling('/stall', stall.size, stall.first);
  source('stall', stalled.url);
  source('flaky', origin.on('/flaky', (_, response) => {
    retried++;
    if (retried === 1) response.writeHead(503, { 'retry-after': '1' }).end();
    else response.writeHead(200, { 'content-length': small.length }).end(small);
  }));
}

before(async () => {
  origin = await Origin.start();
  describeSources();
  folder = await temporaryFolder();
  const file = path.join(folder, 'catalogue.jsonl');
  await writeFile(file, catalogue.map((entry) => JSON.stringify(entry)).join('\n') + '\n');
  stack = await Stack.start({ catalog: file, 'source-allow': '127.0.0.0/8' }, { LONGHAUL_STALL_S: '2' });
  client = new Client(stack.url());
});

after(async () => {
  await stack?.destroy();
  await origin?.stop();
  await rm(folder, { recursive: true, force: true });
});

const failure = async (name, options = { maxAttempts: 1 }) => {
  const job = await client.terminal(await client.submit({ file_id: ids[name], options }));
  assert.equal(job.status, 'failed', JSON.stringify(job));
  return job;
};

test('a file arrives as it left: bytes, size, digest, name, type', async () => {
  const reply = await client.initiate({ file_id: ids.small, options: {}, userId: 'u1' });
  assert.equal(reply.status, 202);
  const { jobId } = reply.json;
  assert.deepEqual(reply.json, { jobId, status: 'queued' });
  assert.equal(reply.headers.location, `/v1/download/status/${jobId}`);
  assert.equal(reply.headers['retry-after'], '1');
  const job = await client.completed(jobId);
  assert.equal(job.progress, 100);
  assert.equal(job.stage, 'done');
  assert.equal(job.userId, 'u1');
  assert.equal(job.file_id, ids.small);
  assert.equal(job.result.size, small.length);
  assert.equal(job.result.sha256, sha256(small));
  assert.equal(job.result.fileName, 'small.txt');
  const file = await call(client.link(job.result.url));
  assert.equal(file.status, 200);
  assert.deepEqual(file.bytes, small);
  assert.match(file.headers['content-type'], /^text\/plain/);
  const record = await stack.record(jobId);
  assert.equal(record.status, 'completed');
  assert.equal(record.fileId, String(ids.small));
  assert.ok(record.artifactKey);
});

test('a file of 300 MB arrives whole', { timeout: BIG_LIMIT_MS + 60_000 }, async () => {
  const expected = big.sha256;
  const jobId = await client.submit({ file_id: ids.big, options: { sha256: expected } });
  const stream = await client.events(jobId);
  const job = await client.completed(jobId, BIG_LIMIT_MS);
  assert.equal(job.result.size, BIG_BYTES);
  assert.equal(job.result.sha256, expected);
  const file = await digest(client.link(job.result.url));
  assert.equal(file.size, BIG_BYTES);
  assert.equal(file.sha256, expected);
  await stream.finish();
  const percents = stream.messages.map((frame) => JSON.parse(frame.data).progress);
  assert.equal(percents.at(-1), 100);
  for (const { status, progress } of stream.messages.map((frame) => JSON.parse(frame.data))) {
    assert.ok(status === 'completed' || progress === null || progress < 100, `${status} ${progress}`);
  }
});

test('an empty file is a file', async () => {
  const job = await client.completed(await client.submit({ file_id: ids.empty }));
  assert.equal(job.result.size, 0);
  assert.equal(job.result.sha256, sha256(''));
  const file = await call(client.link(job.result.url));
  assert.equal(file.status, 200);
  assert.equal(file.headers['content-length'], '0');
  assert.equal(file.bytes.length, 0);
});

const NAMES = [
  ['umlauts', {}, UMLAUTS],
  ['encoded', {}, 'a file ä.txt'],
  ['disposition', {}, 'schön.txt'],
  ['small', { fileName: 'mein Bericht – größer.txt' }, 'mein Bericht – größer.txt'],
  ['small', { fileName: '../../etc/pass"wd' }, null],
];

for (const [name, options, expected] of NAMES) {
  test(`names with spaces and umlauts survive: ${name} ${JSON.stringify(options)}`, async () => {
    const job = await client.completed(await client.submit({ file_id: ids[name], options }));
    const { headers, bytes } = await call(client.link(job.result.url));
    assert.deepEqual(bytes, small);
    const disposition = headers['content-disposition'];
    assert.match(disposition, /^attachment; filename="[\x20-\x7e]*"/);
    assert.equal(headers['x-content-type-options'], 'nosniff');
    const extended = /filename\*=UTF-8''([^;]+)/.exec(disposition)?.[1];
    const given = extended ? decodeURIComponent(extended) : /filename="([^"]*)"/.exec(disposition)[1];
    assert.equal(given, job.result.fileName);
    if (expected) assert.equal(given, expected);
    assert.doesNotMatch(given, /[/\\"]/);
  });
}

test('an id that the catalogue does not have fails SOURCE_NOT_FOUND, once', async () => {
  const job = await client.terminal(await client.submit({ file_id: 987654321 }));
  assert.equal(job.status, 'failed');
  assert.equal(job.error.code, 'SOURCE_NOT_FOUND');
  assert.equal(job.error.retryable, false);
  assert.equal(job.attempts, 1);
});

test('404 at the source is final', async () => {
  const job = await failure(404, {});
  assert.deepEqual([job.error.code, job.error.retryable], ['SOURCE_NOT_FOUND', false]);
  assert.equal(origin.count('/status-404'), 1);
});

test('403 at the source is final', async () => {
  const job = await failure(403, {});
  assert.deepEqual([job.error.code, job.error.retryable], ['SOURCE_FORBIDDEN', false]);
  assert.equal(origin.count('/status-403'), 1);
});

test('500 at the source is tried again, and waits as queued with nextAttemptAt', async () => {
  const jobId = await client.submit({ file_id: ids[500], options: { maxAttempts: 2 } });
  const waiting = await client.until(jobId, 'waiting', (job) => job.nextAttemptAt !== undefined);
  assert.equal(waiting.status, 'queued');
  assert.equal(waiting.attempts, 1);
  const job = await client.terminal(jobId);
  assert.deepEqual([job.status, job.error.code, job.error.retryable], ['failed', 'SOURCE_UNREACHABLE', true]);
  assert.equal(job.attempts, 2);
  assert.equal(job.nextAttemptAt, undefined);
  assert.equal(origin.count('/status-500'), 2);
});

test('503 once, then the file: completed at the second attempt', async () => {
  const job = await client.completed(await client.submit({ file_id: ids.flaky }));
  assert.equal(job.attempts, 1);
  assert.equal(job.result.size, small.length);
});

test('a body shorter than it promised is not a file', async () => {
  const job = await failure('short');
  assert.deepEqual([job.error.code, job.error.retryable], ['SOURCE_UNREACHABLE', true]);
  assert.equal(job.result, undefined);
});

test('bytes with another digest than the catalogue says are not stored', async () => {
  const job = await failure('checksum');
  assert.equal(job.error.code, 'CHECKSUM_MISMATCH');
});

test('bytes with another digest than the client says fail for good', async () => {
  const options = { sha256: 'ab'.repeat(32) };
  const job = await client.terminal(await client.submit({ file_id: ids.small, options }));
  assert.deepEqual([job.status, job.error.code, job.attempts], ['failed', 'CHECKSUM_MISMATCH', 1]);
});

test('a source that stops sending fails SOURCE_STALLED', async () => {
  const job = await failure('stall');
  assert.equal(job.error.code, 'SOURCE_STALLED');
});

test('a source at an address that is not allowed is refused', async () => {
  const job = await failure('private', {});
  assert.equal(job.error.code, 'SOURCE_FORBIDDEN');
  assert.equal(job.attempts, 1);
});

test('what failed leaves nothing in the store', async () => {
  const visible = new Set(await stack.objects());
  const keys = (await stack.redis('--raw', 'keys', 'download:job:*')).split('\n');
  for (const key of keys) {
    const artifact = await stack.redis('--raw', 'hget', key, 'artifactKey');
    visible.delete(path.basename(artifact));
  }
  assert.deepEqual([...visible], []);
});

test('a line added to the catalogue counts from the next job on, however its file is called', async () => {
  const names = [['../../../etc/passwd', 'passwd'], ['..', 'small.txt'], ['a\u202egpj.exe', 'agpj.exe'],
    [`${'x'.repeat(300)}.txt`, null]];
  for (const [fileName, expected] of names) {
    source(`named ${fileName}`, catalogue[ids.small - 1].url, { fileName });
    await writeFile(path.join(folder, 'catalogue.jsonl'),
      catalogue.map((entry) => JSON.stringify(entry)).join('\n') + '\n');
    const job = await client.completed(await client.submit({ file_id: ids[`named ${fileName}`] }));
    if (expected) assert.equal(job.result.fileName, expected);
    assert.ok(Buffer.byteLength(job.result.fileName) <= 255);
  }
});
