// Signs a link as the gateway does (lib/core/link.h), so that a test can have one that has expired.
import { createHmac } from 'node:crypto';

export function signLink(secret, { key, fileName, contentType, expiresAt }) {
  const mac = createHmac('sha256', secret.toString().trimEnd());
  const number = (n) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(BigInt(n));
    mac.update(bytes);
  };
  for (const text of ['longhaul-link-1', key, fileName, contentType]) {
    number(Buffer.byteLength(text));
    mac.update(text);
  }
  number(expiresAt);
  const path = `/v1/download/files/${encodeURIComponent(key)}/${encodeURIComponent(fileName)}`;
  return `${path}?e=${expiresAt}&ct=${encodeURIComponent(contentType)}&s=${mac.digest('base64url')}`;
}
