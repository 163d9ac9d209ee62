// Lists, histories, and the deprecated path.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { call, open } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';

const FIELDS = ['version', 'at', 'status', 'stage', 'attempt', 'workerId', 'errorCode'];
let stack, client;
before(async () => {
  stack = await Stack.start({ 'allow-simulate': true, slots: 8, 'gateway-threads': 1 });
  client = new Client(stack.url());
});
after(() => stack?.destroy());

const submit = (simulate, options = {}, userId = undefined) =>
  client.submit({ file_id: 1, userId, options: { ...options, simulate } });
const list = (query = '') => call(`${client.api}/jobs${query}`);
const history = (jobId) => call(`${client.api}/${jobId}/history`);
const idsOf = (reply) => reply.json.jobs.map((job) => job.jobId);

// All pages of a query: ids, and how many pages.
async function walk(query) {
  const ids = [];
  let pages = 0;
  for (let cursor = ''; cursor !== null; pages++) {
    const reply = await list(`?${query}${cursor && `&cursor=${cursor}`}`);
    assert.equal(reply.status, 200, reply.text);
    ids.push(...idsOf(reply));
    cursor = reply.json.nextCursor;
  }
  return { ids, pages };
}

test('a query that is not as documented is refused, and says which parameter', async () => {
  const cursor = (await list('?limit=1')).json.nextCursor ?? 'x';
  const cases = [
    ['?limit=0', 'limit'], ['?limit=201', 'limit'], ['?limit=', 'limit'], ['?limit=05', 'limit'], ['?limit=-1', 'limit'],
    ['?limit=1e2', 'limit'], ['?limit=99999999999999999999', 'limit'], ['?limit=1&limit=1', 'limit'], ['?status=done', 'status'],
    ['?status=', 'status'], ['?status=queued,', 'status'], ['?status=queued,queued', 'status'], ['?status=Queued', 'status'],
    ['?status=queued&status=running', 'status'], ['?userId=', 'userId'], ['?userId=a&userId=a', 'userId'],
    [`?userId=${'a'.repeat(129)}`, 'userId'], ['?cursor=', 'cursor'], ['?cursor=abc', 'cursor'], [`?cursor=${cursor}0`, 'cursor'],
    [`?cursor=${'0'.repeat(33)}`, 'cursor'],
  ];
  for (const [query, name] of cases) {
    const reply = await list(query);
    assert.equal(reply.status, 400, query);
    assert.equal(reply.headers['content-type'], 'application/problem+json');
    assert.match(reply.json.detail, new RegExp(`^${name}\\b`), query);
  }
  assert.equal((await list('?userId=%ff')).status, 400);
  assert.equal((await call(`${client.api}/jobs`, { method: 'POST' })).headers.allow, 'GET, HEAD, OPTIONS');
});

test('names that no route knows are ignored by all of them', async () => {
  const jobId = await submit({}, { delaySeconds: 600 }, 'extras');
  const extras = '_=1767000000&utm_source=x&utm_source=y&Limit=0&ticket=t';
  const replies = await Promise.all([`/jobs?${extras}&userId=extras`, `/status/${jobId}?${extras}`, `/${jobId}/history?${extras}`,
    `/${jobId}?redirect=0&${extras}`].map((where) => call(client.api + where)));
  assert.deepEqual(replies.map((reply) => reply.status), [200, 200, 200, 409]);
  assert.deepEqual(idsOf(replies[0]), [jobId]);
  for (const where of [`/subscribe/${jobId}?${extras}`, `/subscribe?${extras}&jobId=${jobId}`]) {
    const response = await open(client.api + where);
    assert.equal(response.statusCode, 200, where);
    response.destroy();
  }
  assert.equal((await call(`${client.api}/cancel/${jobId}?${extras}`, { method: 'POST' })).status, 200);
});

test('an empty list', async () => {
  const reply = await list('?userId=nobody');
  assert.equal(reply.text, '{"jobs":[],"nextCursor":null}');
  assert.equal(reply.headers['cache-control'], 'private, no-store');
});

