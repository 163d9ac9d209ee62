// A user with more jobs than one stream has places for, a client that reads slowly, and Redis away:
// jobs end in the middle of a send, and looking for others to take their places fails at once. And who
// gets the places.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Client } from './lib/client.mjs';
import { Follower } from './lib/follower.mjs';
import { call } from './lib/http.mjs';
import { parse } from './lib/sse.mjs';
import { Stack } from './lib/stack.mjs';
import { until, within } from './lib/wait.mjs';

const PLACES = 200;
const WAVE = 40; // jobs that are canceled one after the other
const FIRST_SEEN = 15; // of the first wave when the client pauses: far from all, with what is buffered
let stack, client;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, 'gateway-threads': 1, slots: 8 },
    { LONGHAUL_USER_ACTIVE_MAX: '1000', LONGHAUL_HEARTBEAT_S: '1' });
  client = new Client(stack.url());
});
after(() => stack?.destroy());

// Reads 4 KiB for each line it is given. Node cannot choose a socket's receive buffer.
const READS_WHEN_TOLD = `
  use Socket;
  socket(my $s, PF_INET, SOCK_STREAM, 0) or die;
  setsockopt($s, SOL_SOCKET, SO_RCVBUF, 4096) or die;
  connect($s, sockaddr_in($ARGV[0], inet_aton('127.0.0.1'))) or die;
  syswrite($s, "GET $ARGV[1] HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n");
  while (<STDIN>) { sysread($s, my $bytes, 4096) or exit 0; syswrite(STDOUT, $bytes); }`;

class SlowReader {
  constructor(path) {
    this.child = spawn('perl', ['-e', READS_WHEN_TOLD, String(stack.port), path], { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdin.on('error', () => {}); // it has ended
    this.ended = once(this.child, 'exit').then(() => undefined);
    this.text = '';
    this.seen = new Map(); // job id -> statuses
  }

  async read() {
    const bytes = Promise.race([once(this.child.stdout, 'data'), this.ended]);
    this.child.stdin.write('\n');
    const got = await within('bytes of the stream', bytes);
    assert.ok(got, 'the stream broke');
    this.text += got[0].toString();
    for (let end; (end = this.text.indexOf('\n\n')) >= 0; this.text = this.text.slice(end + 2)) {
      const { data } = parse(this.text.slice(0, end));
      if (data === undefined) continue;
      const { jobId, status } = JSON.parse(data);
      this.seen.set(jobId, (this.seen.get(jobId) ?? new Set()).add(status));
    }
  }

  async readUntil(holds) {
    while (!holds()) await this.read();
  }

  sawAll(ids, status) { return ids.every((id) => this.seen.get(id)?.has(status)); }
  count(ids, status) { return ids.filter((id) => this.seen.get(id)?.has(status)).length; }
  close() { this.child.kill(); }
}

const submit = (userId = 'u1') => client.submit({ file_id: 1, userId, options: { delaySeconds: 600, simulate: {} } });
const AT_ONCE = 10;
// So many jobs that wait, by age.
async function submitAll(count, userId) {
  const ids = [];
  while (ids.length < count) ids.push(...await Promise.all(Array.from({ length: AT_ONCE }, () => submit(userId))));
  return ids.sort();
}
async function cancelEach(ids) {
  for (let i = 0; i < ids.length; i += AT_ONCE) await Promise.all(ids.slice(i, i + AT_ONCE).map((id) => client.cancel(id)));
}

// Canceled, and known to be so by the gateway's only loop: another stream of it was told.
async function cancelAll(ids) {
  const follower = new Follower(() => `${client.api}/subscribe?${ids.map((id) => `jobId=${id}`).join('&')}`);
  for (const id of ids) await client.cancel(id);
  for (const id of ids) await follower.saw(id, 'canceled');
  await follower.done;
}

test('jobs end in a send while Redis is away: the stream goes on, and the others come in later', async (t) => {
  const ids = await submitAll(PLACES);
  const [first, second] = [ids.slice(0, WAVE), ids.slice(WAVE, 2 * WAVE)];
  const reader = new SlowReader('/v1/download/subscribe?userId=u1&named=1');
  t.after(() => reader.close());
  await reader.readUntil(() => reader.count(ids, 'queued') > 0);
  const late = await submit(); // there is no place for it
  await cancelAll(first);
  await reader.readUntil(() => reader.count(first, 'canceled') >= FIRST_SEEN);
  await cancelAll(second); // in line behind ends of the first wave
  const gateway = await stack.pid('gateway-1');
  const runner = await stack.signal('run', 'SIGSTOP'); // starts nothing again
  t.after(() => process.kill(runner, 'SIGCONT'));
  await stack.signal('redis', 'SIGKILL');
  await until('the gateway noticed', async () => (await call(`${stack.admin()}/readyz`)).status === 503);
  await reader.readUntil(() => reader.sawAll([...first, ...second], 'canceled'));
  assert.equal((await call(`${stack.admin()}/healthz`)).status, 200);
  process.kill(runner, 'SIGCONT');
  await reader.readUntil(() => reader.seen.has(late));
  assert.equal(await stack.pid('gateway-1'), gateway);
  await stack.awaitReady(); // the broker as well: the next test asks it
});

test('jobs that wait for a place get it before those that began later, and none is missed', async (t) => {
  const old = await submitAll(PLACES + 30, 'u2');
  const follower = new Follower(() => `${client.api}/subscribe?userId=u2`);
  t.after(() => follower.stop());
  await until('as many as there are places', () => follower.seen.size === PLACES);
  const late = await submitAll(60, 'u2'); // with these, the 30 that wait are not among the newest
  await cancelEach(old.slice(-40));
  await until('those that waited', () => old.every((id) => follower.seen.has(id)));
  assert.ok(late.filter((id) => follower.seen.has(id)).length <= 10);
  await cancelEach(late); // most of them have no place while they are active
  await cancelEach(old.slice(0, -40));
  for (const jobId of [...old, ...late]) await follower.saw(jobId, 'canceled');
  for (const jobId of old) follower.assertExact(jobId, await stack.record(jobId));
  for (const jobId of late) follower.assertExact(jobId, await stack.record(jobId), { whole: true });
});
