import { describe, expect, test, vi } from 'vitest';
import { DownloadError, createDownloadClient } from '../src/index.js';
import type { Job } from '../src/index.js';
import type { Desk } from '../src/desk.js';
import { createPoller, createPolling } from '../src/poll.js';
import { createStore } from '../src/store.js';
import { setUp, statuses } from './support/setup.js';
import { pass, rest, useOwnTime } from './support/time.js';

useOwnTime();

describe('streaming', () => {
  test('nothing is asked for before somebody watches', async () => {
    const { server } = setUp();
    server.add({ file_id: 1 });
    await pass(60_000);
    expect(server.requests).toEqual([]);
  });

  test('a job is shown from now to its end, and then the connection is closed', async () => {
    const { server, client, watched } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    const seen = watched(jobId);
    await rest();
    expect(client.connection()).toEqual({ state: 'live' });
    server.run(jobId, { progress: 40 });
    server.run(jobId, { progress: 70 });
    server.complete(jobId);
    await rest();
    expect(statuses(seen)).toEqual(['queued', 'running', 'running', 'completed']);
    expect(seen.at(-2)?.job?.progress).toBe(70);
    expect(server.streams).toBe(0);
    expect(client.connection()).toEqual({ state: 'idle' });
    const asked = server.requests.length;
    await pass(600_000);
    expect(server.requests).toHaveLength(asked);
  });

  test('when all have ended no other stream is opened, however short the pause', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0);
    const { server, watched, asked } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    watched(jobId);
    await rest();
    server.run(jobId);
    server.complete(jobId);
    await rest();
    expect(asked('subscribe')).toEqual([`subscribe/${jobId}?named=1`]);
  });

  test('many jobs share one stream; a job that joins moves it, one that ends does not', async () => {
    const { server, watched, asked } = setUp();
    const ids = [1, 2, 3].map((id) => server.add({ file_id: id }).jobId);
    ids.slice(0, 2).forEach(watched);
    await rest();
    expect(asked('subscribe')).toEqual([`subscribe?named=1&jobId=${ids[0]}&jobId=${ids[1]}`]);
    server.complete(ids[0]!);
    await rest();
    const seen = watched(ids[2]!);
    await rest();
    expect(asked('subscribe').slice(1)).toEqual([`subscribe?named=1&jobId=${ids[1]}&jobId=${ids[2]}`]);
    expect(server.streams).toBe(1);
    server.run(ids[2]!);
    await rest();
    expect(statuses(seen)).toEqual(['queued', 'running']);
  });

  test('nobody watches any more: the stream is closed; who comes back within a moment keeps it', async () => {
    const { server, client, asked } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    const stop = client.subscribe(jobId, () => {});
    await rest();
    stop();
    const again = client.subscribe(jobId, () => {});
    await rest();
    expect(asked('subscribe')).toHaveLength(1);
    again();
    await rest();
    expect(server.streams).toBe(0);
  });

  test('what is older than what is known is not shown', async () => {
    const { server, client, watched } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    const seen = watched(jobId);
    await rest();
    client.prime({ ...server.job(jobId)!, status: 'running', version: 9 } as Job);
    server.run(jobId, { progress: 1 }); // version 2
    await rest();
    expect(seen.map(({ job }) => job?.version)).toEqual([1, 9]);
  });

  test('a stream that breaks off is resumed where it was', async () => {
    const { server, watched } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    const seen = watched(jobId);
    await pass(6000);
    server.run(jobId);
    await rest();
    server.cutStreams();
    server.complete(jobId);
    await pass(4000);
    expect(server.requests.at(-1)!.headers.get('last-event-id')).toBe('2');
    expect(statuses(seen)).toEqual(['queued', 'running', 'completed']);
  });

  test('a stream that only a comment keeps alive lives; 45 s of silence end it', async () => {
    const { server, watched, asked } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    watched(jobId);
    for (let i = 0; i < 4; i++) {
      await pass(40_000);
      server.heartbeat();
    }
    expect(asked('subscribe')).toHaveLength(1);
    await pass(44_000);
    expect(asked('subscribe')).toHaveLength(1);
    await pass(5000);
    expect(asked('subscribe')).toHaveLength(2);
  });

  test('a stream without news that is cut once a minute is followed by another, for hours', async () => {
    const { server, watched, asked } = setUp();
    watched(server.add({ file_id: 1 }, { status: 'running', stage: 'fetching' }).jobId);
    for (let i = 0; i < 6; i++) {
      await pass(40_000);
      server.heartbeat();
      await pass(20_000);
      server.cutStreams();
      await pass(5000);
    }
    expect(asked('subscribe')).toHaveLength(7);
    expect(asked('status')).toHaveLength(1);
  });

  test('a refusal is not tried again before its Retry-After', async () => {
    const { server, watched, asked } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    server.refuse({ status: 503, match: /subscribe/, retryAfterSeconds: 20 });
    watched(jobId);
    await pass(19_900);
    expect(asked('subscribe')).toHaveLength(1);
    await pass(3000);
    expect(asked('subscribe')).toHaveLength(2);
  });

  test('a server that shuts down loses nothing: what changed meanwhile is asked for', async () => {
    const { server, client, watched } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    const seen = watched(jobId);
    await pass(6000);
    server.endStreams();
    await rest();
    server.complete(jobId);
    await pass(4000);
    expect(statuses(seen)).toEqual(['queued', 'completed']);
    expect(client.connection()).toEqual({ state: 'idle' });
  });

  test('a job that a stream does not bring is asked for, and reported gone', async () => {
    const { server, watched } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    const other = server.add({ file_id: 2 }).jobId;
    watched(other);
    const seen = watched(jobId);
    await rest();
    server.cutStreams();
    server.remove(jobId);
    watched(server.add({ file_id: 3 }).jobId); // another set of jobs: no cursor
    await pass(12_000);
    expect(seen.at(-1)?.error).toMatchObject({ code: 'JOB_NOT_FOUND', retryable: false });
  });

  test('with streaming only, pauses grow with full jitter up to 30 s', async () => {
    const { server, client, watched, asked } = setUp({ transport: 'sse' });
    const { jobId } = server.add({ file_id: 1 });
    server.refuse({ status: 502, match: /subscribe/, times: 100 });
    watched(jobId);
    await pass(120_000);
    // Half of 2, 4, 8, 16, 30, 30, 30 … s: the fake die always shows one half.
    expect(asked('subscribe')).toHaveLength(11);
    expect(asked('status')).toHaveLength(1);
    expect(client.connection()).toEqual({ state: 'connecting' });
  });
});

