// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DownloadError, createDownloadClient } from '../src/index.js';
import type { ListQuery } from '../src/index.js';
import { setUp } from './support/setup.js';
import { pass, useOwnTime } from './support/time.js';

useOwnTime();
beforeEach(() => sessionStorage.clear());
afterEach(() => vi.restoreAllMocks());

const keysOf = ({ server }: ReturnType<typeof setUp>) => server.requests.map(({ headers }) => headers.get('idempotency-key'));

async function failure(promise: Promise<unknown>): Promise<DownloadError> {
  const error = await promise.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(DownloadError);
  return error as DownloadError;
}

describe('errors', () => {
  test('of the API have its code and request id', async () => {
    const { client } = setUp();
    const error = await failure(client.status('nosuchjob'));
    expect(error).toMatchObject({ name: 'DownloadError', code: 'JOB_NOT_FOUND', status: 404, retryable: false, requestId: 'fake-request' });
    expect(error.message).toBe('no such job');
  });

  test('of a proxy have the status only', async () => {
    const html = () => Promise.resolve(new Response('<html>', { status: 502, headers: { 'content-type': 'text/html' } }));
    const client = createDownloadClient({ fetch: html });
    expect(await failure(client.status('a'))).toMatchObject({ code: 'BAD_REPLY', status: 502, retryable: true });
  });

  test('a bare 500 may be over the next time', async () => {
    const client = createDownloadClient({ fetch: () => Promise.resolve(new Response('<html>', { status: 500 })) });
    expect(await failure(client.status('a'))).toMatchObject({ code: 'BAD_REPLY', status: 500, retryable: true });
  });

  test('half an answer is none', async () => {
    const half = () => Promise.resolve(new Response('{"jobId": "a', { status: 200 }));
    expect(await failure(createDownloadClient({ fetch: half }).status('a'))).toMatchObject({ code: 'NETWORK', status: 0, retryable: true });
  });

  test.each([
    ['7', 7000], ['Sat, 28 Nov 2026 12:00:30 GMT', 30_000], ['soon', undefined], ['-3', undefined],
    ['Sat, 28 Nov 2026 11:00:00 GMT', undefined],
  ])('Retry-After: %s', async (value, ms) => {
    const busy = () => Promise.resolve(new Response('{}', { status: 429, headers: { 'retry-after': value } }));
    expect((await failure(createDownloadClient({ fetch: busy }).status('a'))).retryAfterMs).toBe(ms);
  });

  test.each([
    ['a date is by the server\'s clock', 'Sat, 28 Nov 2026 12:10:30 GMT', 30_000], ['a long time is a day', '5000000', 86_400_000],
    ['a far date is a day', 'Sat, 28 Nov 2037 12:10:30 GMT', 86_400_000],
  ])('Retry-After: %s', async (_, value, ms) => {
    const headers = { 'retry-after': value, date: 'Sat, 28 Nov 2026 12:10:00 GMT' };
    const busy = () => Promise.resolve(new Response('{}', { status: 429, headers }));
    expect((await failure(createDownloadClient({ fetch: busy }).status('a'))).retryAfterMs).toBe(ms);
  });

  test('an abort is the reason given, not a DownloadError', async () => {
    const { client } = setUp();
    const controller = new AbortController();
    const call = client.status('a', { signal: controller.signal });
    const reason = new Error('left the page');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
  });
});

