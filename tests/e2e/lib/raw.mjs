// HTTP/1.1 as bytes: what a connection sends back, cut into replies by this file's own strict reader.
import net from 'node:net';
import { within } from './wait.mjs';

export const bytesOf = (text) => (Buffer.isBuffer(text) ? text : Buffer.from(text, 'latin1'));

class Incomplete extends Error {}

function readHead(text, from) {
  const end = text.indexOf('\r\n\r\n', from);
  if (end < 0) throw new Incomplete('a head without its end');
  const [first, ...lines] = text.slice(from, end).split('\r\n');
  const line = /^HTTP\/1\.1 ([1-5]\d\d) ([ -~]*)$/.exec(first);
  if (!line) throw new Error(`no status line: ${JSON.stringify(first)}`);
  const headers = {};
  for (const one of lines) {
    const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t -~\x80-\xff]*)$/.exec(one);
    if (!field) throw new Error(`no header line: ${JSON.stringify(one)}`);
    const name = field[1].toLowerCase();
    headers[name] = name in headers ? `${headers[name]}, ${field[2]}` : field[2];
  }
  return { status: Number(line[1]), reason: line[2], headers, next: end + 4 };
}

function readChunks(text, from) {
  let body = '';
  for (let at = from; ;) {
    const end = text.indexOf('\r\n', at);
    if (end < 0) throw new Incomplete('chunks without their end');
    const size = text.slice(at, end);
    if (!/^[0-9a-fA-F]+$/.test(size)) throw new Error(`no chunk size: ${JSON.stringify(size)}`);
    const length = parseInt(size, 16);
    const data = end + 2;
    if (text.length < data + length + 2) throw new Incomplete('a chunk without its end');
    if (text.slice(data + length, data + length + 2) !== '\r\n') throw new Error('a chunk longer than it says');
    if (length === 0) return { body, next: data + 2 };
    body += text.slice(data, data + length);
    at = data + length + 2;
  }
}

// One reply from `from` on; `next` is where the one behind it begins.
function readReply(text, from, { isHead, closed }) {
  const reply = readHead(text, from);
  const { status, headers, next } = reply;
  if (isHead || status < 200 || status === 204 || status === 304) return { ...reply, body: '' };
  if (headers['transfer-encoding'] === 'chunked') return { ...reply, ...readChunks(text, next) };
  if (headers['content-length'] === undefined) {
    if (!closed) throw new Incomplete('a body that ends with the connection');
    return { ...reply, body: text.slice(next), next: text.length };
  }
  const length = Number(headers['content-length']);
  if (text.length < next + length) throw new Incomplete('a body without its end');
  return { ...reply, body: text.slice(next, next + length), next: next + length };
}

// All replies in what came back, in order. methods[i] is the method of the i-th request, where known.
export function readReplies(text, { methods = [], closed = true } = {}) {
  const replies = [];
  let requests = 0;
  for (let at = 0; at < text.length;) {
    const reply = readReply(text, at, { isHead: methods[requests] === 'HEAD', closed });
    requests += reply.status >= 200 ? 1 : 0;
    replies.push(reply);
    at = reply.next;
  }
  return replies;
}

export class RawConnection {
  static async open(port) {
    const connection = new RawConnection(net.connect({ port, host: '127.0.0.1', noDelay: true }));
    await within('connect', new Promise((resolve, reject) => {
      connection.socket.once('connect', resolve);
      connection.socket.once('error', reject);
    }));
    return connection;
  }

  constructor(socket) {
    Object.assign(this, { socket, text: '', closed: false, waiting: [] });
    socket.on('data', (chunk) => { this.text += chunk.toString('latin1'); this.wake(); });
    // A reset behind a complete reply is a close: bytes that nobody will read were on their way.
    socket.on('error', () => {});
    socket.on('close', () => { this.closed = true; this.wake(); });
  }

  wake() { this.waiting = this.waiting.filter((check) => !check()); }

  send(bytes) { this.socket.write(bytesOf(bytes)); }

  // Resolves with what `probe` returns, once that is truthy.
  when(what, probe, limitMs) {
    return within(`${what}; so far ${JSON.stringify(this.text.slice(-300))}`, new Promise((resolve) => {
      const check = () => {
        const value = probe();
        if (value) resolve(value);
        return Boolean(value);
      };
      if (!check()) this.waiting.push(check);
    }), limitMs);
  }

  // The replies up to the first one that `isLast` holds for, or up to the connection's end.
  replies(methods, isLast, limitMs) {
    return this.when('replies', () => {
      try {
        const replies = readReplies(this.text, { methods, closed: this.closed });
        return this.closed || replies.some(isLast) ? replies : undefined;
      } catch (error) {
        if (error instanceof Incomplete && !this.closed) return undefined;
        throw error;
      }
    }, limitMs);
  }

  end() { this.socket.destroy(); }
}
