// One file of 1 GiB from nginx to the store, and beside it what plain curl does with the same file.
import { execFile, spawn } from 'node:child_process';
import { mkdir, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { randomBytes } from 'node:crypto';
import { Client } from '../tests/e2e/lib/client.mjs';
import { call } from '../tests/e2e/lib/http.mjs';
import { freePorts } from '../tests/e2e/lib/ports.mjs';
import { Stack } from '../tests/e2e/lib/stack.mjs';
import { until } from '../tests/e2e/lib/wait.mjs';

const exec = promisify(execFile);
const MIB = 1 << 20;
const GIB_MIB = 1024;
const REPETITIONS = 3;
const PARTS = ['redis', 'broker-1', 'worker-1', 'gateway-1'];

async function makeFile(file) {
  const handle = await open(file, 'w');
  const block = randomBytes(MIB);
  for (let i = 0; i < GIB_MIB; i++) {
    block.writeUInt32LE(i, 0);
    await handle.write(block);
  }
  await handle.close();
}

async function startNginx(folder) {
  const [port] = await freePorts(1);
  const root = path.join(folder, 'origin');
  await mkdir(path.join(root, 'tmp'), { recursive: true });
  await makeFile(path.join(root, '1'));
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path ${root}/tmp/${name};`).join(' ');
  await writeFile(path.join(root, 'nginx.conf'), `daemon off; worker_processes 1; pid ${root}/pid;
error_log ${root}/error.log; ${process.getuid() === 0 ? 'user root;' : ''}
events { worker_connections 512; }
http { access_log off; sendfile on; ${temporary} default_type application/octet-stream;
  server { listen 127.0.0.1:${port}; root ${root}; } }\n`);
  const child = spawn('nginx', ['-e', `${root}/error.log`, '-c', `${root}/nginx.conf`], { stdio: 'inherit' });
  const url = `http://127.0.0.1:${port}`;
  await until('nginx answers', async () => (await call(`${url}/nothing`)).status === 404);
  return { url, stop: () => new Promise((resolve) => child.on('close', resolve) && child.kill()) };
}

async function cpuSeconds(pid) {
  const threads = await readdir(`/proc/${pid}/task`);
  let ns = 0;
  for (const thread of threads) {
    ns += Number((await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8')).split(' ')[0]);
  }
  return ns / 1e9;
}

async function cpuByPart(stack) {
  const entries = await Promise.all(PARTS.map(async (name) => [name, await cpuSeconds(await stack.pid(name))]));
  return Object.fromEntries(entries);
}

const round = (value, digits = 2) => Number(value.toFixed(digits));

async function ours(stack, client) {
  const before = await cpuByPart(stack);
  const start = Date.now();
  const jobId = await client.submit({ file_id: 1 });
  const events = await client.events(jobId, { query: '?named=1' });
  await events.finish(120_000);
  const wall = (Date.now() - start) / 1000;
  const job = await client.completed(jobId);
  const after = await cpuByPart(stack);
  const used = Object.fromEntries(PARTS.map((name) => [name, round(after[name] - before[name])]));
  return {
    test: 'transfer', size_ok: job.result.size === GIB_MIB * MIB, mib_per_s: round(GIB_MIB / wall, 0),
    measured_s: round(wall), server_cpu_s: round(Object.values(used).reduce((a, b) => a + b)),
    cpu_s_by_process: used,
  };
}

async function curl(name, command, url, folder) {
  const script = `TIMEFORMAT='%R %U %S'; time { ${command}; sync -d "$2"; }`;
  const { stderr } = await exec('bash', ['-c', script, 'x', url, path.join(folder, 'curl.out')]);
  const [wall, user, system] = stderr.trim().split(/\s+/).map(Number);
  return { test: name, mib_per_s: round(GIB_MIB / wall, 0), measured_s: wall, server_cpu_s: round(user + system) };
}

export async function transfers(folder, emit) {
  const origin = await startNginx(folder);
  const stack = await Stack.start({
    catalog: `${origin.url}/{file_id}`, 'source-allow': '127.0.0.0/8', 'gateway-threads': 1 });
  try {
    const client = new Client(stack.url());
    for (let i = 0; i < REPETITIONS; i++) {
      await emit(await ours(stack, client));
      for (const name of await stack.objects()) await rm(path.join(stack.store(), 'objects', name));
      await emit(await curl('curl', 'curl -s -o "$2" "$1/1"', origin.url, folder));
      await emit(await curl('curl+sha256', 'curl -s "$1/1" | tee "$2" | openssl dgst -sha256 >/dev/null',
        origin.url, folder));
    }
  } finally {
    await stack.destroy();
    await origin.stop();
  }
}
