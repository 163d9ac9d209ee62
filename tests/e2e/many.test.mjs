// One connection, many jobs: lists of ids, and all jobs of a user.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { Follower } from './lib/follower.mjs';
import { call } from './lib/http.mjs';
import { Events } from './lib/sse.mjs';
import { Stack } from './lib/stack.mjs';
import { pause, until } from './lib/wait.mjs';

const PROMPT_MS = 1000;
let stack, client, names = 0;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, 'gateway-threads': 2, slots: 64 }, { LONGHAUL_HEARTBEAT_S: '1' });
  client = new Client(stack.url());
});
after(() => stack?.destroy());

const userName = () => `user ${names++}`;
const unknown = (n) => n.toString().padStart(27, '0');
const listUrl = (ids, extra = '') => `${client.api}/subscribe?${ids.map((id) => `jobId=${id}`).join('&')}${extra}`;
const userUrl = (user, extra = '') => `${client.api}/subscribe?userId=${encodeURIComponent(user)}${extra}`;
const json = (frame) => JSON.parse(frame.data);
const submit = (simulate, options = {}, userId = undefined) =>
  client.submit({ file_id: 1, userId, options: { ...options, simulate } });
const retry = async (jobId) => assert.equal((await call(`${client.api}/retry/${jobId}`, { method: 'POST' })).status, 202);

// One job for each way to end; jobs with a cancel are canceled once they run or wait.
async function everyWay(user) {
  const ids = {
    completed: await submit({ durationMs: 600, progressMs: 50, size: 1000 }, {}, user),
    failed: await submit({ durationMs: 300, failAttempts: 9, errorCode: 'SOURCE_FORBIDDEN' }, {}, user),
    retried: await submit({ durationMs: 200, failAttempts: 1, errorCode: 'WORKER_LOST' }, {}, user),
    running: await submit({ durationMs: 60_000 }, {}, user),
    queued: await submit({}, { delaySeconds: 600 }, user),
    short: await submit({}, {}, user),
  };
  return ids;
}
const ENDS = { completed: 'completed', failed: 'failed', retried: 'completed', running: 'canceled', queued: 'canceled', short: 'completed' };

async function cancelTwo(ids) {
  await client.running(ids.running);
  await client.cancel(ids.running);
  await client.cancel(ids.queued);
}

test('what is not a list of 1 to 200 different ids or one user is refused, by name', async () => {
  const ids = (count) => Array.from({ length: count }, (_, i) => `jobId=${unknown(i)}`).join('&');
  const cases = [
    ['', /jobId or userId/], ['?named=1', /jobId or userId/], ['?jobId=', /jobId/], ['?jobId=abc', /jobId/],
    [`?${ids(201)}`, /200/], [`?jobId=${unknown(1)}&jobId=${unknown(1)}`, /twice/],
    [`?jobId=${unknown(1)}&userId=u`, /exclude/], ['?userId=', /userId/], [`?userId=${'u'.repeat(129)}`, /userId/],
    ['?userId=a&userId=b', /userId/], ['?userId=a&named=2', /named/], ['?what=2', /jobId or userId/],
    [`?jobId=${unknown(1)}&lastEventId=a&lastEventId=b`, /lastEventId/], ['?userId=%00', /encoded/],
  ];
  for (const [query, detail] of cases) {
    const reply = await call(`${client.api}/subscribe${query}`);
    assert.equal(reply.status, 400, query.slice(0, 100));
    assert.match(reply.json.detail, detail, query.slice(0, 100));
  }
  assert.equal((await call(`${client.api}/subscribe?${ids(250)}`)).status, 414, 'over 8 KiB');
  assert.equal((await call(`${client.api}/subscribe`, { method: 'POST' })).status, 405);
});

test('a list of which nothing is there: 404', async () => {
  const reply = await call(listUrl([unknown(1), unknown(2)]));
  assert.equal(reply.status, 404);
  assert.equal(reply.json.code, 'JOB_NOT_FOUND');
});

