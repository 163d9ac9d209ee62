// HTTP as it is on the wire: no redirects followed, no status turned into an exception, one
// connection a request unless an agent is given.
import http from 'node:http';
import net from 'node:net';
import { createHash } from 'node:crypto';
import { within } from './wait.mjs';

export function open(url, { method = 'GET', headers = {}, body, agent = false, localAddress } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent, localAddress }, resolve);
    request.on('error', reject);
    if (body !== undefined) request.write(body);
    request.end();
  });
}

// What answers a call in place of the server, or undefined where it does not want to (lib/prism.mjs).
let relay = async () => undefined;
export function relayCalls(through) { relay = through; }

// { status, headers, text, json }; json is undefined for anything that is not JSON.
export async function call(url, options) {
  const relayed = options?.direct ? undefined : await relay(url, options);
  if (relayed) return relayed;
  const response = await within(`answer of ${url}`, open(url, options));
  const chunks = [];
  await within(`body of ${url}`, (async () => {
    for await (const chunk of response) chunks.push(chunk);
  })());
  const bytes = Buffer.concat(chunks);
  const text = bytes.toString();
  const isJson = /^application\/(problem\+)?json/.test(response.headers['content-type'] ?? '');
  return {
    status: response.statusCode, headers: response.headers, bytes, text,
    json: isJson && text ? JSON.parse(text) : undefined,
  };
}

// Size and digest of a body, without keeping it.
export async function digest(url, options) {
  const response = await open(url, options);
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of response) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { status: response.statusCode, headers: response.headers, size, sha256: hash.digest('hex') };
}

// Bytes as they are to the port of `url`; resolves with all that comes back until the other side closes.
export function exchange(url, text, limitMs) {
  const { hostname, port } = new URL(url);
  const done = new Promise((resolve, reject) => {
    const socket = net.connect(Number(port), hostname);
    let answer = '';
    socket.on('connect', () => socket.write(text));
    socket.on('data', (chunk) => { answer += chunk; });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
  return within(`answer to raw bytes at ${url}`, done, limitMs);
}
