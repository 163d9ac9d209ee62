// The API, at its own paths: the browser's client needs no address, and no CORS.
import { forward } from '../../../../lib/forward';

export const dynamic = 'force-dynamic';
export { forward as DELETE, forward as GET, forward as HEAD, forward as POST };