test('a list follows its jobs to every kind of end, then ends; a reconnect gets 204', async () => {
  const ids = await everyWay();
  const all = Object.values(ids);
  const url = listUrl([...all, unknown(7)]);
  const events = await Events.open(url);
  assert.equal(events.status, 200);
  assert.match(events.headers['content-type'], /^text\/event-stream/);
  await cancelTwo(ids);
  await events.finish();
  assert.equal(events.cut, false);
  assert.equal(events.frames[0].retry, '3000');
  for (const [name, jobId] of Object.entries(ids)) {
    const mine = events.messages.filter((frame) => json(frame).jobId === jobId);
    assert.equal(json(mine.at(-1)).status, ENDS[name], name);
    assert.equal(mine.filter((frame) => frame.event === 'error').length, name === 'failed' ? 1 : 0);
    assert.equal(mine.filter((frame) => frame.event === 'result').length, ENDS[name] === 'completed' ? 1 : 0);
    assert.equal(mine[0].event, 'status');
    const changes = mine.filter((frame) => frame.event === 'status').map((frame) => json(frame).version);
    const { transitions } = await stack.record(jobId);
    assert.deepEqual(changes.slice(1), transitions.map((t) => t.version).filter((v) => v > changes[0]), name);
  }
  assert.ok(events.named('progress').length >= 2);
  for (const frame of events.named('progress')) assert.equal(frame.id, undefined, 'progress has no id');
  for (const frame of events.unnamed.filter((f) => json(f).status !== 'running')) assert.ok(frame.id, 'a change has one');
  assert.ok(events.messages.every((frame) => json(frame).jobId !== unknown(7)));
  for (const [again, headers] of [[url, { 'last-event-id': events.lastId }], [`${url}&lastEventId=${events.lastId}`, {}]]) {
    const second = await Events.open(again, headers);
    assert.equal(second.status, 204);
    second.close();
  }
});

test('the order of the ids does not matter to a cursor; one of another list is none', async () => {
  const ids = [await submit({}), await submit({}), await submit({})];
  for (const jobId of ids) await client.completed(jobId);
  const first = await Events.open(listUrl(ids, '&named=1'));
  await first.finish();
  assert.equal(first.unnamed.length, 0);
  const turned = await Events.open(listUrl(ids.toReversed?.() ?? [...ids].reverse()), { 'last-event-id': first.lastId });
  assert.equal(turned.status, 204);
  turned.close();
  for (const [list, id] of [[ids.slice(1), first.lastId], [ids, `${first.lastId}0`], [ids, '3'], [ids, 'x'.repeat(9000)]]) {
    const events = await Events.open(listUrl(list), { 'last-event-id': id });
    await events.finish();
    assert.equal(events.named('result').length, list.length, 'the full state');
  }
});

test('HEAD says what GET would, and nothing else', async () => {
  const jobId = await submit({});
  for (const url of [listUrl([jobId]), userUrl('somebody')]) {
    const reply = await call(url, { method: 'HEAD' });
    assert.equal(reply.status, 200);
    assert.equal(reply.text, '');
  }
});

test('200 jobs on one connection; each to its end', async () => {
  const ids = await Promise.all(Array.from({ length: 200 }, (_, i) =>
    submit({ durationMs: 200 + (i % 7) * 100, progressMs: 50, size: 1000, failAttempts: i % 10 === 0 ? 9 : 0, errorCode: 'SOURCE_NOT_FOUND' })));
  const events = await Events.open(listUrl(ids));
  await events.finish();
  const ended = new Map(events.unnamed.map((frame) => [json(frame).jobId, json(frame).status]));
  assert.equal(ended.size, 200);
  ids.forEach((id, i) => assert.equal(ended.get(id), i % 10 === 0 ? 'failed' : 'completed'));
  assert.ok(events.lastId.length < 1000, `${events.lastId.length} bytes of id`);
  const again = await Events.open(`${listUrl(ids)}&lastEventId=${events.lastId}`);
  assert.equal(again.status, 204, 'the cursor fits the query beside 200 ids');
  again.close();
});

test('a list whose connection is cut anywhere: each change once', async () => {
  const jobs = Array.from({ length: 30 }, (_, i) => submit(
    { durationMs: 300 + 100 * (i % 9), progressMs: 50, size: 1000, failAttempts: i % 3, errorCode: 'WORKER_LOST' }, { maxAttempts: 2 }));
  const ids = await Promise.all(jobs);
  let lengths = 0;
  const follower = new Follower(() => listUrl(ids), { cutAfter: () => 500 + (lengths++ * 2777) % 23000 });
  await follower.done;
  assert.ok(follower.connections > 10, `${follower.connections} connections`);
  for (const jobId of ids) follower.assertExact(jobId, await stack.record(jobId));
});

