// Replies in the API's form.

/** @param title is derived from the code. */
export function problem(
  status: number, code: string, detail: string, instance: string, headers: Record<string, string> = {},
): Response {
  const body = {
    type: `/docs/errors#${code}`, title: code.toLowerCase().replaceAll('_', ' '), status, detail, instance, code,
    requestId: 'fake-request',
  };
  return new Response(JSON.stringify(body), {
    status, headers: { 'content-type': 'application/problem+json', 'x-request-id': 'fake-request', ...headers },
  });
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status, headers: { 'content-type': 'application/json', 'x-request-id': 'fake-request', ...headers },
  });
}