describe('asking instead', () => {
  test('two failures: asks after 1, 2, 5, 10, 15, 15 s with the tag; streams again within a minute', async () => {
    const { server, client, watched, asked } = setUp();
    const { jobId } = server.add({ file_id: 1 }, { status: 'running', stage: 'fetching', etaSeconds: 300 });
    server.refuse({ status: 502, match: /subscribe/, times: 2 });
    const seen = watched(jobId);
    await pass(1100);
    expect(client.connection()).toEqual({ state: 'polling', everyMs: 1000 });
    const times: number[] = [];
    for (let s = 1; s <= 50; s++) {
      const before = asked('status').length;
      await pass(1000);
      if (asked('status').length > before) times.push(s);
    }
    expect(times).toEqual([1, 3, 8, 18, 33, 48]);
    expect(server.requests.at(-1)!.headers.get('if-none-match')).toBe('W/"1"');
    expect(statuses(seen)).toEqual(['running']);
    expect(client.connection()).toEqual({ state: 'polling', everyMs: 15_000 });
    await pass(13_000);
    expect(client.connection()).toEqual({ state: 'live' });
    const asks = asked('status').length;
    server.complete(jobId);
    await rest();
    expect(statuses(seen)).toEqual(['running', 'completed']);
    expect(asked('status')).toHaveLength(asks);
  });

  test.each([
    ['waits', { queuePosition: 3 }], ['runs, and nobody knows for how long', { status: 'running', stage: 'fetching' }],
    ['is near its end', { status: 'running', stage: 'fetching', etaSeconds: 1 }],
  ] as const)('a job that %s is asked for in the steps, whatever the server proposes', async (_, more) => {
    const { server, client, watched, asked } = setUp({ transport: 'poll' });
    watched(server.add({ file_id: 1 }, more).jobId);
    await pass(120_000);
    expect(client.connection().everyMs).toBe(15_000);
    expect(asked('status').length).toBeLessThan(14);
    expect(asked('subscribe')).toEqual([]);
  });

  test('two hundred jobs are asked for five times a second on the average', async () => {
    const { server, client, watched, asked } = setUp({ transport: 'poll' });
    for (let id = 1; id <= 200; id++) watched(server.add({ file_id: id }).jobId);
    await rest();
    const before = asked('status').length;
    await pass(79_000);
    expect(client.connection().everyMs).toBe(40_000);
    expect(asked('status').length - before).toBe(200);
  });

  test('a refusal ends the round; the next one begins with those that were left out', async () => {
    const { server, watched, asked } = setUp({ transport: 'poll' });
    const ids = Array.from({ length: 40 }, (_, i) => server.add({ file_id: i + 1 }).jobId);
    ids.forEach(watched);
    await rest();
    server.refuse({ status: 429, code: 'RATE_LIMITED', retryAfterSeconds: 30, match: new RegExp(ids[3]!) });
    const before = asked('status').length;
    await pass(30_000);
    const first = asked('status').slice(before);
    expect(first.length).toBeLessThan(9);
    expect(first).toContain(`status/${ids[3]}`);
    await pass(12_000);
    expect(asked('status')[before + first.length]).toBe(`status/${ids[first.length]}`);
    expect(asked('status')).toHaveLength(before + 40);
  });

  test('who joins while a server asks to wait: that one is asked for, and the others no sooner', async () => {
    const { server, watched, asked } = setUp({ transport: 'poll' });
    watched(server.add({ file_id: 1 }).jobId);
    await rest();
    server.refuse({ status: 503, retryAfterSeconds: 20 });
    await pass(1000);
    const before = asked('status').length;
    const { jobId } = server.add({ file_id: 2 });
    watched(jobId);
    await pass(18_000);
    expect(asked('status').slice(before)).toEqual([`status/${jobId}`]);
    await pass(5000);
    expect(asked('status').length).toBeGreaterThan(before + 1);
  });

  test('a refused round pauses as long as the server says, however many are left', async () => {
    const { server, client, watched } = setUp({ transport: 'poll' });
    const ids = Array.from({ length: 190 }, (_, i) => server.add({ file_id: i + 1 }).jobId);
    ids.forEach(watched);
    await rest();
    server.refuse({ status: 429, code: 'RATE_LIMITED', retryAfterSeconds: 1, match: new RegExp(ids[3]!) });
    await pass(39_000);
    expect(client.connection().everyMs).toBeLessThan(5000);
  });

  test('pages that were refused at once do not come back at once, and none too soon', async () => {
    const ends: number[] = [];
    for (const die of [0, 0.9]) {
      vi.spyOn(Math, 'random').mockReturnValue(die);
      const { server, watched, asked } = setUp({ transport: 'poll' });
      watched(server.add({ file_id: 1 }).jobId);
      await rest();
      server.refuse({ status: 503, retryAfterSeconds: 20 });
      const startMs = Date.now();
      await pass(1000);
      const asks = asked('status').length;
      for (let i = 0; i < 300 && asked('status').length === asks; i++) await pass(100);
      ends.push(Date.now() - startMs);
    }
    expect(ends[0]).toBeGreaterThanOrEqual(20_900);
    expect(ends[1]! - ends[0]!).toBeGreaterThan(1000);
  });

  test('a proxy that answers with empty streams for a server that is away: asks, with growing pauses', async () => {
    const { server, asked } = setUp();
    const { jobId } = server.add({ file_id: 1 }, { etaSeconds: 300 });
    const empty = () => new Response('retry: 2000\n\n', { headers: { 'content-type': 'text/event-stream' } });
    const { fetch } = server;
    server.fetch = (input, init) => fetch(input, init).then((answer) => (
      String(input).includes('subscribe') ? answer.body!.cancel().then(empty) : answer));
    const other = createDownloadClient({ fetch: (input, init) => server.fetch(input, init) });
    other.subscribe(jobId, () => {});
    await pass(30_000);
    expect(other.connection().state).toBe('polling');
    expect(asked('subscribe')).toHaveLength(2);
    expect(asked('status').length).toBeLessThan(10);
    server.fetch = fetch;
    await pass(40_000);
    expect(other.connection().state).toBe('live');
    other.close();
  });

  test('behind a proxy that keeps streams back, news come all the same', async () => {
    const { server, client, watched } = setUp();
    server.buffering = true;
    const { jobId } = server.add({ file_id: 1 });
    const seen = watched(jobId);
    await pass(14_000);
    expect(client.connection().state).toBe('polling');
    server.run(jobId, { progress: 10 });
    await pass(5100);
    server.complete(jobId);
    await pass(11_000);
    expect(statuses(seen)).toEqual(['queued', 'running', 'completed']);
  });

  test('a job that joins is asked for at once, and the steps begin anew', async () => {
    const { server, client, watched } = setUp({ transport: 'poll' });
    watched(server.add({ file_id: 1 }, { etaSeconds: 300 }).jobId);
    await pass(40_000);
    expect(client.connection().everyMs).toBe(15_000);
    const seen = watched(server.add({ file_id: 2 }, { etaSeconds: 300 }).jobId);
    await rest();
    expect(seen).toHaveLength(1);
    expect(client.connection().everyMs).toBe(1000);
  });

  test('no network: says so, keeps what is known, and recovers', async () => {
    const { server, client, watched } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    const seen = watched(jobId);
    await pass(6000);
    server.offline = true;
    server.cutStreams();
    await pass(12_000);
    expect(client.connection().state).toBe('offline');
    expect(seen.at(-1)).toMatchObject({ job: { status: 'queued' }, error: { code: 'NETWORK' } });
    server.offline = false;
    await pass(16_000);
    expect(client.snapshot(jobId).error).toBeUndefined();
    await pass(60_000);
    expect(client.connection().state).toBe('live');
  });

  test('a refusal that may end is shown, and asked again no sooner than allowed', async () => {
    const { server, client, watched, asked } = setUp({ transport: 'poll' });
    const { jobId } = server.add({ file_id: 1 });
    watched(jobId);
    await rest();
    server.refuse({ status: 429, code: 'RATE_LIMITED', retryAfterSeconds: 40 });
    await pass(1100);
    expect(client.snapshot(jobId).error).toMatchObject({ code: 'RATE_LIMITED' });
    const asks = asked('status').length;
    await pass(39_000);
    expect(asked('status')).toHaveLength(asks);
    await pass(2000);
    expect(client.snapshot(jobId).error).toBeUndefined();
  });

  test('no access: shown, and over when there is access again', async () => {
    const { server, client, watched } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    server.refuse({ status: 401, code: 'UNAUTHENTICATED', times: 6 });
    const seen = watched(jobId);
    await rest();
    expect(seen[0]?.error).toMatchObject({ code: 'UNAUTHENTICATED', retryable: false });
    await pass(120_000);
    expect(client.snapshot(jobId).job?.status).toBe('queued');
  });

  test('no such job: said once, and not asked for again', async () => {
    const { server, client, watched } = setUp();
    const seen = watched('nosuchjob');
    await pass(120_000);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.error).toMatchObject({ code: 'JOB_NOT_FOUND' });
    expect(server.requests).toHaveLength(1);
    expect(client.connection()).toEqual({ state: 'idle' });
  });

  test('jobs beyond 200 are asked for beside the stream', async () => {
    const { server, watched, asked } = setUp();
    const ids = Array.from({ length: 203 }, (_, i) => server.add({ file_id: i + 1 }).jobId);
    ids.forEach((jobId) => watched(jobId));
    await rest();
    await pass(2000);
    expect(asked('subscribe')[0]!.match(/jobId=/g)).toHaveLength(200);
    const seen = watched(ids[202]!);
    server.complete(ids[202]!);
    await pass(2000);
    expect(statuses(seen)).toEqual(['completed']);
  });

  test('with 201 jobs, of which one ends, the last one is not forgotten', async () => {
    const { server, client, watched, asked } = setUp();
    const ids = Array.from({ length: 201 }, (_, i) => server.add({ file_id: i + 1 }).jobId);
    ids.forEach((jobId) => watched(jobId));
    await rest();
    const seen = watched(ids[200]!);
    server.complete(ids[0]!);
    await pass(20_000);
    server.heartbeat();
    server.complete(ids[200]!);
    await pass(41_000);
    expect(statuses(seen).at(-1)).toBe('completed');
    expect(client.connection().state).toBe('live');
    expect(asked('subscribe')).toHaveLength(1);
  });

  test('the rest alone is asked for beside a stream that works', async () => {
    const { server, watched, asked } = setUp();
    const ids = Array.from({ length: 203 }, (_, i) => server.add({ file_id: i + 1 }).jobId);
    ids.forEach((jobId) => watched(jobId));
    await pass(4000);
    const later = asked('status').slice(203);
    expect(later.length).toBeGreaterThan(0);
    expect(new Set(later)).toEqual(new Set(ids.slice(200).map((jobId) => `status/${jobId}`)));
  });
});

