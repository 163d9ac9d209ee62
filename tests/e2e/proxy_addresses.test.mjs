// Whose address a gateway behind a proxy counts for its limits. Clients have addresses of 127.0.0.0/8,
// of which only the proxies' own, 127.0.0.1, is trusted.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { FRONTS } from './lib/fronts.mjs';
import { call } from './lib/http.mjs';
import { Stack } from './lib/stack.mjs';

const BURST = 3;
const TRIES = 30; // more than the burst and what comes to it in the time they take

describe('limits by address', () => {
  let stack;
  before(async () => {
    stack = await Stack.start({}, {
      LONGHAUL_TRUSTED_PROXIES: '127.0.0.1/32', LONGHAUL_RATE_ADDRESS: `1/s:${BURST}` });
  });
  after(() => stack?.destroy());

  const ask = async (front, localAddress, headers) => (
    await call(`${front.url}/v1/download/status/01234567890123456789`, { localAddress, headers })).status;

  // Asks until it is told to wait; false if it never is. `headers(i)`: of each request.
  async function isLimited(front, localAddress, headers = () => ({})) {
    for (let i = 0; i < TRIES; i++) {
      const status = await ask(front, localAddress, headers(i));
      if (status === 429) return true;
      assert.equal(status, 404);
    }
    return false;
  }

  const RECOMMENDED = ['nginx as recommended', 'HAProxy as recommended'];
  RECOMMENDED.forEach((name, i) => {
    const [one, other, liar] = [2, 3, 4].map((n) => `127.0.${i + 1}.${n}`);

    test(`${name}: who asks too much waits, others do not`, async (t) => {
      const front = await FRONTS[name]([stack.port]);
      t.after(() => front.destroy());
      assert.ok(await isLimited(front, one));
      assert.equal(await ask(front, other), 404);
    });

    test(`${name}: an invented X-Forwarded-For helps nobody`, async (t) => {
      const front = await FRONTS[name]([stack.port]);
      t.after(() => front.destroy());
      assert.ok(await isLimited(front, liar, (n) => ({ 'x-forwarded-for': `203.0.113.${n}` })));
    });
  });

  test('a proxy that does not tell addresses: its clients are one', async (t) => {
    const front = await FRONTS['nginx as in the original document']([stack.port]);
    t.after(() => front.destroy());
    const statuses = [];
    for (let i = 0; i < TRIES; i++) statuses.push(await ask(front, `127.0.9.${i + 1}`));
    assert.ok(statuses.includes(429), `${statuses}`);
  });
});
