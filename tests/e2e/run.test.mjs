// scripts/run: options, several stacks, detach and stop, the files it lists, what it leaves behind.
import { after, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { chmod, cp, mkdir, readFile, readdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { freePortRange } from './lib/ports.mjs';
import { ROOT, Stack, alive, run, runInForeground, temporaryFolder, watch } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const folders = [];
const children = [];
const kept = (child) => {
  children.push(child);
  return child;
};
const inForeground = (args) => kept(runInForeground(args));
const newFolder = async () => {
  folders.push(await temporaryFolder());
  return folders.at(-1);
};
after(async () => {
  for (const { child, ended } of children) {
    child.kill('SIGTERM');
    await ended;
  }
  for (const folder of folders) {
    await run(['--data', folder, '--stop']);
    await rm(folder, { recursive: true, force: true });
  }
});

const childrenOf = (pid) => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
const commandOf = (pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8');

const withStack = async (options, env, use) => {
  const stack = await Stack.start(options, env);
  try {
    await use(stack, new Client(stack.url()));
  } finally {
    await stack.destroy();
  }
};

const pidsOf = async (data) => {
  const names = (await readdir(path.join(data, 'pids'))).filter((name) => name.endsWith('.pid')).sort();
  return Object.fromEntries(await Promise.all(names.map(async (name) => [
    name.replace('.pid', ''), Number(await readFile(path.join(data, 'pids', name), 'utf8'))])));
};

test('--help and --version', async () => {
  const help = await run(['--help']);
  assert.equal(help.code, 0);
  for (const option of ['port', 'admin-port', 'data', 'workers', 'slots', 'brokers', 'gateways', 'gateway-threads',
    'catalog', 'source-allow', 'files', 'allow-simulate', 'store', 'fsync', 'postgres', 'detach', 'stop']) {
    assert.match(help.stdout, new RegExp(`--${option}\\b`));
  }
  const version = await run(['--version']);
  assert.match(version.stdout, /^longhaul \d+\.\d+\.\d+\n$/);
});

const WRONG = [
  [['--bogus']], [['extra']], [['--port']], [['--port', '0']], [['--port', '70000']], [['--workers', 'two']],
  [['--fsync', 'never']], [['--store', 's3:bucket']], [['--store', 'x']], [['--postgres', 'postgres://x']],
  [['--files', '/nonexistent']], [['--catalog', '/nonexistent']], [['--port', '8080', '--admin-port', '8080']],
  [[], { LONGHAUL_WORKERS: '0' }], [['--files', '/tmp', '--catalog', 'http://x/{file_id}']],
];
for (const [args, env] of WRONG) {
  test(`wrong usage is exit 2: ${args.join(' ')} ${JSON.stringify(env ?? {})}`, async () => {
    const { code, stderr } = await run([...args, '--data', await newFolder()], env);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /^scripts\/run: /);
  });
}

test('flag over environment over default', async () => {
  await withStack({ slots: 3 }, { LONGHAUL_WORKERS: '2', LONGHAUL_SLOTS: '5' }, async (stack) => {
    const pids = await pidsOf(stack.data);
    assert.deepEqual(Object.keys(pids), ['broker-1', 'gateway-1', 'redis', 'run', 'worker-1', 'worker-2']);
    const command = await readFile(`/proc/${pids['worker-2']}/cmdline`, 'utf8');
    assert.match(command.replaceAll('\0', ' '), / --slots 3 /);
  });
});

test('--files numbers regular files by the bytes of their names, and serves them', async () => {
  const folder = await newFolder();
  const names = ['Zebra.txt', 'a b.txt', 'apfel.txt', 'Äpfel & Öl.txt', 'ü.txt'];
  for (const name of names) await writeFile(path.join(folder, name), `I am ${name}\n`);
  await writeFile(path.join(folder, '.hidden'), 'no');
  await mkdir(path.join(folder, 'folder'));
  await symlink('/etc/passwd', path.join(folder, 'link'));
  const expected = names.toSorted?.((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    ?? [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  await withStack({ files: folder }, {}, async (stack, client) => {
    const listed = stack.said.split('\n').map((line) => /^ +(\d+) {2}(.*)$/.exec(line)).filter(Boolean);
    assert.deepEqual(listed.map(([, id, name]) => [Number(id), name]), expected.map((name, i) => [i + 1, name]));
    for (const [i, name] of expected.entries()) {
      const job = await client.completed(await client.submit({ file_id: i + 1 }));
      assert.equal(job.result.fileName, name);
      const file = await call(client.link(job.result.url));
      assert.equal(file.text, `I am ${name}\n`);
    }
    const job = await client.terminal(await client.submit({ file_id: expected.length + 1 }));
    assert.equal(job.error.code, 'SOURCE_NOT_FOUND');
  });
});

test('two stacks side by side share nothing', async () => {
  await withStack({ 'allow-simulate': true }, {}, async (one, clientOne) => {
    await withStack({ 'allow-simulate': true, fsync: 'everysec' }, {}, async (two, clientTwo) => {
      const [a, b] = [await clientOne.simulate({}), await clientTwo.simulate({})];
      await Promise.all([clientOne.completed(a), clientTwo.completed(b)]);
      assert.equal((await clientTwo.status(a)).status, 404);
      assert.equal(await one.redis('config', 'get', 'appendfsync'), 'appendfsync\nalways');
      assert.equal(await two.redis('config', 'get', 'appendfsync'), 'appendfsync\neverysec');
      await two.down();
      assert.equal((await clientOne.status(a)).status, 200);
    });
    assert.equal((await call(`${one.admin()}/readyz`)).status, 200);
  });
});

test('a second start on the same data is refused and disturbs nothing', async () => {
  await withStack({}, {}, async (stack) => {
    const port = await freePortRange(2);
    const { code, stderr } = await run(['--data', stack.data, '--port', `${port}`, '--admin-port', `${port + 1}`]);
    assert.equal(code, 1);
    assert.match(stderr, /runs in .* already/);
    assert.equal((await call(`${stack.admin()}/readyz`)).status, 200);
  });
});

test('a port in use: a clear message, exit 1, nothing left running', async () => {
  const server = net.createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  const data = await newFolder();
  const admin = await freePortRange(1);
  const { code, stderr } = await run(['--data', data, '--port', `${port}`, '--admin-port', `${admin}`]);
  server.close();
  assert.equal(code, 1);
  assert.match(stderr, new RegExp(`port ${port} is in use`));
  assert.deepEqual(await pidsOf(data), {});
});

test('a program that cannot start: its message, exit 1, nothing left running', async () => {
  const bin = await newFolder();
  for (const name of ['gateway', 'broker', 'worker']) {
    await writeFile(path.join(bin, `longhaul-${name}`), '#!/bin/sh\necho I refuse >&2\nexit 1\n');
    await chmod(path.join(bin, `longhaul-${name}`), 0o755);
  }
  const data = await newFolder();
  const port = await freePortRange(2);
  const { code, stderr } = await run(
    ['--data', data, '--port', `${port}`, '--admin-port', `${port + 1}`], { LONGHAUL_BIN: bin });
  assert.equal(code, 1);
  assert.match(stderr, /I refuse/);
  assert.deepEqual(await pidsOf(data), {});
});

test('--stop ends all of it, and is content when nothing runs', async () => {
  const stack = await Stack.start({ gateways: 2, brokers: 2 });
  const pids = await pidsOf(stack.data);
  assert.deepEqual(Object.keys(pids),
    ['broker-1', 'broker-2', 'gateway-1', 'gateway-2', 'redis', 'run', 'worker-1']);
  assert.equal((await call(`${stack.admin(2)}/readyz`)).status, 200);
  assert.equal((await stack.down()).code, 0);
  for (const [name, pid] of Object.entries(pids)) assert.ok(!alive(pid), `${name} still lives`);
  assert.deepEqual(await pidsOf(stack.data), {});
  const again = await stack.destroy();
  assert.equal(again.code, 0);
  assert.match(again.stdout, /nothing runs/);
});

test('Ctrl-C in the foreground stops everything it started and loses nothing', async () => {
  const data = await newFolder();
  const port = await freePortRange(2);
  const args = ['--data', data, '--port', `${port}`, '--admin-port', `${port + 1}`, '--allow-simulate'];
  const bystander = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
  const first = inForeground(args);
  const client = new Client(`http://127.0.0.1:${port}`);
  await until('ready', () => first.said.includes('ready: http'));
  const done = await client.simulate({ size: 10 });
  await client.completed(done);
  const open = await Promise.all(Array.from({ length: 12 }, () => client.simulate({ durationMs: 8000 })));
  const waiting = await client.simulate({}, { delaySeconds: 3 });
  await client.running(open[0]);
  const pids = await pidsOf(data);
  first.child.kill('SIGINT');
  assert.equal(await first.ended, 0, first.said);
  for (const [name, pid] of Object.entries(pids)) assert.ok(!alive(pid), `${name} still lives`);
  assert.ok(alive(bystander.pid));
  bystander.kill();

  const second = inForeground(args);
  await until('ready again', () => second.said.includes('ready: http'));
  assert.equal((await client.status(done)).json.status, 'completed');
  for (const jobId of [...open, waiting]) {
    const job = await client.completed(jobId, 60_000);
    assert.equal(job.attempts, 0);
  }
  const { url } = (await client.result(done)).json;
  assert.equal((await call(client.link(url))).bytes.length, 10);
  second.child.kill('SIGTERM');
  assert.equal(await second.ended, 0);
});

// Each death wakes the supervisor, which ends its timer: 30 chances to end more than that.
test('SIGTERM while it builds ends the build at once, all of it', async () => {
  const root = await newFolder();
  await cp(path.join(ROOT, 'scripts'), path.join(root, 'scripts'), { recursive: true });
  await mkdir(path.join(root, 'build/release'), { recursive: true });
  const pids = path.join(root, 'compilers');
  // What cmake leaves, for the real ninja: two compilers that never end.
  await writeFile(path.join(root, 'build/release/build.ninja'), [
    'rule compile', `  command = echo $$$$ >> ${pids}; exec sleep 300`,
    'build longhaul-gateway: compile', 'build longhaul-broker: compile',
    'build longhaul-worker: phony', 'build longhaul: phony', ''].join('\n'));
  const compilers = async () => (await readFile(pids, 'utf8').catch(() => '')).split('\n').filter(Boolean).map(Number);
  const building = (data) => kept(watch(spawn(path.join(root, 'scripts/run'), ['--data', path.join(root, data)],
    { env: { ...process.env, LONGHAUL_BIN: '' }, stdio: ['ignore', 'pipe', 'pipe'] })));
  for (const [signal, code] of [['SIGTERM', 143], ['SIGINT', 130]]) {
    await rm(pids, { force: true });
    const first = building('data');
    await until('it compiles', async () => (await compilers()).length === 2);
    // A second start waits for the first one's build, and ends as quickly.
    const second = building('other');
    await until('it waits', () => childrenOf(second.child.pid).some((pid) => commandOf(pid).startsWith('flock')));
    second.child.kill(signal);
    assert.equal(await second.ended, code, second.said);
    const running = await compilers();
    for (const pid of running) assert.ok(alive(pid), 'the first one goes on');
    first.child.kill(signal);
    assert.equal(await first.ended, code, first.said);
    for (const pid of running) assert.ok(!alive(pid), `${pid} still compiles`);
  }
});

test('a data folder that is deleted under a stack: it stops its programs all the same', async () => {
  for (const signal of ['SIGTERM', 'SIGINT']) {
    for (const long of ['', 'x'.repeat(100)]) {
      const data = path.join(await newFolder(), `data${long}`);
      const port = await freePortRange(2);
      const stack = inForeground(['--data', data, '--port', `${port}`, '--admin-port', `${port + 1}`, '--workers', '2']);
      await until('ready', () => stack.said.includes('ready: http'));
      const pids = await pidsOf(data);
      const sock = await realpath(path.join(data, 'sock'));
      await rm(data, { recursive: true });
      stack.child.kill(signal);
      assert.equal(await stack.ended, 0, stack.said);
      assert.deepEqual(Object.keys(pids), ['broker-1', 'gateway-1', 'redis', 'run', 'worker-1', 'worker-2']);
      for (const [name, pid] of Object.entries(pids)) assert.ok(!alive(pid), `${name} still lives`);
      await assert.rejects(stat(sock), 'nothing is left of its sockets');
      await assert.rejects(stat(data), 'the folder is not made again');
    }
  }
});

test('a stack whose data folder was deleted leaves one alone that began there since', async () => {
  const data = path.join(await newFolder(), 'data');
  const start = async () => {
    const port = await freePortRange(2);
    const stack = inForeground(['--data', data, '--port', `${port}`, '--admin-port', `${port + 1}`, '--workers', '2']);
    await until('ready', () => stack.said.includes('ready: http'));
    return { stack, pids: await pidsOf(data) };
  };
  const first = await start();
  await rm(data, { recursive: true });
  const second = await start();
  first.stack.child.kill('SIGTERM');
  assert.equal(await first.stack.ended, 0, first.stack.said);
  for (const [name, pid] of Object.entries(first.pids)) assert.ok(!alive(pid), `${name} still lives`);
  for (const [name, pid] of Object.entries(second.pids)) assert.ok(alive(pid), `${name} of the second one`);
  assert.deepEqual(await pidsOf(data), second.pids);
  assert.doesNotMatch(second.stack.said, / ended \(/);
  assert.equal((await run(['--data', data, '--stop'])).code, 0);
  assert.equal(await second.stack.ended, 0, second.stack.said);
});

test('parts that are killed again and again take nothing else along', async () => {
  await withStack({ workers: 2, brokers: 2 }, {}, async (stack) => {
    const before = await pidsOf(stack.data);
    for (let i = 0; i < 10; i++) {
      await Promise.all(['worker-1', 'worker-2', 'broker-2'].map((name) => stack.killAndAwaitSuccessor(name)));
    }
    const now = await pidsOf(stack.data);
    for (const name of ['run', 'redis', 'broker-1', 'gateway-1']) assert.equal(now[name], before[name], name);
    assert.doesNotMatch(await readFile(path.join(stack.data, 'logs/run.log'), 'utf8'), /exit status|signal TERM/);
  });
});

test('a supervisor that was killed: --stop and a new start find what it left', async () => {
  await withStack({}, {}, async (stack) => {
    const old = await pidsOf(stack.data);
    process.kill(old.run, 'SIGKILL');
    await until('it is gone', () => !alive(old.run));
    await stack.up();
    const now = await pidsOf(stack.data);
    for (const [name, pid] of Object.entries(old)) {
      assert.ok(!alive(pid), `${name} of the dead stack still lives`);
      assert.notEqual(now[name], pid);
    }
    process.kill(now.run, 'SIGKILL');
    await until('it is gone', () => !alive(now.run));
    assert.equal((await stack.down()).code, 0);
    for (const pid of Object.values(now)) assert.ok(!alive(pid));
  });
});

test('a pid file that names a stranger harms nobody', async () => {
  const stack = await Stack.start();
  await stack.down();
  const stranger = spawn('sleep', ['300'], { stdio: 'ignore' });
  await writeFile(path.join(stack.data, 'pids/worker-1.pid'), `${stranger.pid}\n`);
  await writeFile(path.join(stack.data, 'state/worker-1'), `${stranger.pid} 1 no-such-boot\n`);
  await stack.up();
  await stack.destroy();
  assert.ok(alive(stranger.pid));
  stranger.kill();
});

test('a data folder with a path too long for sockets works', async () => {
  const data = path.join(await newFolder(), 'x'.repeat(100));
  await withStack({ data, 'allow-simulate': true }, {}, async (_, client) => {
    await client.completed(await client.simulate({}));
  });
});

test('the secret of links is private, and stays', async () => {
  const stack = await Stack.start();
  const file = path.join(stack.data, 'link-secret');
  assert.equal((await stat(file)).mode & 0o777, 0o600);
  const secret = await readFile(file, 'utf8');
  await stack.down();
  await stack.up();
  assert.equal(await readFile(file, 'utf8'), secret);
  await stack.destroy();
});