test('a server that shuts down: nothing is asked at once, and the next stream brings what happened', async () => {
  const { server, watched, asked } = setUp();
  const ids = Array.from({ length: 150 }, (_, i) => server.add({ file_id: i + 1 }).jobId);
  const seen = watched(ids[7]!);
  ids.forEach((jobId) => watched(jobId));
  await pass(6000);
  const asks = asked('status').length;
  server.endStreams();
  server.complete(ids[7]!);
  await pass(20_000);
  expect(asked('status')).toHaveLength(asks);
  expect(asked('subscribe')).toHaveLength(2);
  expect(server.requests.at(-1)!.headers.get('last-event-id')).toBeTruthy();
  expect(statuses(seen)).toEqual(['queued', 'completed']);
});

test('a token that takes its time is no proxy that buffers', async () => {
  const { server, client, watched, asked } = setUp({
    getToken: () => new Promise((resolve) => { setTimeout(() => resolve('token'), 8000); }),
  });
  watched(server.add({ file_id: 1 }).jobId);
  await pass(20_000);
  expect(client.connection()).toEqual({ state: 'live' });
  expect(asked('status')).toHaveLength(1);
});

test('a token that never comes is a fault like any other', async () => {
  vi.spyOn(AbortSignal, 'timeout').mockImplementation((ms) => { // by the time of this test
    const limit = new AbortController();
    setTimeout(() => limit.abort(new DOMException('late', 'TimeoutError')), ms);
    return limit.signal;
  });
  const { server, client, watched } = setUp({ getToken: () => new Promise(() => {}) });
  const { jobId } = server.add({ file_id: 1 });
  client.prime(server.job(jobId)!);
  watched(jobId);
  await pass(150_000);
  expect(['polling', 'offline']).toContain(client.connection().state);
});

