// The rows of raw.test.mjs, damaged at random: the gateway lives, every reply can be read, and a
// marker behind the damage is answered as itself or not at all. The seed is printed; a run is repeated
// with LONGHAUL_FUZZ_SEED, and made longer with LONGHAUL_FUZZ_RUNS.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { call } from './lib/http.mjs';
import { Client } from './lib/client.mjs';
import { bytesOf, RawConnection, readReplies } from './lib/raw.mjs';
import { get, NOOP, TABLES } from './lib/raw_cases.mjs';
import { checkReply, drive } from './lib/raw_driver.mjs';
import { Stack } from './lib/stack.mjs';

const SEED = Number(process.env.LONGHAUL_FUZZ_SEED ?? 20_261_128);
const RUNS = Number(process.env.LONGHAUL_FUZZ_RUNS ?? 4000);
const AT_ONCE = 8;
const BYTES_MAX = 100_000;
let stack;

before(async () => { stack = await Stack.start({ 'allow-simulate': true, slots: 4 }); });
after(() => stack?.destroy());

// mulberry32: small, and the same on every machine.
function generator(seed) {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6D2B79F5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

const BASES = Object.values(TABLES).flat().map(([, bytes]) => bytes)
  .filter((bytes) => bytes.length < 10_000 && !bytes.startsWith('HEAD'));
const WORDS = ['\r\n', '\n', '\r', '\r\n\r\n', '\0', ' ', '\t', ':', ',', ';', '%', '%2f', '%00', '/', '//', '../', '?', '#', '*',
  'GET ', 'POST ', ' HTTP/1.1', ' HTTP/1.0', 'Host: x\r\n', 'Content-Length: 0\r\n', 'Content-Length: 9\r\n',
  'Transfer-Encoding: chunked\r\n', 'Connection: close\r\n', 'Expect: 100-continue\r\n', 'Upgrade: h2c\r\n', '0\r\n\r\n',
  'ffffffff\r\n', '5\r\nhello\r\n', '{', '}', '[', '"', '\\u0000', '\\ud800', '1e999', '-0', 'null', '\xff', '\xc3\xa4', '\ufeff'];

const MUTATIONS = [
  (bytes, at, random) => bytes.slice(0, at) + String.fromCharCode(random(256)) + bytes.slice(at + 1),
  (bytes, at) => bytes.slice(0, at) + bytes.slice(at + 1),
  (bytes, at, random) => bytes.slice(0, at) + WORDS[random(WORDS.length)] + bytes.slice(at),
  (bytes, at, random) => bytes.slice(0, at) + bytes.slice(at + random(40)),
  (bytes, at, random) => bytes.slice(0, at + random(60)) + bytes.slice(at),
  (bytes, at, random) => bytes.slice(0, at) + BASES[random(BASES.length)].slice(random(200)),
  (bytes, at, random) => bytes.slice(0, at) + bytes.slice(at, at + 1).repeat(random(3000)) + bytes.slice(at),
  (bytes) => bytes + bytes,
];

function damaged(random) {
  let bytes = BASES[random(BASES.length)];
  for (let left = 1 + random(4); left > 0; left--) {
    bytes = MUTATIONS[random(MUTATIONS.length)](bytes, random(bytes.length + 1), random).slice(0, BYTES_MAX);
  }
  return bytes;
}

// Sends the bytes and the marker, then no more: whatever is incomplete ends there.
async function runOne(bytes, id) {
  const connection = await RawConnection.open(stack.port);
  connection.socket.end(bytesOf(bytes + get('/v1/download/status/marker', `X-Request-Id: ${id}`)));
  await connection.when('the connection to end', () => connection.closed);
  const replies = readReplies(connection.text);
  replies.forEach(checkReply);
  const marked = replies.filter((reply) => reply.headers['x-request-id'] === id);
  assert.ok(marked.length <= 1, 'one marker, one answer');
  if (marked.length === 0) return { replies: replies.length, marked: 0 };
  assert.equal(replies.at(-1), marked[0], 'nothing behind the marker');
  // Damage that is a head without its end takes the marker's headers for its own.
  return { replies: replies.length, marked: marked[0].body.includes('"/v1/download/status/marker"') ? 1 : 0 };
}

async function runLane(lane, totals) {
  for (let i = lane; i < RUNS; i += AT_ONCE) {
    const bytes = damaged(generator(SEED + i));
    if (bytes.includes('HEAD ')) continue; // the reader would not know which replies have no body
    try {
      const { replies, marked } = await runOne(bytes, `fuzz-${i}`);
      totals.replies += replies;
      totals.marked += marked;
    } catch (error) {
      throw new Error(`LONGHAUL_FUZZ_SEED=${SEED + i} LONGHAUL_FUZZ_RUNS=1, ${JSON.stringify(bytes)}: ${error.message}`, { cause: error });
    }
  }
}

test(`${RUNS} damaged requests, seed ${SEED}`, async (t) => {
  const pid = await stack.pid('gateway-1');
  const totals = { replies: 0, marked: 0 };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, lane) => runLane(lane, totals)));
  t.diagnostic(`${totals.replies} replies, ${totals.marked} markers answered`);
  assert.ok(RUNS < 100 || (totals.replies > RUNS / 2 && totals.marked > RUNS / 20));
  assert.equal(await stack.pid('gateway-1'), pid, 'the gateway is the one that began');
  assert.equal((await call(`${stack.admin()}/livez`)).status, 200);
  assert.equal((await drive(stack.port, get('/v1/none'))).said, '404 NOT_FOUND, open');
  const client = new Client(stack.url());
  await client.completed(await client.submit(NOOP));
});
