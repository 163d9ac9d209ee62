// idle: waits nearly all of its time, so it may run beside others.
// A reader that does not read: its stream is closed after 30 s, and its backlog stays bounded.
import { describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const READERS = 10;
const BACKLOG_MAX = 64 * 1024;
const CLOSED_WITHIN_MS = 120_000; // until the buffers of both kernels are full, and 30 s more

async function gauge(stack, name) {
  const { text } = await call(`${stack.admin()}/metrics`);
  return Number(new RegExp(`^${name}(?:{[^}]*})? ([0-9.e+]+)$`, 'm').exec(text)?.[1]);
}
const streams = (stack) => gauge(stack, 'longhaul_gateway_streams');

// The longest send queue of the gateway's connections, in bytes, as the kernel counts it.
async function longestBacklog(stack) {
  const port = stack.port.toString(16).toUpperCase().padStart(4, '0');
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((row) => row.trim().split(/\s+/));
  return Math.max(...rows.filter((r) => r[1]?.endsWith(`:${port}`)).map((r) => parseInt(r[4].split(':')[0], 16)));
}

// Opens a stream and never reads. Node cannot choose a socket's receive buffer, and the kernel's own
// choice takes minutes to fill, so Perl (part of every Debian) holds the socket.
const NEVER_READS = `
  use Socket;
  socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
  setsockopt($s, SOL_SOCKET, SO_RCVBUF, 4096) or die;
  connect($s, sockaddr_in($ARGV[0], inet_aton('127.0.0.1'))) or die;
  syswrite($s, "GET $ARGV[1] HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n");
  <STDIN>;`;
const openStuck = (stack, path) =>
  spawn('perl', ['-e', NEVER_READS, String(stack.port), path], { stdio: ['pipe', 'ignore', 'inherit'] });

async function startStack(t) {
  const stack = await Stack.start({ 'allow-simulate': true, 'gateway-threads': 1, slots: 256 });
  t.after(() => stack.destroy());
  return stack;
}

// Stuck readers of `path` come beside the streams that are there, and are closed; `present` is called
// when all are there.
async function comeAndGo(t, stack, path, present = () => {}) {
  const before = await streams(stack);
  const stuck = Array.from({ length: READERS }, () => openStuck(stack, path));
  t.after(() => stuck.forEach((reader) => reader.kill()));
  await until('all are there', async () => (await streams(stack)) === before + READERS);
  await present();
  let backlog = 0;
  await until('the stuck ones are closed', async () => {
    backlog = Math.max(backlog, await longestBacklog(stack));
    return (await streams(stack)) === before;
  }, CLOSED_WITHIN_MS);
  assert.ok(backlog > 0 && backlog <= BACKLOG_MAX, `${backlog} bytes waited for a stuck reader`);
}

// Each waits for the same 30 s, so they wait together, on a stack each.
describe('readers that do not drain', { concurrency: true }, () => {
  test('are closed, one that does is not', { timeout: CLOSED_WITHIN_MS + 60_000 }, async (t) => {
    const stack = await startStack(t);
    const client = new Client(stack.url());
    // It has bytes, so that each of its reports is news.
    const jobId = await client.simulate({ durationMs: 280_000, progressMs: 100, size: 50_000_000 }, { timeoutSeconds: 300 });
    await client.running(jobId);
    const reader = await client.events(jobId);
    await comeAndGo(t, stack, `/v1/download/subscribe/${jobId}`);
    const last = reader.ids.at(-1);
    await until('the other one goes on', () => reader.ids.at(-1) > last);
    assert.equal(reader.cut, false);
  });

  test('of 200 jobs are closed, and have no more waiting for them than others',
    { timeout: CLOSED_WITHIN_MS + 60_000 }, async (t) => {
      const stack = await startStack(t);
      const client = new Client(stack.url());
      const ids = await Promise.all(Array.from({ length: 200 }, () =>
        client.simulate({ durationMs: 250_000, progressMs: 250, size: 50_000_000 }, { timeoutSeconds: 300 })));
      const jobs = () => gauge(stack, 'longhaul_gateway_stream_jobs');
      await comeAndGo(t, stack, `/v1/download/subscribe?${ids.map((id) => `jobId=${id}`).join('&')}`, async () => {
        assert.equal(await jobs(), READERS * ids.length);
      });
      assert.equal(await jobs(), 0, 'and their jobs are let go');
    });
});
