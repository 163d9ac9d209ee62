// A relay of TCP connections: counts them, and keeps what went to the far side.
import net from 'node:net';

export class Relay {
  static start(toPort) {
    const relay = new Relay(toPort);
    return new Promise((resolve) => relay.server.listen(0, '127.0.0.1', () => resolve(relay)));
  }

  constructor(toPort) {
    this.connections = 0;
    this.sent = '';
    this.open = new Set();
    this.server = net.createServer((near) => {
      this.connections++;
      const far = net.connect(toPort, '127.0.0.1');
      near.on('data', (bytes) => { this.sent += bytes.toString('latin1'); });
      near.pipe(far).pipe(near);
      for (const [one, other] of [[near, far], [far, near]]) {
        this.open.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => { this.open.delete(one); other.destroy(); });
      }
    });
  }

  get port() { return this.server.address().port; }

  // Heads of the requests so far, header names in lower case: [{ [name]: value }].
  get heads() {
    return [...this.sent.matchAll(/^[A-Z]+ \S+ HTTP\/1\.[01]\r\n(.*?)\r\n\r\n/gms)].map(([, head]) => (
      Object.fromEntries(head.split('\r\n').map((line) => {
        const colon = line.indexOf(':');
        return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
      }))));
  }

  stop() {
    this.open.forEach((socket) => socket.destroy());
    return new Promise((resolve) => this.server.close(resolve));
  }
}
