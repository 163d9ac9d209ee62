// Calls held against docs/openapi.yaml by `prism proxy --errors`. On where LONGHAUL_E2E_PRISM is the origin of one
// (tests/contract/lib/described.mjs starts it); LONGHAUL_E2E_PRISM_COUNTS names a file for what was counted here.
//
// Prism only judges. A call that it passes on comes back to this process, which then makes it just as the test wants it,
// with headers, bytes and addresses that a proxy could not pass on; the reply goes back through prism, and the
// test gets the one of the gateway. A reply that is not as described fails the test. A request that is not as
// described (tests send such on purpose) does not come out of prism: the gateway must refuse it too.
import { appendFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { call, relayCalls } from './http.mjs';

const PRISM = process.env.LONGHAUL_E2E_PRISM;
export const CALL = 'x-relayed-call'; // header: which call of its process this is
export const BACK = 'x-relay-back'; // header: the port on which that process waits for it
// Prism reads one after the other: what a test asks more at once is a race or a crowd, and must stay one.
const RELAYED_AT_ONCE = 8;
const BYTES_MAX = 1 << 20; // of a reply: prism takes any bytes for text, and copies them
const REDIRECTS = [301, 302, 303, 307, 308];
// Any path may give these, as the document's head says; prism knows only what stands in an operation.
const ON_EVERY_PATH = [400, 404, 405, 413, 414, 417, 431];
const LATE = /^not within/; // lib/wait.mjs: prism may pass it on yet
const NO_SUCH_STATUS = /^Unable to match the returned status code/;
const counts = { relayed: 0, refused: 0, around: 0, faults: [] };
const gateways = new Set(); // origins
const pending = new Map(); // number of a call -> { url, options, made, around }
let numbers = 0, back;

export const wanted = PRISM !== undefined;

// From now on calls to this origin are judged.
export async function judge(gateway) {
  gateways.add(gateway);
  back ??= listen();
  await back;
}

export const leave = (gateway) => gateways.delete(gateway);

function listen() {
  relayCalls(relay);
  process.on('exit', () => {
    const file = path.basename(process.argv[1]);
    appendFileSync(process.env.LONGHAUL_E2E_PRISM_COUNTS, `${JSON.stringify({ file, ...counts })}\n`);
  });
  const server = http.createServer(makeCall).unref();
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

// What prism passed on, and its way back.
function makeCall(request, response) {
  request.resume();
  const one = pending.get(request.headers[CALL]);
  if (!one) return void response.destroy(); // it took so long that nobody waits any more
  one.made = call(one.url, { ...one.options, direct: true });
  one.made.then((reply) => {
    one.around = REDIRECTS.includes(reply.status) || reply.bytes.length > BYTES_MAX; // it would follow, or choke
    if (one.around) return response.destroy();
    const { 'content-length': _, 'transfer-encoding': __, ...headers } = reply.headers;
    return response.writeHead(reply.status, { ...headers, connection: 'close' }).end(reply.bytes);
  }).catch(() => response.destroy());
}

// Methods that no document describes path by path, bodies that prism refuses to pass on, and names that are not those of the
// document (all begin with a small letter) but the same to prism, which does not mind the case of letters in a query.
function goesAround({ search }, { method = 'GET', body }) {
  return method === 'HEAD' || method === 'OPTIONS' || (method === 'GET' && body !== undefined) || /[?&][A-Z]/.test(search);
}

async function relay(url, options = {}) {
  const target = new URL(url);
  if (!gateways.has(target.origin)) return undefined;
  if (goesAround(target, options) || pending.size >= RELAYED_AT_ONCE) {
    counts.around++;
    return undefined;
  }
  const number = String(++numbers), one = { url, options };
  pending.set(number, one);
  try {
    const said = await call(url.replace(target.origin, PRISM), await forPrism(options, number)).catch((error) => ({ error }));
    return one.made ? judged(one, said, await one.made) : await refused(one, said);
  } finally {
    pending.delete(number);
  }
}

// With a length: prism takes a body without one for none.
async function forPrism({ method, headers = {}, body }, number) {
  const pairs = Array.isArray(headers) ? headers.flatMap((name, i) => (i % 2 ? [] : [[name.toLowerCase(), headers[i + 1]]]))
    : Object.entries(headers);
  const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return { method, body, direct: true,
    headers: { ...length, ...Object.fromEntries(pairs), [CALL]: number, [BACK]: await back } };
}

const about = ({ url, options }) => `${options.method ?? 'GET'} ${url}`;

// Kept as well as thrown: a test that waits for something may ask again and be content.
function fault(text) {
  counts.faults.push(text);
  return new Error(text);
}

function judged(one, said, reply) {
  if (one.around) {
    counts.around++;
    return reply;
  }
  const faults = faultsOf(said, reply);
  if (faults) throw fault(`${about(one)}: ${reply.status} not as described: ${faults}`);
  counts.relayed++;
  return reply;
}

function faultsOf(said, reply) {
  if (said.error) return `${said.error}`;
  if (said.status !== reply.status) return said.text || String(said.status);
  const text = said.headers['sl-violations'] ?? '[]';
  if (!text.startsWith('[')) return text;
  const faults = JSON.parse(text).filter(({ location, message }) => location[0] === 'response' &&
    !(NO_SUCH_STATUS.test(message) && ON_EVERY_PATH.includes(reply.status)));
  return faults.length > 0 ? JSON.stringify(faults) : undefined;
}

async function refused(one, said) {
  if (LATE.test(said.error?.message)) throw fault(`${about(one)}: not judged: ${said.error}`);
  const reply = await call(one.url, { ...one.options, direct: true });
  if (reply.status < 400 || reply.status >= 500) {
    throw fault(`${about(one)}: ${reply.status}, and the description refuses it: ${said.text ?? said.error}`);
  }
  counts.refused++;
  return reply;
}
