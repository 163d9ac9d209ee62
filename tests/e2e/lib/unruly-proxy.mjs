// An HTTP proxy with bad habits, in front of a gateway: cuts connections, keeps streams back, refuses,
// lies about the time. Serves pages of its own beside it, so that they have the API's origin.
import http from 'node:http';

export class UnrulyProxy {
  static async start(target, pages = {}) {
    const proxy = new UnrulyProxy(target, pages);
    await new Promise((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  constructor(target, pages) {
    Object.assign(this, { target, pages });
    this.requests = []; // { method, url, headers, body }
    this.refusals = []; // { match, status, headers, times }
    this.buffering = false; // streams are kept back until they end
    this.dateShiftMs = 0;
    this.sockets = new Set();
    this.streams = new Set(); // answers of /subscribe that are open
    this.server = http.createServer((request, response) => this.take(request, response));
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  get url() { return `http://127.0.0.1:${this.server.address().port}`; }
  asked(pattern) { return this.requests.filter(({ method, url }) => pattern.test(`${method} ${url}`)); }
  refuse(refusal) { this.refusals.push({ times: 1, headers: {}, ...refusal }); }
  cut() { for (const socket of this.sockets) socket.destroy(); }

  async close() {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async take(request, response) {
    const { method, url, headers } = request;
    const page = this.pages[url.split('?')[0]];
    if (page) return response.writeHead(200, { 'content-type': page.type }).end(page.text);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    this.requests.push({ method, url, headers, body: body.toString() });
    const refusal = this.refusals.find(({ match, times }) => times > 0 && match.test(`${method} ${url}`));
    if (refusal) {
      refusal.times--;
      return response.writeHead(refusal.status, refusal.headers).end();
    }
    this.forward({ method, url, headers, body }, response);
  }

  forward({ method, url, headers, body }, response) {
    const upstream = http.request(`${this.target}${url}`, { method, headers, agent: false }, (answer) => {
      const stream = /\/subscribe/.test(url);
      if (stream) this.streams.add(response);
      const date = new Date(Date.parse(answer.headers.date) + this.dateShiftMs).toUTCString();
      const answerHeaders = { ...answer.headers, ...(answer.headers.date && { date }) };
      if (stream && this.buffering) {
        const held = [];
        answer.on('data', (chunk) => held.push(chunk));
        answer.on('end', () => response.writeHead(answer.statusCode, answerHeaders).end(Buffer.concat(held)));
      } else {
        response.writeHead(answer.statusCode, answerHeaders);
        answer.pipe(response);
      }
      answer.on('error', () => response.destroy());
    });
    response.on('close', () => {
      this.streams.delete(response);
      upstream.destroy();
    });
    upstream.on('error', () => response.destroy());
    upstream.end(body);
  }
}