test('status objects, newest first, without links', async () => {
  const first = await submit({ size: 10 }, {}, 'u1');
  const second = await submit({ failAttempts: 1, errorCode: 'SOURCE_FORBIDDEN' }, {}, 'u1');
  const third = await submit({}, { delaySeconds: 600 }, 'u1');
  await client.completed(first);
  await client.terminal(second);
  const reply = await list('?userId=u1');
  assert.deepEqual(idsOf(reply), [third, second, first]);
  assert.equal(reply.json.nextCursor, null);
  for (const job of reply.json.jobs) {
    const { json } = await client.status(job.jobId);
    if (json.result) delete json.result.url;
    assert.deepEqual(job, json);
  }
  const { result } = reply.json.jobs[2];
  assert.ok(result.size === 10 && !('url' in result));
  assert.ok(Math.abs(result.expiresAt - 900 - reply.json.jobs[2].updatedAt) <= 1);
  assert.equal((await call(`${client.api}/jobs`, { method: 'HEAD' })).text, '');
  assert.ok(idsOf(await list()).includes(first), 'without a user: all');
});

test('when a link ends is that of the link which a status has now', async () => {
  const jobId = await submit({}, {}, 'windows');
  const first = (await client.completed(jobId)).result;
  for (const age of [850, 20_000]) { // another link has taken the first one's place
    await stack.redis('hincrby', `download:job:${jobId}`, 'updatedAt', `${-age}`);
    const [{ result }] = (await list('?userId=windows')).json.jobs;
    assert.deepEqual([result.url, result.expiresAt], [undefined, (await client.status(jobId)).json.result.expiresAt]);
    assert.notEqual(result.expiresAt, first.expiresAt - age);
    assert.ok(result.expiresAt - Date.now() / 1000 >= 59 && result.expiresAt - Date.now() / 1000 <= 901);
  }
});

test('a filter of one status or several, and of a user', async () => {
  const byStatus = async (status) => idsOf(await list(`?userId=u1&status=${status}`)).length;
  assert.deepEqual([await byStatus('queued'), await byStatus('completed'), await byStatus('failed'), await byStatus('canceled')], [1, 1, 1, 0]);
  assert.equal(await byStatus('failed,queued'), 2);
  assert.equal(await byStatus('queued,running,completed,failed,canceled'), 3);
  assert.deepEqual(idsOf(await list('?userId=u2')), []);
});

test('pages: each job once, whatever comes and goes in between', async () => {
  const ids = [];
  for (let i = 0; i < 25; i++) ids.push(await submit({}, {}, 'pages'));
  for (const jobId of ids) await client.completed(jobId);
  assert.deepEqual((await walk('userId=pages&limit=7')).ids, [...ids].reverse());
  const first = await list('?userId=pages&limit=10');
  assert.equal((await call(`${client.api}/${idsOf(first)[9]}`, { method: 'DELETE' })).status, 204);
  await submit({}, {}, 'pages');
  const second = await list(`?userId=pages&limit=10&cursor=${first.json.nextCursor}`);
  assert.deepEqual(idsOf(second), [...ids].reverse().slice(10, 20), 'the cursor stays where it was');
  assert.equal((await walk('userId=pages&limit=200')).pages, 1);
});

test('a page of 200 jobs', async () => {
  const ids = [];
  for (let i = 0; i < 8; i++) ids.push(...await Promise.all(Array.from({ length: 25 }, () => submit({ size: 1 }))));
  const { ids: all } = await walk('limit=200');
  assert.equal(new Set(all).size, all.length);
  for (const jobId of ids) assert.ok(all.includes(jobId));
  assert.equal((await list('?limit=200')).json.jobs.length, 200);
  assert.equal((await list()).json.jobs.length, 50);
});

test('a filter that fits almost nothing among many: bounded pages, found all the same', async () => {
  const rare = await submit({}, { delaySeconds: 600 }, 'rare');
  // More than one step may look at; what is missing in their place is skipped.
  const script = 'for i=1,2500 do local id=string.format("0%s%017d", string.sub(ARGV[1],2,10), i) '
    + 'redis.call("ZADD","lh:{0}:index:rare",0,id) end return 1';
  await stack.redis('eval', script, '0', rare.replace(/^(..)(.)/, (_, a) => `${a}z`));
  const { ids, pages } = await walk('userId=rare&status=queued&limit=5');
  assert.deepEqual(ids, [rare]);
  assert.ok(pages >= 3, `${pages} pages`);
  await stack.redis('eval', 'return redis.call("DEL","lh:{0}:index:rare")', '0');
});

