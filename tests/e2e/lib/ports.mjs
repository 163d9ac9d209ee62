// Ports of 127.0.0.1 for programs that are told theirs.
//
// From below those that the kernel gives to outgoing connections: such a connection could take a program's port before it
// listens, or while it starts again, and who calls where nobody listens could be connected to itself. And from blocks:
// whoever has one listens on its first port, to the end of the process, so that two tests at a time never have the same.
import net from 'node:net';

const LOWEST = 11_000; // above all that browsers refuse to speak HTTP to
const END = 32_768; // where Linux' ip_local_port_range begins
const BLOCK = 64;
const BLOCKS = Math.floor((END - LOWEST) / BLOCK);

let next = 0, end = 0; // what is left of this process' block

// A server on this port, or undefined where somebody has it.
function listen(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.on('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server));
  });
}

async function isFree(port) {
  const server = await listen(port);
  await new Promise((resolve) => (server ? server.close(resolve) : resolve()));
  return Boolean(server);
}

async function takeBlock() {
  const start = Math.floor(Math.random() * BLOCKS);
  for (let i = 0; i < BLOCKS; i++) {
    const first = LOWEST + ((start + i) % BLOCKS) * BLOCK;
    const held = await listen(first);
    if (!held) continue;
    held.unref();
    [next, end] = [first + 1, first + BLOCK];
    return;
  }
  throw new Error('no free ports');
}

// The first of `count` ports in a row (the gateways of one stack count up): given to nobody else.
async function give(count) {
  if (count >= BLOCK) throw new Error(`${count} ports in a row`);
  for (;;) {
    if (next + count > end) await takeBlock();
    const first = next;
    next += count;
    const free = await Promise.all(Array.from({ length: count }, (_, i) => isFree(first + i)));
    if (free.every(Boolean)) return first;
  }
}

let turn = Promise.resolve(); // one at a time
export function freePortRange(count) {
  const given = turn.then(() => give(count));
  turn = given.catch(() => {});
  return given;
}

export async function freePorts(count) {
  const first = await freePortRange(count);
  return Array.from({ length: count }, (_, i) => first + i);
}
