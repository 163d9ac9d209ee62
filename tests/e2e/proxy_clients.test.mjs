// Clients that nobody here wrote: curl, wget, and the npm package eventsource, straight to a gateway
// and through the recommended proxies.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EventSource } from 'eventsource';
import { Client } from './lib/client.mjs';
import { Command, output } from './lib/command.mjs';
import { FRONTS } from './lib/fronts.mjs';
import { Origin, Pattern, sha256 } from './lib/origin.mjs';
import { Stack, temporaryFolder } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const HELD_BYTES = 1_000_000;
const HALF = `"bytesDone":${HELD_BYTES / 2}`;
const FIRST_PART_BYTES = 1_234_567;
const pattern = new Pattern(3_000_000);

let origin, stack, direct, held, folder;
before(async () => {
  origin = await Origin.start();
  origin.pattern('/f/1', pattern);
  held = origin.stalling('/f/2', HELD_BYTES, HELD_BYTES / 2);
  stack = await Stack.start({
    catalog: `${origin.url}/f/{file_id}`, 'source-allow': '127.0.0.0/8', 'allow-simulate': true,
  }, { LONGHAUL_HEARTBEAT_S: '1' });
  direct = new Client(stack.url());
  folder = await temporaryFolder();
});
after(async () => {
  await rm(folder, { recursive: true, force: true });
  await stack?.destroy();
  await origin?.stop();
});

const file = (name) => path.join(folder, name);
const NO_PROXY = { url: undefined, destroy: () => {} };
const WAYS = {
  'straight to the gateway': () => ({ ...NO_PROXY, url: stack.url() }),
  'through nginx': () => FRONTS['nginx as recommended']([stack.port]),
  'through HAProxy': () => FRONTS['HAProxy as recommended']([stack.port]),
};

// What an EventSource shows, by type: [{ type, data, id }].
function collect(source) {
  const seen = [];
  const keep = ({ type, data, lastEventId, code }) => seen.push({ type, data: data && JSON.parse(data), id: lastEventId, code });
  for (const type of ['message', 'status', 'progress', 'result', 'error']) source.addEventListener(type, keep);
  return seen;
}
const of = (seen, type) => seen.filter((event) => event.type === type);

