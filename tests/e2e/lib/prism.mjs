// Calls through a proxy that holds each request and reply against docs/openapi.yaml (`prism proxy --errors`).
// On where LONGHAUL_E2E_PRISM names a file, which gets a line with the counts of each stack.
//
// A reply that is not as described fails the test. A request that is not as described (tests send such on
// purpose) is stopped by the proxy; it is then sent to the gateway itself, which must refuse it too.
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { call, freePorts, relayCalls } from './http.mjs';
import { until } from './wait.mjs';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const COUNTS = process.env.LONGHAUL_E2E_PRISM;
const OWN_ERROR = 'https://stoplight.io/prism/errors#';
const START_MS = 90_000; // reading the description takes seconds, and many times that on a busy machine
const proxies = new Map(); // a gateway's origin -> { origin, child, counts }

export const wanted = COUNTS !== undefined;

export async function startProxy(gateway) {
  relayCalls(relay);
  const [port] = await freePorts(1);
  const tool = path.join(ROOT, 'tests/node_modules/.bin/prism');
  const child = spawn(process.execPath, [tool, 'proxy', path.join(ROOT, 'docs/openapi.yaml'), gateway, '--errors',
    '-h', '127.0.0.1', '-p', String(port)], { env: { ...process.env, NO_COLOR: '1' }, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => { if (said.length < 1 << 20) said += chunk; });
  }
  await until('prism listens', () => {
    if (child.exitCode !== null) throw new Error(`prism: ${said}`);
    return said.includes('Prism is listening');
  }, START_MS);
  proxies.set(gateway, { origin: `http://127.0.0.1:${port}`, child, counts: { relayed: 0, refused: 0 } });
}

export function stopProxy(gateway) {
  const proxy = proxies.get(gateway);
  if (!proxy) return;
  proxies.delete(gateway);
  proxy.child.kill();
  appendFileSync(COUNTS, `${JSON.stringify(proxy.counts)}\n`);
}

// What the text alone says (members that stand twice, spaces) would be lost.
function isRewritten(body) {
  try {
    return body !== undefined && JSON.stringify(JSON.parse(body)) !== body;
  } catch {
    return false;
  }
}

// What the proxy cannot pass on as it is: streams, HEAD, redirects (it follows them itself), files (it takes
// their bytes for text), and bodies that it would write anew.
function goesAround({ pathname, searchParams }, { method, headers = {}, body }) {
  return method === 'HEAD' || /\/(subscribe|files)\b/.test(pathname) || searchParams.get('redirect') === '1' ||
    /text\/html/.test(headers.accept ?? '') || isRewritten(body);
}

async function relay(url, options = {}) {
  const target = new URL(url);
  const { origin } = target;
  const proxy = proxies.get(origin);
  if (!proxy || goesAround(target, options)) return undefined;
  // With a length: the proxy would announce both a length and chunks, which the gateway refuses.
  const length = options.body === undefined ? {} : { 'content-length': Buffer.byteLength(options.body) };
  const reply = await call(url.replace(origin, proxy.origin), { ...options, headers: { ...length, ...options.headers } });
  const own = reply.json?.type?.startsWith(OWN_ERROR) || reply.json?.error?.code === 'invalid_json';
  if (!own) {
    proxy.counts.relayed++;
    return reply;
  }
  if (reply.json.validation?.some((fault) => fault.location?.[0] === 'response') || reply.status >= 500) {
    throw new Error(`${options.method ?? 'GET'} ${url}: not as described: ${reply.text}`);
  }
  return refused(url, options, reply, proxy);
}

async function refused(url, options, said, proxy) {
  const reply = await call(url, { ...options, direct: true });
  if (reply.status < 400 || reply.status >= 500) {
    throw new Error(`${options.method ?? 'GET'} ${url}: ${reply.status}, and the description refuses it: ${said.text}`);
  }
  proxy.counts.refused++;
  return reply;
}
