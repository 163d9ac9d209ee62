// docs/openapi.yaml as something to ask: its operations, and whether a reply is one of theirs.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { ROOT } from '../../e2e/lib/stack.mjs';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'];
export const document = parse(readFileSync(path.join(ROOT, 'docs/openapi.yaml'), 'utf8'));

const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: true });
addFormats(ajv);
ajv.addSchema(document, 'api');
const compiled = new Map();

// What a JSON pointer of the document means; undefined if there is nothing.
export function at(pointer) {
  return pointer.split('/').slice(1).reduce(
    (node, key) => node?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], document);
}

// { node, pointer } behind any chain of references.
function follow(pointer) {
  const node = at(pointer);
  return node?.$ref ? follow(node.$ref.slice(1)) : { node, pointer };
}

const step = (pointer, key) => `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;

// Errors of `value` against the schema at `pointer`, as text; empty if it fits.
export function faults(pointer, value) {
  if (!compiled.has(pointer)) compiled.set(pointer, ajv.compile({ $ref: `api#${encodeURI(pointer)}` }));
  const validate = compiled.get(pointer);
  return validate(value) ? [] : validate.errors.map((e) => `${e.instancePath || '/'} ${e.message}`);
}

// Every operation: { id, method, path, parameters, body, responses, deprecated }; responses by status,
// each { headers, content } with pointers to the schemas.
export const operations = Object.entries(document.paths).flatMap(([route, item]) => (
  METHODS.filter((method) => item[method]).map((method) => describe(route, method))));
export const operation = (id) => operations.find((one) => one.id === id);

function describe(route, method) {
  const base = step(step('/paths', route), method);
  const own = at(base);
  const parameters = [`${step('/paths', route)}/parameters`, `${base}/parameters`].flatMap((list) => (
    (at(list) ?? []).map((_, i) => {
      const { node, pointer } = follow(`${list}/${i}`);
      return { name: node.name, in: node.in, required: node.required === true,
        joined: node.explode === false, schema: `${pointer}/schema` };
    })));
  const body = own.requestBody ? bodyOf(`${base}/requestBody`) : null;
  const responses = Object.fromEntries(Object.keys(own.responses).map((status) => (
    [status, responseOf(`${base}/responses/${status}`)])));
  return { id: own.operationId, deprecated: own.deprecated === true, method: method.toUpperCase(), path: route, parameters, body, responses };
}

function bodyOf(reference) {
  const { pointer } = follow(reference);
  return { schema: `${pointer}/content/application~1json/schema` };
}

function responseOf(reference) {
  const { node, pointer } = follow(reference);
  const headers = Object.keys(node.headers ?? {}).map((name) => {
    const header = follow(step(`${pointer}/headers`, name));
    return { name: name.toLowerCase(), required: header.node.required === true, schema: `${header.pointer}/schema` };
  });
  const content = Object.keys(node.content ?? {}).map((type) => (
    { type, schema: `${step(`${pointer}/content`, type)}/schema` }));
  return { headers, content };
}

// ---- replies

// What may be wrong with a request before any operation sees it: documented for every path.
const EVERYWHERE = { 400: ['BAD_REQUEST', 'IDEMPOTENCY_KEY_INVALID'], 404: ['NOT_FOUND', 'JOB_NOT_FOUND'], 405: ['METHOD_NOT_ALLOWED'],
  413: ['BODY_TOO_LARGE'], 414: ['URI_TOO_LONG'], 417: ['EXPECTATION_FAILED'],
  431: ['HEADERS_TOO_LARGE'] };

// What is wrong with a reply of the operation, as sentences. `reply` is { status, headers, text, json }
// with headers in lower case, as tests/e2e/lib/http.mjs gives it. `method` HEAD: no body is expected.
export function replyFaults(one, reply, method = one.method) {
  const expected = one.responses[reply.status];
  if (expected === undefined) return everywhereFaults(one, reply);
  return [
    ...headerFaults(expected, reply),
    ...strangeHeaders(expected, reply),
    ...deprecationFaults(one, reply),
    ...(method === 'HEAD' ? [] : bodyFaults(expected, reply)),
  ].map((fault) => `${one.id} ${reply.status}: ${fault}`);
}

