// When an artifact ends: by DELETE, by age, and what a link that was handed out before does then.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { Client } from './lib/client.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';
import { until } from './lib/wait.mjs';

const SIZE = 5000;
const gone = (reply) => {
  assert.equal(reply.status, 410, reply.text);
  assert.equal(reply.json.code, 'ARTIFACT_EXPIRED');
};

// Two stacks that know nothing of each other; one mostly waits for time to pass.
describe('the end of an artifact', { concurrency: true }, () => {
  describe('DELETE', { concurrency: false }, () => {
    let stack, clients;
    before(async () => {
      stack = await Stack.start({ 'allow-simulate': true, gateways: 2 });
      clients = [new Client(stack.url(1)), new Client(stack.url(2))];
    });
    after(() => stack?.destroy());

    const remove = (jobId) => call(`${clients[0].api}/${jobId}`, { method: 'DELETE' });
    const links = async (jobId) => {
      const { result } = await clients[0].completed(jobId);
      return clients.map((client) => client.link(result.url));
    };

    test('an active job stays: 409, and then it completes', async () => {
      const worker = await stack.signal('worker-1', 'SIGSTOP'); // or it would end when it likes
      const jobId = await clients[0].simulate({ size: SIZE });
      const reply = await remove(jobId);
      process.kill(worker, 'SIGCONT');
      assert.deepEqual([reply.status, reply.json?.code], [409, 'JOB_ACTIVE']);
      for (const link of await links(jobId)) assert.equal((await call(link)).bytes.length, SIZE);
    });

    test('after 204 no gateway serves its link, though the file is still there', async () => {
      const jobId = await clients[0].simulate({ size: SIZE });
      const [one, two] = await links(jobId);
      const { artifactKey } = await stack.record(jobId);
      const worker = await stack.signal('worker-1', 'SIGSTOP'); // who would delete the file
      try {
        assert.equal((await remove(jobId)).status, 204);
        for (const link of [one, two]) {
          gone(await call(link));
          gone(await call(link, { headers: { range: 'bytes=0-9' } }));
          assert.equal((await call(link, { method: 'HEAD' })).status, 410);
        }
        assert.ok((await stack.objects()).includes(artifactKey));
      } finally {
        process.kill(worker, 'SIGCONT');
      }
      assert.equal((await clients[1].status(jobId)).status, 404);
      assert.equal((await remove(jobId)).status, 404);
      await until('the file is deleted', async () => !(await stack.objects()).includes(artifactKey));
      gone(await call(two));
    });

    test('after 204 the link of an empty artifact is gone as well', async () => {
      const jobId = await clients[0].simulate({});
      const [one, two] = await links(jobId);
      assert.deepEqual([(await call(one)).status, (await call(two)).status], [200, 200]);
      assert.equal((await remove(jobId)).status, 204);
      gone(await call(one));
      gone(await call(two));
    });

    test('while Redis says nothing or is away, a signed link still serves its file', { timeout: 60_000 }, async () => {
      const [one, two] = await links(await clients[0].simulate({ size: SIZE }));
      const redis = await stack.signal('redis', 'SIGSTOP');
      try {
        assert.equal((await call(one)).bytes.length, SIZE);
        assert.equal((await call(two)).bytes.length, SIZE);
      } finally {
        process.kill(redis, 'SIGCONT');
      }
      await stack.awaitReady(1);
      assert.equal((await call(one)).bytes.length, SIZE);
    });
  });

  describe('age', { concurrency: false }, () => {
    const ARTIFACT_TTL_S = 4, RECORD_TTL_S = 14;
    let stack, client;
    before(async () => {
      stack = await Stack.start({ 'allow-simulate': true },
        { LONGHAUL_ARTIFACT_TTL_S: String(ARTIFACT_TTL_S), LONGHAUL_RECORD_TTL_S: String(RECORD_TTL_S) });
      client = new Client(stack.url());
    });
    after(() => stack?.destroy());

    test('not ready, then there, then expired, then unknown', { timeout: 90_000 }, async () => {
      const jobId = await client.simulate({ durationMs: 1500, size: SIZE });
      const early = await client.result(jobId);
      assert.deepEqual([early.status, early.json.code], [409, 'NOT_READY']);
      const { result } = await client.completed(jobId);
      const link = client.link(result.url);
      const { artifactKey } = await stack.record(jobId);
      assert.equal((await client.result(jobId)).status, 200);
      assert.equal((await call(link)).bytes.length, SIZE);

      const expired = await until('410', async () => {
        const reply = await client.result(jobId);
        return reply.status === 410 && reply;
      });
      assert.equal(expired.json.code, 'ARTIFACT_EXPIRED');
      gone(await call(link));
      const { status, json } = await client.status(jobId);
      assert.deepEqual([status, json.status], [200, 'completed']);
      assert.ok(!('expiresAt' in json.result));
      const { jobs } = (await call(`${client.api}/jobs`)).json;
      assert.deepEqual(jobs.map((job) => [job.jobId, job.result]), [[jobId, json.result]], 'no end of a link that there is not');
      assert.equal(await stack.redis('hget', `download:job:${jobId}`, 'artifactKey'), '');
      await until('the file is deleted', async () => !(await stack.objects()).includes(artifactKey));

      await until('404', async () => (await client.status(jobId)).status === 404);
      assert.equal((await client.result(jobId)).status, 404);
      gone(await call(link));
      assert.equal(await stack.redis('exists', `download:job:${jobId}`), '0');
      for (const key of ['expiry', 'garbage', 'index']) {
        await until(`${key} is empty`, async () => await stack.redis('zcard', `lh:{0}:${key}`) === '0');
      }
    });
  });
});