test('a round of no questions says nothing of the network', async () => {
  const rounds: boolean[] = [];
  const polling = createPolling(createPoller({} as Desk), () => [], (_, offline) => rounds.push(offline));
  polling.run(true);
  await pass(5000);
  polling.run(false);
  expect(rounds).toEqual([]);
});

test('closed: no connection, no request, ever again', async () => {
  const { server, client, watched } = setUp();
  const { jobId } = server.add({ file_id: 1 });
  watched(jobId);
  await rest();
  client.close();
  await rest();
  expect(server.streams).toBe(0);
  const asked = server.requests.length;
  await pass(600_000);
  expect(server.requests).toHaveLength(asked);
  const late = watched('another');
  await pass(600_000);
  expect(server.requests).toHaveLength(asked);
  expect(late).toEqual([]);
});

test('an id that is no part of a path stays one part', async () => {
  const { client, watched, asked } = setUp();
  const jobId = '../jobs?x=';
  client.prime({ jobId, status: 'running', version: 1 } as Job);
  watched(jobId);
  await rest();
  expect(asked('subscribe')).toEqual([`subscribe/${encodeURIComponent(jobId)}?named=1`]);
});

test('faults of jobs that nobody watches are not kept without bound', () => {
  const store = createStore(Date.now);
  const fault = new DownloadError('JOB_NOT_FOUND', 'no such job', { status: 404 });
  for (let i = 0; i < 1001; i++) store.fail(`job${i}`, fault);
  expect(store.get('job0')).toEqual({});
  expect(store.get('job1000').error).toBe(fault);
});

test('a job that was retried is followed again', async () => {
  const { server, client, watched } = setUp();
  const { jobId } = server.add({ file_id: 1 });
  const seen = watched(jobId);
  await rest();
  server.fail(jobId);
  await rest();
  await client.retry(jobId);
  await rest();
  server.complete(jobId);
  await rest();
  expect(statuses(seen)).toEqual(['queued', 'failed', 'queued', 'completed']);
});