test('a user stream: what is active now, what starts later, retries; nobody else\'s; no end of its own', async () => {
  const [user, other] = [userName(), userName()];
  const done = await submit({}, {}, user);
  const failed = await submit({ failAttempts: 1, errorCode: 'SOURCE_FORBIDDEN' }, {}, user);
  await client.completed(done);
  await client.terminal(failed);
  const old = await submit({ durationMs: 60_000 }, {}, user);
  const follower = new Follower(() => userUrl(user));
  await until('an id before anything happened', () => follower.lastId);
  await follower.saw(old, 'running');
  await submit({ durationMs: 100 }, {}, other);
  const begun = Date.now();
  const fresh = await submit({ durationMs: 200 }, {}, user);
  await follower.saw(fresh, 'queued');
  assert.ok(Date.now() - begun < PROMPT_MS, `${Date.now() - begun} ms`);
  await follower.saw(fresh, 'completed');
  const again = Date.now();
  await retry(failed);
  await follower.saw(failed, 'queued');
  assert.ok(Date.now() - again < PROMPT_MS, `${Date.now() - again} ms`);
  await follower.saw(failed, 'completed');
  await client.cancel(old);
  await follower.saw(old, 'canceled');
  await retry(old);
  await until('running again', () => follower.statusesOf(old).filter((s) => s === 'running').length === 2);
  assert.deepEqual(follower.statusesOf(failed), ['queued', 'running', 'completed'], 'nothing of its former life');
  assert.deepEqual([...follower.seen.keys()].sort(), [old, fresh, failed].sort());
  assert.equal(follower.connections, 1);
  for (const jobId of [old, fresh]) follower.assertExact(jobId, await stack.record(jobId));
  await client.cancel(old);
  await follower.stop();
});

test('a user stream that comes back: what began, ended and was retried meanwhile, each change once', async () => {
  const user = userName();
  const follower = new Follower(() => userUrl(user));
  await until('begun', () => follower.lastId);
  const ids = await everyWay(user);
  await follower.saw(ids.failed, 'failed');
  await follower.saw(ids.completed, 'completed');
  await follower.stop();
  await cancelTwo(ids);
  const away = [await submit({}, {}, user), await submit({ durationMs: 100 }, {}, user)];
  for (const jobId of away) await client.completed(jobId);
  await retry(ids.failed);
  await client.terminal(ids.failed);
  await client.terminal(ids.running);
  const second = new Follower(() => userUrl(user), { lastId: follower.lastId });
  for (const jobId of away) await second.saw(jobId, 'completed');
  await second.saw(ids.running, 'canceled');
  await second.saw(ids.queued, 'canceled');
  await second.saw(ids.failed, 'failed');
  await second.stop();
  for (const jobId of away) second.assertExact(jobId, await stack.record(jobId), { whole: true });
  for (const jobId of Object.values(ids)) {
    second.seen.set(jobId, [...follower.seen.get(jobId) ?? [], ...second.seen.get(jobId) ?? []]);
    second.assertExact(jobId, await stack.record(jobId));
  }
});

test('a user stream whose connection is cut anywhere while jobs come: each change of each job once', async () => {
  const user = userName();
  let lengths = 0;
  const follower = new Follower(() => userUrl(user), { cutAfter: () => 300 + (lengths++ * 1777) % 9000 });
  await until('begun', () => follower.lastId);
  const ids = [];
  for (let i = 0; i < 60; i++) {
    ids.push(submit({ durationMs: (i % 6) * 60, progressMs: 30, size: 100, failAttempts: i % 5 === 0 ? 1 : 0, errorCode: 'WORKER_LOST' }, {}, user));
    if (i % 10 === 9) await pause(100);
  }
  const all = await Promise.all(ids);
  for (const jobId of all) await follower.saw(jobId, 'completed');
  await follower.stop();
  assert.ok(follower.connections > 10, `${follower.connections} connections`);
  for (const jobId of all) follower.assertExact(jobId, await stack.record(jobId), { whole: true });
});

test('a user with more than 200 active jobs: the newest first, the others as those end', async () => {
  await stack.destroy();
  stack = await Stack.start({ 'allow-simulate': true, slots: 4 }, { LONGHAUL_USER_ACTIVE_MAX: '0' });
  client = new Client(stack.url());
  const user = userName();
  const ids = [];
  while (ids.length < 230) ids.push(...await Promise.all(Array.from({ length: 10 }, () => submit({}, { delaySeconds: 600 }, user))));
  ids.sort(); // by age
  const follower = new Follower(() => userUrl(user));
  await until('200 jobs', () => follower.seen.size === 200);
  assert.deepEqual([...follower.seen.keys()].sort(), ids.slice(30).sort(), 'the newest');
  const ended = ids.slice(30, 80);
  for (const jobId of ended) await client.cancel(jobId);
  await until('all of them', () => follower.seen.size === 230);
  for (const jobId of ended) await follower.saw(jobId, 'canceled');
  await follower.stop();
  for (const jobId of ids) follower.assertExact(jobId, await stack.record(jobId));
});
