/** The gateway, or the proxy in front of it, without a slash at its end; read at each request, not at build. */
export const longhaulUrl = () => (process.env.LONGHAUL_URL ?? 'http://127.0.0.1:8080').replace(/\/+$/, '');