describe('initiate', () => {
  test('a refusal comes at once, and the next request has another key', async () => {
    const setup = setUp();
    setup.server.refuse({ status: 429, code: 'QUOTA_EXCEEDED', retryAfterSeconds: 20 });
    expect(await failure(setup.client.initiate({ file_id: 1 }))).toMatchObject({ code: 'QUOTA_EXCEEDED', retryAfterMs: 20_000 });
    await setup.client.initiate({ file_id: 1 });
    expect(new Set(keysOf(setup)).size).toBe(2);
  });

  test('what is not answered is repeated with the same key, and makes one job', async () => {
    const setup = setUp();
    setup.server.offline = true;
    const call = setup.client.initiate({ file_id: 1 });
    await pass(300);
    setup.server.offline = false;
    setup.server.refuse({ status: 503, retryAfterSeconds: 2 });
    await pass(5000);
    expect((await call).status).toBe('queued');
    expect(setup.server.requests.length).toBeGreaterThanOrEqual(3);
    expect(new Set(keysOf(setup)).size).toBe(1);
  });

  test('a Retry-After is waited for', async () => {
    const setup = setUp();
    setup.server.refuse({ status: 503, retryAfterSeconds: 5 });
    const call = setup.client.initiate({ file_id: 1 });
    await pass(4900);
    expect(setup.server.requests).toHaveLength(1);
    await pass(1000);
    await call;
  });

  test('a long Retry-After, and too many repeats, are the caller\'s', async () => {
    const setup = setUp();
    setup.server.refuse({ status: 503, code: 'QUEUE_FULL', retryAfterSeconds: 60 });
    expect((await failure(setup.client.initiate({ file_id: 1 }))).code).toBe('QUEUE_FULL');
    setup.server.offline = true;
    const given = failure(setup.client.initiate({ file_id: 1 }));
    await pass(60_000);
    expect((await given).code).toBe('NETWORK');
  });

  test('an abort ends the waiting', async () => {
    const setup = setUp();
    setup.server.offline = true;
    const controller = new AbortController();
    const call = setup.client.initiate({ file_id: 1 }, { signal: controller.signal });
    await pass(10);
    controller.abort();
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });

  test('a reload before the answer repeats with the same key; after it a new job is meant', async () => {
    const setup = setUp();
    setup.server.offline = true;
    const controller = new AbortController();
    const lost = setup.client.initiate({ file_id: 7 }, { signal: controller.signal });
    await pass(1);
    controller.abort(); // the page is gone
    await expect(lost).rejects.toBeDefined();
    setup.server.offline = false;
    const reloaded = createDownloadClient({ fetch: setup.server.fetch });
    await reloaded.initiate({ file_id: 7 });
    await reloaded.initiate({ file_id: 7 });
    const [first, second, third] = keysOf(setup);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
    expect(sessionStorage.length).toBe(0);
  });

  test('a double click makes one job', async () => {
    const setup = setUp();
    const [one, two] = await Promise.all([1, 2].map(() => setup.client.initiate({ file_id: 3 })));
    expect(two).toEqual(one);
  });

  test('an unanswered request of long ago is forgotten', async () => {
    const setup = setUp();
    setup.server.offline = true;
    const given = failure(setup.client.initiate({ file_id: 7 }));
    await pass(3_700_000);
    await given;
    setup.server.offline = false;
    await setup.client.initiate({ file_id: 7 });
    expect(new Set(keysOf(setup)).size).toBe(2);
  });

  test('a key of the caller\'s is used, and a visitor without storage gets one too', async () => {
    const setup = setUp();
    await setup.client.initiate({ file_id: 1 }, { idempotencyKey: 'order-4711' });
    vi.stubGlobal('sessionStorage', undefined);
    await setup.client.initiate({ file_id: 1 });
    const [given, made] = keysOf(setup);
    expect(given).toBe('order-4711');
    expect(made).toMatch(/^[\d-]{20,}$/);
  });
});

