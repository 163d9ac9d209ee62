// A source of files with every virtue and vice a test needs, on a free port of 127.0.0.1.
import http from 'node:http';
import { createHash, randomBytes } from 'node:crypto';

const MIB = 1 << 20;

// Endless-looking bytes that are not periodic in any buffer size: a random MiB, and in front of each
// copy its number.
export class Pattern {
  constructor(sizeBytes) {
    this.size = sizeBytes;
    this.block = randomBytes(MIB);
  }

  * chunks() {
    for (let at = 0, i = 0; at < this.size; at += MIB, i++) {
      const chunk = Buffer.from(this.block);
      chunk.writeUInt32LE(i, 0);
      yield chunk.subarray(0, Math.min(MIB, this.size - at));
    }
  }

  get sha256() {
    const hash = createHash('sha256');
    for (const chunk of this.chunks()) hash.update(chunk);
    return hash.digest('hex');
  }
}

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

export class Origin {
  static start() {
    return new Promise((resolve) => {
      const origin = new Origin();
      origin.server.listen(0, '127.0.0.1', () => resolve(origin));
    });
  }

  constructor() {
    this.routes = new Map();
    this.requests = []; // { path, range } in the order they came
    this.server = http.createServer((request, response) => {
      const { pathname } = new URL(request.url, 'http://origin');
      this.requests.push({ path: pathname, range: request.headers.range });
      const route = this.routes.get(pathname);
      if (route) route(request, response);
      else response.writeHead(404).end('no such file');
    });
  }

  get url() { return `http://127.0.0.1:${this.server.address().port}`; }
  count(path) { return this.requests.filter((request) => request.path === path).length; }

  stop() {
    this.server.closeAllConnections?.();
    return new Promise((resolve) => this.server.close(resolve));
  }

  // Half of it; the rest when the function that this gives is called.
  inHalves(path, bytes) {
    let rest = () => {};
    this.on(path, (_, response) => {
      response.writeHead(200, { 'content-length': bytes.length });
      response.write(bytes.subarray(0, bytes.length / 2));
      rest = () => response.end(bytes.subarray(bytes.length / 2));
    });
    return () => rest();
  }

  on(path, handler) {
    this.routes.set(path, handler);
    return this.url + path;
  }

  bytes(path, body, headers = {}) {
    return this.on(path, (_, response) => {
      response.writeHead(200, { 'content-length': body.length, ...headers }).end(body);
    });
  }

  pattern(path, pattern) {
    return this.on(path, async (_, response) => {
      response.writeHead(200, { 'content-length': pattern.size });
      for (const chunk of pattern.chunks()) {
        if (response.destroyed) return;
        if (!response.write(chunk)) await new Promise((go) => response.once('drain', go).once('close', go));
      }
      response.end();
    });
  }

  status(path, code, headers = {}) {
    return this.on(path, (_, response) => response.writeHead(code, headers).end('refused'));
  }

  // Promises `promised` bytes, sends `sent`, and closes the connection.
  short(path, promised, sent) {
    return this.on(path, (_, response) => {
      response.writeHead(200, { 'content-length': promised });
      response.write(Buffer.alloc(sent, 'x'), () => response.socket.end());
    });
  }

  // Sends `first` bytes of `size`, then nothing; the rest when `release` is called.
  stalling(path, size, first) {
    const waiting = [];
    this.on(path, (_, response) => {
      response.writeHead(200, { 'content-length': size });
      response.write(Buffer.alloc(first, 's'));
      waiting.push(() => response.end(Buffer.alloc(size - first, 's')));
    });
    return { url: this.url + path, release: () => waiting.splice(0).forEach((go) => go()) };
  }

  // `size` bytes in steps of `step` each `everyMs`.
  dripping(path, size, step, everyMs) {
    return this.on(path, (_, response) => {
      response.writeHead(200, { 'content-length': size });
      let sent = 0;
      const timer = setInterval(() => {
        const next = Math.min(step, size - sent);
        response.write(Buffer.alloc(next, 'd'));
        sent += next;
        if (sent >= size) { clearInterval(timer); response.end(); }
      }, everyMs);
      response.on('close', () => clearInterval(timer));
    });
  }
}
