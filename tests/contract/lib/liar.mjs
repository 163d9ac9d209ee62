// A gateway whose replies are wrong in one way each, asked through call(). prism.test.mjs runs it as a process of its own
// and reads what was found.
import http from 'node:http';
import { call } from '../../e2e/lib/http.mjs';
import { judge } from '../../e2e/lib/prism.mjs';

const ID = '0'.repeat(27);
const NAMED = { 'x-request-id': 'r', 'cache-control': 'no-store' };
const problem = (status, code) => [status, { ...NAMED, 'content-type': 'application/problem+json' },
  { type: `/docs/errors#${code}`, title: 't', status, detail: 'd', instance: '/x', code, requestId: 'r' }];
const accepted = [202, { ...NAMED, 'content-type': 'application/json', location: `/v1/download/status/${ID}`, 'retry-after': '1' },
  { jobId: ID, status: 'queued' }];

// About, status, headers, body; what to ask: method, path, body.
const CASES = [
  ['truth', problem(404, 'JOB_NOT_FOUND'), ['GET', `/v1/download/status/${ID}`]],
  ['truth of any path', problem(431, 'HEADERS_TOO_LARGE'), ['GET', `/v1/download/status/${ID}`]],
  ['truth of a redirect', [302, { location: '/' }, undefined], ['GET', `/v1/download/${ID}?redirect=1`]],
  ['truth about a bad request', problem(400, 'VALIDATION_FAILED'), ['POST', '/v1/download/initiate', { file_id: 0 }]],
  ['no status object', [200, { ...NAMED, 'content-type': 'application/json', etag: 'W/"1"' }, { jobId: ID }], ['GET', `/v1/download/status/${ID}`]],
  ['a header missing', [404, { 'content-type': 'application/problem+json', 'x-request-id': 'r' }, problem(404, 'JOB_NOT_FOUND')[2]],
    ['GET', `/v1/download/${ID}/history`]],
  ['a status of success that is not described', [201, ...accepted.slice(1)], ['POST', '/v1/download/initiate', { file_id: 1 }]],
  ['a status of failure that is not described', problem(410, 'ARTIFACT_EXPIRED'), ['GET', `/v1/download/status/${ID}`]],
  ['another code than the status has', problem(404, 'NOT_FOUND'), ['GET', `/v1/download/status/${ID}`]],
  ['another type of content', [404, { ...NAMED, 'content-type': 'text/plain' }, 'no'], ['GET', `/v1/download/status/${ID}`]],
  ['a bad request that is taken', accepted, ['POST', '/v1/download/initiate', { file_id: 0 }]],
  ['a bad request that breaks the server', problem(500, 'INTERNAL'), ['POST', '/v1/download/initiate', { file_id: 0 }]],
];

const server = http.createServer((request, response) => {
  request.resume();
  const [status, headers, body] = CASES[Number(request.headers['x-case'])][1];
  response.writeHead(status, { ...headers, connection: 'close' }).end(typeof body === 'object' ? JSON.stringify(body) : body);
});
server.listen(0, '127.0.0.1', async () => {
  const origin = `http://127.0.0.1:${server.address().port}`;
  await judge(origin);
  for (const [i, [about, , [method, where, body]]] of CASES.entries()) {
    const json = body && { 'content-type': 'application/json' };
    const found = await call(origin + where, { method, headers: { ...json, 'x-case': i }, body: body && JSON.stringify(body) })
      .then(() => false, () => true);
    process.stdout.write(`${JSON.stringify([about, found])}\n`);
  }
  server.close();
});