export function everywhereFaults(one, reply) {
  const codes = EVERYWHERE[reply.status];
  if (codes === undefined) return [`${one.id}: status ${reply.status} is not documented: ${reply.text.slice(0, 300)}`];
  const found = problemFaults(reply);
  if (!codes.includes(reply.json?.code)) found.push(`code ${reply.json?.code} is not one of ${codes}`);
  return found.map((fault) => `${one.id} ${reply.status}: ${fault}`);
}

// A problem that any path may give.
export function problemFaults(reply) {
  const found = reply.headers['content-type'] === 'application/problem+json' ? [] : ['not a problem document'];
  found.push(...faults('/components/schemas/Problem', reply.json));
  found.push(...identityFaults(reply));
  const known = document.components.schemas.ProblemCode['x-problems'][reply.json?.code];
  if (known && known.status !== reply.status) found.push(`${reply.json.code} is for status ${known.status}`);
  return found;
}

function identityFaults(reply) {
  const id = reply.headers['x-request-id'];
  if (reply.json?.requestId !== undefined && reply.json.requestId !== id) {
    return [`requestId ${reply.json.requestId} is not the header's ${id}`];
  }
  return reply.json?.status >= 400 && reply.json.status !== reply.status
    ? [`status ${reply.json.status} in the body`] : [];
}

function headerFaults(expected, reply) {
  return expected.headers.flatMap(({ name, required, schema }) => {
    const text = reply.headers[name];
    if (text === undefined) return required ? [`header ${name} is missing`] : [];
    const numeric = at(schema).type === 'integer' && /^[0-9]+$/.test(text);
    return faults(schema, numeric ? Number(text) : text).map((fault) => `header ${name}: ${text}: ${fault}`);
  });
}

// Of HTTP itself: no operation has to describe them.
const BASICS = ['date', 'server', 'connection', 'content-length', 'content-type', 'keep-alive', 'transfer-encoding'];
const EVERY_PATH = responseOf('/x-every-path').headers.map((header) => header.name);

function strangeHeaders(expected, reply) {
  const known = [...BASICS, ...EVERY_PATH, ...expected.headers.map((header) => header.name)];
  return Object.keys(reply.headers).filter((name) => !known.includes(name)).map((name) => `header ${name} is not described`);
}

function deprecationFaults({ deprecated }, reply) {
  return ['deprecation', 'sunset', 'link'].filter((name) => (name in reply.headers) !== deprecated)
    .map((name) => `header ${name} ${deprecated ? 'is missing' : 'on a path that is not deprecated'}`);
}

// What is wrong with a reply to OPTIONS.
export function optionsFaults(reply) {
  if (reply.status !== 204) return [`status ${reply.status}`];
  const expected = responseOf('/x-every-path/options/204');
  return [...headerFaults(expected, reply), ...strangeHeaders(expected, reply), ...bodyFaults(expected, reply)];
}

const typeFits = (range, type) => (
  range === '*/*' || type === range || type.startsWith(`${range};`));

function bodyFaults(expected, reply) {
  if (expected.content.length === 0) return reply.text === '' ? [] : ['a body where none is documented'];
  const type = reply.headers['content-type'] ?? '';
  const content = expected.content.find((one) => typeFits(one.type, type));
  if (!content) return [`content type ${type} is not documented`];
  if (!/json$/.test(content.type)) return [];
  if (reply.json === undefined) return ['the body is no JSON'];
  const found = [...faults(content.schema, reply.json), ...identityFaults(reply)];
  return content.type === 'application/problem+json' ? [...found, ...problemFaults(reply)] : found;
}