test('a damaged record does not hide the others', async () => {
  const [good, bad] = [await submit({}, {}, 'damaged'), await submit({}, {}, 'damaged')];
  await client.completed(good);
  await client.completed(bad);
  await stack.redis('hset', `download:job:${bad}`, 'version', 'x');
  assert.deepEqual(idsOf(await list('?userId=damaged')), [good]);
  await stack.redis('hset', `download:job:${bad}`, 'version', '3');
});

test('a history: what was recorded, with attempts, workers and codes', async () => {
  const jobId = await submit({ durationMs: 50, failAttempts: 1, errorCode: 'WORKER_LOST' });
  await client.completed(jobId);
  const reply = await history(jobId);
  assert.equal(reply.status, 200);
  assert.equal(reply.headers['cache-control'], 'private, no-store');
  const { events } = reply.json;
  for (const event of events) assert.deepEqual(Object.keys(event), FIELDS);
  assert.deepEqual(events.map((e) => e.status), ['queued', 'running', 'queued', 'running', 'completed']);
  assert.deepEqual(events.map((e) => e.stage), ['queued', 'fetching', 'queued', 'fetching', 'done']);
  assert.deepEqual(events.map((e) => e.attempt), [null, 1, 1, 2, 2]);
  assert.deepEqual(events.map((e) => e.errorCode), [null, null, 'WORKER_LOST', null, null]);
  assert.deepEqual(events.map((e) => e.workerId), [null, 'worker-1', 'worker-1', 'worker-1', 'worker-1']);
  const { transitions } = await stack.record(jobId);
  assert.deepEqual(events.map((e) => [e.version, e.at]), transitions.map((t) => [t.version, t.at]));
});

test('a history of what is not there, or is no job', async () => {
  for (const jobId of ['0'.repeat(27), 'nope', 'status', 'jobs']) {
    const reply = await history(jobId);
    assert.equal(reply.status, 404, jobId);
    assert.equal(reply.json.code, 'JOB_NOT_FOUND');
  }
  assert.equal((await call(`${client.api}/${'0'.repeat(27)}/history/x`)).json.code, 'NOT_FOUND');
  const wrong = await call(`${client.api}/${'0'.repeat(27)}/history`, { method: 'DELETE' });
  assert.deepEqual([wrong.status, wrong.headers.allow], [405, 'GET, HEAD, OPTIONS']);
});

test('start: initiate with its dates, on every reply', async () => {
  const start = (body, headers = { 'content-type': 'application/json' }, method = 'POST') =>
    call(`${client.api}/start`, { method, headers, body });
  const body = JSON.stringify({ file_id: 1, options: { simulate: {} } });
  const key = { 'content-type': 'application/json', 'idempotency-key': 'start-1' };
  const replies = [await start(body, key), await start(body, key), await start('{', undefined), await start(body, {}),
    await start('{"file_id": 1, "x": 2}'), await start('x'.repeat(70_000)), await start('', {}, 'GET'),
    await call(`${client.api}/start?x=1`, { method: 'DELETE' })];
  assert.deepEqual(replies.map((reply) => reply.status), [202, 202, 400, 415, 400, 413, 405, 405]);
  assert.equal(replies[1].text, replies[0].text);
  for (const { headers } of replies) {
    assert.equal(headers.deprecation, '@1767225600');
    assert.equal(headers.sunset, 'Fri, 31 Dec 2027 23:59:59 GMT');
    assert.equal(headers.link, '</v1/download/initiate>; rel="successor-version"');
    assert.ok(Date.parse(headers.sunset) / 1000 > Number(headers.deprecation.slice(1)));
  }
  await client.completed(replies[0].json.jobId);
  const other = await client.initiate(body);
  for (const name of ['deprecation', 'sunset', 'link']) assert.equal(other.headers[name], undefined);
});

test('Redis away: 503 with Retry-After', async () => {
  await stack.signal('redis', 'SIGSTOP');
  try {
    const reply = await list();
    assert.equal(reply.status, 503);
    assert.ok(reply.headers['retry-after']);
  } finally {
    await stack.signal('redis', 'SIGCONT');
  }
});
