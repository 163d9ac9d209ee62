// Signs a link as the gateway does (lib/core/link.h), so that a test can have one that has expired.
import { createHmac } from 'node:crypto';

export function signLink(secret, { key, fileName, contentType, expiresAt }) {
  const part = (text) => {
    const bytes = Buffer.from(String(text));
    return Buffer.concat([Buffer.from(`${bytes.length}:`), bytes]);
  };
  const text = Buffer.concat([Buffer.from('longhaul-link-1'), ...[key, fileName, contentType, expiresAt].map(part)]);
  const signature = createHmac('sha256', secret.toString().trimEnd()).update(text).digest('base64url');
  const path = `/v1/files/${encodeURIComponent(key)}/${encodeURIComponent(fileName)}`;
  return `${path}?e=${expiresAt}&ct=${encodeURIComponent(contentType)}&s=${signature}`;
}
