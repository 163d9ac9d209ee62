// A gateway for programs of other processes: what they ask goes through call(), and so through whatever answers
// calls in a test (lib/prism.mjs); streams and files are passed on as they come.
import http from 'node:http';
import { call } from './http.mjs';

const PASSED_ON = /^\/v1\/download\/(subscribe|files)\b/;

export class Front {
  static start(gateway) {
    const front = new Front(gateway);
    return new Promise((resolve) => front.server.listen(0, '127.0.0.1', () => resolve(front)));
  }

  constructor(gateway) {
    this.gateway = gateway;
    this.server = http.createServer((request, response) => {
      if (PASSED_ON.test(request.url)) this.passOn(request, response);
      else this.ask(request, response).catch(() => response.destroy());
    });
  }

  get url() { return `http://127.0.0.1:${this.server.address().port}`; }

  passOn(request, response) {
    const { method, headers } = request;
    const onward = http.request(this.gateway + request.url, { method, headers }, (reply) => {
      response.writeHead(reply.statusCode, reply.headers);
      reply.on('error', () => response.destroy()).pipe(response);
    });
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  }

  async ask(request, response) {
    const { method, headers: { connection: _, ...headers } } = request;
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = chunks.length > 0 ? Buffer.concat(chunks) : undefined;
    const reply = await call(this.gateway + request.url, { method, headers, body });
    response.writeHead(reply.status, { ...reply.headers, connection: 'close' }).end(reply.bytes);
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}
