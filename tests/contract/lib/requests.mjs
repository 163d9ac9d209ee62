// Requests by the description: for each operation such as fit it, and such as nearly do.
import fc from 'fast-check';
import { at, faults, operations } from './api.mjs';
import { fitting } from './arbitrary.mjs';

const BODY = '/components/schemas/InitiateRequest';
const BYTES_MAX = { userId: 128, fileName: 255 };
const SIMULATED_BYTES_MAX = 65536; // what is accepted is really stored
const json = fc.jsonValue({ maxDepth: 2 });
const MEMBERS = ['InitiateRequest', 'InitiateOptions', 'Simulate'].flatMap((schema) => (
  Object.keys(at(`/components/schemas/${schema}/properties`))));
const name = fc.oneof(fc.constantFrom(...MEMBERS),
  fc.string({ unit: 'grapheme', maxLength: 12 }).filter((key) => key !== '__proto__'));

// ---- bodies

// Short jobs that store little: hundreds of them shall come to their end.
function tame(body) {
  const { delaySeconds, timeoutSeconds, simulate, ...options } = body.options ?? {};
  const { durationMs = 0, size = 0, ...plan } = simulate ?? {};
  return {
    ...body,
    options: {
      ...options,
      ...(delaySeconds === undefined ? {} : { delaySeconds: delaySeconds % 2 }),
      ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
      simulate: { ...plan, durationMs: durationMs % 700, size: size % SIMULATED_BYTES_MAX },
    },
  };
}

function changed(body, where, key, value) {
  const copy = structuredClone(body);
  let target = copy;
  for (const part of where) {
    if (typeof target[part] !== 'object' || target[part] === null) target[part] = {};
    target = target[part];
  }
  target[key] = value;
  if (copy.options?.simulate?.size > SIMULATED_BYTES_MAX && copy.options.simulate.size <= 2 ** 40) {
    copy.options.simulate.size %= SIMULATED_BYTES_MAX;
  }
  return copy;
}

const fit = fitting(BODY).map(tame).filter((value) => faults(BODY, value).length === 0);
const nearly = fc.tuple(fit, fc.constantFrom([], ['options'], ['options', 'simulate']), name,
  fc.oneof(json, fc.integer(), fc.double(), fc.constantFrom(-1, 0, 2 ** 53, 1e21, '', null, [], {})))
  .map(([body, where, key, value]) => changed(body, where, key, value));
const broken = fc.tuple(fit.map((body) => JSON.stringify(body)), fc.nat(), fc.string({ unit: 'binary', maxLength: 4 }))
  .map(([text, place, piece]) => {
    const cut = place % (text.length + 1);
    return place % 3 === 0 ? text.slice(0, cut) : text.slice(0, cut) + piece + text.slice(cut + (place % 2));
  });

const body = fc.oneof(
  { weight: 6, arbitrary: fit.map((value) => ({ text: JSON.stringify(value), value })) },
  { weight: 3, arbitrary: nearly.map((value) => ({ text: JSON.stringify(value), value })) },
  { weight: 2, arbitrary: broken.map((text) => ({ text })) },
  { weight: 1, arbitrary: fc.constantFrom('', ' ', '[]', 'null', '{}', `{"file_id":1,"x":"${'y'.repeat(65536)}"}`,
    '['.repeat(3000), '{"file_id":1,"file_id":1}').map((text) => ({ text })) },
);

// What the server must say to a body: 'accept', 'refuse', or undefined where a schema does not decide.
export function verdict({ text }) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return 'refuse';
  }
  if (faults(BODY, value).length > 0) return 'refuse';
  const tooLong = [[value.userId, BYTES_MAX.userId], [value.options?.fileName, BYTES_MAX.fileName]]
    .some(([member, max]) => typeof member === 'string' && Buffer.byteLength(member) > max);
  if (tooLong) return 'refuse';
  // Members that stand twice, and numbers that are integers only by value, are refused too.
  return JSON.stringify(value) === text ? 'accept' : undefined;
}

// ---- everything else of a request

const rarely = (arbitrary) => fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, arbitrary);
const printable = fc.stringMatching(/^[!-~]{0,40}$/);
const jobId = fc.oneof(
  { weight: 8, arbitrary: fc.nat().map((index) => ({ known: index })) },
  { weight: 1, arbitrary: fitting('/components/schemas/JobId').map((text) => ({ text })) },
  { weight: 1, arbitrary: fc.constantFrom('x', 'jobsx', '%00', '..%2f..', 'ü', 'a'.repeat(300), '%zz')
    .map((text) => ({ text })) },
);
const queryValue = (parameter) => fc.oneof(
  { weight: 3, arbitrary: fitting(parameter.schema).map((value) => (
    parameter.joined ? [value.join(',')] : [value].flat().map(String))) },
  { weight: 1, arbitrary: fc.array(fc.oneof(printable, fc.string({ unit: 'grapheme', maxLength: 8 })), { maxLength: 2 }) },
);
const headerValue = (parameter) => fc.oneof(
  { weight: 3, arbitrary: fitting(parameter.schema).filter((text) => /^[ -~]*$/.test(text)) }, printable,
);
const some = (parameters, value) => fc.record(
  Object.fromEntries(parameters.map((one) => [one.name, value(one)])), { requiredKeys: [] });

function requestOf(one) {
  const inside = (place) => one.parameters.filter((parameter) => parameter.in === place);
  return fc.record({
    operation: fc.constant(one.id),
    method: fc.oneof({ weight: 12, arbitrary: fc.constant(one.method) },
      fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH')),
    jobId,
    link: fc.nat(),
    query: some(inside('query'), queryValue),
    extra: rarely(fc.tuple(printable, printable)),
    headers: some(inside('header'), headerValue),
    accept: fc.option(fc.oneof(fc.constantFrom('text/html', '*/*', 'application/json;q=0.1, text/*'), printable)),
    requestId: fc.option(printable),
    body: one.body ? body : rarely(fc.oneof(body, fc.constant({ text: 'x'.repeat(70000) }))),
    type: fc.oneof({ weight: 15, arbitrary: fc.constant('application/json') },
      fc.constantFrom('application/json; charset=utf-8', 'text/plain', 'application/json; charset=latin1', ''), printable),
  });
}

// One request to any of the operations.
const weight = (one) => (one.body ? 5 : 2);
export const anyRequest = fc.oneof(...operations.map((one) => ({ weight: weight(one), arbitrary: requestOf(one) })));