for (const [way, open] of Object.entries(WAYS)) {
  describe(way, () => {
    let front, client;
    before(async () => {
      front = await open();
      client = new Client(front.url);
    });
    after(() => front?.destroy());

    for (const [program, args] of [['curl', ['-sN']], ['wget', ['-qO-']]]) {
      test(`${program} shows events as they happen, and ends with the job`, async (t) => {
        const jobId = await client.submit({ file_id: 2 });
        const watching = new Command(program, [...args, `${client.api}/subscribe/${jobId}`]);
        t.after(() => watching.kill());
        await watching.says('half of it', (said) => said.includes(HALF));
        assert.equal((await direct.status(jobId)).json.status, 'running');
        held.release();
        assert.equal(await watching.end(), 0);
        assert.match(watching.said, /^retry: 3000\n\nevent: status\ndata: {/);
        assert.match(watching.said, /\nevent: result\ndata: {.*\n\nid: \d+\ndata: {.*"status":"completed".*}\n\n$/);
      });
    }

    test('curl from the request to the file', async () => {
      const accepted = JSON.parse(await output('curl', ['-sS', '--fail', `${client.api}/initiate`,
        '-H', 'Content-Type: application/json', '-H', 'Idempotency-Key: curl-1',
        '-d', '{"file_id":1,"options":{"fileName":"from curl.bin"}}']));
      await output('curl', ['-sN', `${client.api}/subscribe/${accepted.jobId}`]);
      const saved = await output('curl', ['-sSLOJ', '--fail', '-w', '%{filename_effective}',
        `${client.api}/${accepted.jobId}?redirect=1`], { cwd: folder });
      assert.equal(path.basename(saved), 'from curl.bin');
      assert.equal(sha256(await readFile(file('from curl.bin'))), pattern.sha256);
      await rm(file('from curl.bin'));
    });

    test('wget saves it under its name, umlauts too', async () => {
      const jobId = await client.submit({ file_id: 1, options: { fileName: 'Größe.bin' } });
      await client.completed(jobId);
      await output('wget', ['-q', '--content-disposition', `${client.api}/${jobId}?redirect=1`], { cwd: folder });
      assert.deepEqual(await readdir(folder), ['Größe.bin']);
      assert.equal(sha256(await readFile(file('Größe.bin'))), pattern.sha256);
      await rm(file('Größe.bin'));
    });

    for (const [program, args] of [['curl', ['-sS', '-C', '-', '-o']], ['wget', ['-qc', '-O']]]) {
      test(`${program} goes on with a part that it has`, async () => {
        const { result } = await client.completed(await client.submit({ file_id: 1 }));
        const whole = Buffer.concat([...pattern.chunks()]);
        await writeFile(file('part'), whole.subarray(0, FIRST_PART_BYTES));
        const sentBefore = await stack.metric('longhaul_gateway_file_bytes_total');
        await output(program, [...args, file('part'), client.link(result.url)]);
        assert.equal(sha256(await readFile(file('part'))), pattern.sha256);
        const sent = await stack.metric('longhaul_gateway_file_bytes_total') - sentBefore;
        assert.equal(sent, pattern.size - FIRST_PART_BYTES);
        await rm(file('part'));
      });
    }
  });
}

test('eventsource: all events; a gateway that is killed costs none; 204 stops it', async (t) => {
  const jobId = await direct.simulate(
    { durationMs: 1500, progressMs: 100, size: 2_000_000, failAttempts: 1, errorCode: 'WORKER_LOST' });
  const watching = await Promise.all(Object.entries(WAYS).map(async ([way, open]) => {
    const front = await open();
    t.after(() => front.destroy());
    const source = new EventSource(`${front.url}/v1/download/subscribe/${jobId}`);
    t.after(() => source.close());
    return { way, source, seen: collect(source) };
  }));
  for (const { seen } of watching) {
    await until('running', () => of(seen, 'status').some((event) => event.data.status === 'running'));
  }
  await stack.killAndAwaitSuccessor('gateway-1');
  for (const { way, source, seen } of watching) {
    await until(`${way}: it has stopped`, () => source.readyState === source.CLOSED);
    const { transitions, log } = await stack.record(jobId);
    const changes = of(seen, 'status').map((event) => event.data.version);
    assert.deepEqual(changes.slice(1), transitions.map((t) => t.version).filter((v) => v > changes[0]), log);
    assert.equal(of(seen, 'result').length, 1);
    const ids = of(seen, 'message').map((event) => Number(event.id));
    assert.deepEqual(ids, [...new Set(ids)].sort((a, b) => a - b));
    assert.equal(of(seen, 'error').at(-1).code, 204);
  }
  await stack.awaitReady();
});

test('eventsource: a named error has data, others have none', async () => {
  const jobId = await direct.simulate({ durationMs: 100, failAttempts: 1, errorCode: 'SOURCE_FORBIDDEN' });
  const source = new EventSource(`${direct.api}/subscribe/${jobId}`);
  const seen = collect(source);
  await until('it has stopped', () => source.readyState === source.CLOSED);
  const errors = of(seen, 'error');
  assert.deepEqual(errors.filter((event) => event.data).map((event) => event.data.error.code), ['SOURCE_FORBIDDEN']);
  assert.equal(errors.at(-1).code, 204);
});

test('eventsource gives up behind a proxy that says 502 while no gateway is there', async (t) => {
  const front = await FRONTS['nginx by default']([stack.port]);
  t.after(() => front.destroy());
  const jobId = await direct.simulate({}, { delaySeconds: 600 });
  const source = new EventSource(`${front.url}/v1/download/subscribe/${jobId}`);
  const seen = collect(source);
  await until('queued', () => of(seen, 'status').length === 1);
  const supervisor = await stack.signal('run', 'SIGSTOP'); // so that nobody starts it again too soon
  try {
    await stack.signal('gateway-1', 'SIGKILL');
    await until('it has given up', () => source.readyState === source.CLOSED);
  } finally {
    process.kill(supervisor, 'SIGCONT');
  }
  await stack.awaitReady();
  assert.equal(of(seen, 'error').at(-1).code, 502);
});
