// One request (or what is none) on a connection of its own, and a marker behind it that shows whether
// both sides agree on where it ended.
import assert from 'node:assert/strict';
import { get } from './raw_cases.mjs';
import { RawConnection } from './raw.mjs';

let markers = 0;

function marker() {
  const id = `marker-${++markers}`;
  return { id, bytes: get('/v1/download/status/marker-marker-marker', `X-Request-Id: ${id}`) };
}

// What every reply must have, whoever made it.
export function checkReply(reply) {
  if (reply.status < 200 || reply.headers['content-type']?.startsWith('text/plain')) return;
  const id = reply.headers['x-request-id'];
  assert.match(id ?? '', /^[A-Za-z0-9._-]{1,128}$/);
  if (reply.status < 400 || reply.body === '') return;
  assert.equal(reply.headers['content-type'], 'application/problem+json');
  const problem = JSON.parse(Buffer.from(reply.body, 'latin1').toString());
  assert.equal(problem.status, reply.status);
  assert.equal(problem.requestId, id);
  assert.match(problem.instance, /^[!-~]*$/);
  assert.ok(problem.detail.length > 0);
}

function describeReply(reply) {
  if (reply.status < 400) return String(reply.status);
  if (reply.body === '') return `${reply.status} empty`;
  if (!reply.headers['content-type'].includes('json')) return `${reply.status} text`;
  return `${reply.status} ${JSON.parse(reply.body).code}`;
}

const methodsOf = (text) => [...text.matchAll(/^([A-Z]+) \S+ HTTP\/1\.[0-9]\r$/gm)].map((found) => found[1]);

// Sends `bytes` (in pieces) and a marker to the port; every reply is checked. `said` is the replies and
// what became of the connection.
export async function drive(port, bytes, pieces = [bytes]) {
  const mark = marker();
  const connection = await RawConnection.open(port);
  try {
    for (const piece of pieces.slice(0, -1)) {
      connection.send(piece);
      await new Promise((resolve) => { setImmediate(resolve); });
    }
    connection.send(pieces.at(-1) + mark.bytes);
    const isMark = (reply) => reply.headers['x-request-id'] === mark.id;
    const replies = await connection.replies(methodsOf(bytes), isMark);
    replies.forEach(checkReply);
    const marks = replies.filter(isMark);
    assert.ok(marks.length <= 1 && (marks.length === 0 || isMark(replies.at(-1))), 'the marker comes last, once');
    if (marks.length === 1) assert.equal(marks[0].status, 404);
    const others = replies.filter((reply) => !isMark(reply));
    return { replies: others, said: [...others.map(describeReply), marks.length === 1 ? 'open' : 'closed'].join(', ') };
  } finally {
    connection.end();
  }
}
