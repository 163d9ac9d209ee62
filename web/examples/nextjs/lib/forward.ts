// Passes a request on to Longhaul, and its answer back as it comes: streams stay streams.
import { longhaulUrl } from './longhaul-url';

// What the API understands. Cookies are the app's own.
const REQUEST_HEADERS = [
  'accept', 'authorization', 'content-type', 'idempotency-key', 'if-match', 'if-modified-since', 'if-none-match',
  'if-range', 'if-unmodified-since', 'last-event-id', 'range', 'traceparent', 'x-forwarded-for', 'x-request-id',
];
// `date` is how the client knows the server's time. What belongs to one connection stays there.
const REPLY_HEADERS = [
  'allow', 'cache-control', 'content-type', 'date', 'deprecation', 'etag', 'idempotency-replayed', 'link', 'location',
  'ratelimit', 'ratelimit-policy', 'retry-after', 'sunset', 'vary', 'www-authenticate', 'x-accel-buffering',
  'x-content-type-options', 'x-request-id',
];

function pick(from: Headers, names: readonly string[]): Headers {
  const to = new Headers();
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) to.set(name, value);
  }
  return to;
}

/** What goes on of a request's headers. */
export function passedOn(from: Headers): Headers {
  const headers = pick(from, REQUEST_HEADERS);
  // fetch would unpack anything else and keep its tag, and Next.js would pack files, and parts of them.
  headers.set('accept-encoding', 'identity');
  return headers;
}

function unreachable(): Response {
  const problem = {
    type: 'about:blank', title: 'Bad Gateway', status: 502, code: 'UPSTREAM_UNREACHABLE',
    detail: 'the download service does not answer',
  };
  return Response.json(problem, {
    status: 502, headers: { 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
  });
}

/** The answer of Longhaul, as it comes. */
export async function forward(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  // `duplex` is required with a stream as the body, and unknown to the DOM's types.
  const init: RequestInit & { duplex: 'half' } = {
    method: request.method, headers: passedOn(request.headers), body: request.body, duplex: 'half', redirect: 'manual', cache: 'no-store',
    signal: request.signal, // a visitor who leaves ends the stream at the gateway too
  };
  let reply: Response;
  try {
    reply = await fetch(`${longhaulUrl()}${pathname}${search}`, init);
  } catch {
    return unreachable();
  }
  return new Response(reply.body, { status: reply.status, headers: pick(reply.headers, REPLY_HEADERS) });
}
