// Files are passed on by a rewrite: a route handler cannot say their length. Needed only where links are paths
// (a store `file:` without a public URL); others lead past this app.
import { NextResponse } from 'next/server';
import { passedOn } from './lib/forward';
import { longhaulUrl } from './lib/longhaul-url';

export const config = { matcher: '/v1/download/files/:path*' };

export function proxy(request: Request): NextResponse {
  const { pathname, search } = new URL(request.url);
  return NextResponse.rewrite(`${longhaulUrl()}${pathname}${search}`, { request: { headers: passedOn(request.headers) } });
}