describe('requests', () => {
  test('that wait for a token end with their signal', async () => {
    const { client, server } = setUp({ getToken: () => new Promise(() => {}) });
    const controller = new AbortController();
    const call = client.status('a', { signal: controller.signal });
    await pass(10);
    const reason = new Error('left the page');
    controller.abort(reason);
    await expect(call).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
  });

  test('a token that does not come is an error after 30 s', async () => {
    vi.useRealTimers(); // AbortSignal.timeout is the runtime's own
    vi.spyOn(AbortSignal, 'timeout').mockReturnValue(AbortSignal.abort(new DOMException('30 s', 'TimeoutError')));
    const { client } = setUp({ getToken: () => new Promise(() => {}) });
    expect(await failure(client.status('a'))).toMatchObject({ code: 'NETWORK', retryable: true });
  });

  test('a token that cannot be had is the cause of the error', async () => {
    const cause = new Error('the login has ended');
    const { client, server } = setUp({ getToken: () => Promise.reject(cause) });
    const error = await failure(client.status('a'));
    expect(error).toMatchObject({ code: 'NETWORK', retryable: true });
    expect(error.cause).toBe(cause);
    expect(server.requests).toEqual([]);
  });

  test('an abort leaves nothing to listen to', async () => {
    const { client, server } = setUp();
    server.refuse({ status: 503, match: /initiate/, times: 3 });
    const { signal } = new AbortController();
    const target = Object.getPrototypeOf(AbortSignal.prototype) as EventTarget; // also of signals that follow this one
    const add = vi.spyOn(target, 'addEventListener'), remove = vi.spyOn(target, 'removeEventListener');
    const call = client.initiate({ file_id: 1 }, { signal });
    await pass(20_000);
    await call;
    expect(add.mock.calls.length).toBeGreaterThan(2);
    expect(remove.mock.calls.map(([, listener]) => listener)).toEqual(add.mock.calls.map(([, listener]) => listener));
  });

  test('list: the server takes no parameter twice, and no state that there is not', async () => {
    const { server, client } = setUp();
    for (const query of ['status=queued&status=running', 'status=done', 'cursor=']) {
      expect((await server.fetch(`/v1/download/jobs?${query}`)).status, query).toBe(400);
    }
    await expect(client.list({ status: ['queued', 'running'] })).resolves.toMatchObject({ jobs: [] });
  });

  test('the link in a result begins with the base, wherever it comes from', async () => {
    const { client, server } = setUp({ baseUrl: 'https://x.example/api/' });
    const { jobId } = server.add({ file_id: 1 });
    server.complete(jobId, { url: '/v1/download/files/f' });
    const url = 'https://x.example/api/v1/download/files/f';
    expect(await client.status(jobId)).toMatchObject({ result: { url } });
    expect(await client.wait(jobId)).toMatchObject({ result: { url } });
    expect(client.snapshot(jobId).job).toMatchObject({ result: { url } });
  });

  test('ask for the token each time', async () => {
    let count = 0;
    const { client, server } = setUp({ getToken: () => Promise.resolve(count++ ? `t${count}` : undefined) });
    await client.list();
    await client.list();
    expect(server.requests.map(({ headers }) => headers.get('authorization'))).toEqual([null, 'Bearer t2']);
  });

  test('list: every member of the query, several states by commas', async () => {
    const { client, server } = setUp();
    await client.list({ userId: 'ü&1', status: ['queued', 'running'], limit: 5 });
    expect(server.requests[0]!.path).toBe('/v1/download/jobs?status=queued%2Crunning&userId=%C3%BC%261&limit=5');
  });

  test('list: no states are any state; an empty user is left to the server to refuse', async () => {
    const { client, server } = setUp();
    await client.list({ status: [] });
    expect(server.requests[0]!.path).toBe('/v1/download/jobs');
    expect(await failure(client.list({ userId: '' }))).toMatchObject({ status: 400 });
  });

  test('list: what is null, as plain JavaScript has it, is left out', async () => {
    const { client, server } = setUp();
    await client.list({ userId: null, status: undefined, cursor: null } as unknown as ListQuery);
    expect(server.requests[0]!.path).toBe('/v1/download/jobs');
  });

  test('link: a path is below the base, an absolute one stays', async () => {
    const { client, server } = setUp({ baseUrl: 'https://x.example/api/' });
    const { jobId } = server.add({ file_id: 1 });
    server.complete(jobId, { url: '/v1/download/files/f' });
    expect((await client.link(jobId)).url).toBe('https://x.example/api/v1/download/files/f');
    const other = server.add({ file_id: 1 }).jobId;
    server.complete(other, { url: 'https://s3.example/f?sig=1' });
    expect((await client.link(other)).url).toBe('https://s3.example/f?sig=1');
  });

  test('cancel and retry are known at once to whoever looks', async () => {
    const { client, server } = setUp();
    const { jobId } = server.add({ file_id: 1 });
    await client.cancel(jobId);
    expect(client.snapshot(jobId).job?.status).toBe('canceled');
    await client.retry(jobId);
    expect(client.snapshot(jobId).job?.status).toBe('queued');
  });

  test('the server\'s clock, where the visitor\'s is minutes off', async () => {
    const { client } = setUp({ server: { clockAheadMs: -300_000 } });
    expect(client.now() - Date.now()).toBe(0);
    await client.list();
    expect(Math.abs(client.now() - Date.now() + 300_000)).toBeLessThan(1000);
  });
});
