// An issuer of tokens as an identity provider is one: keys of its own, a published key set.
import { createHmac } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { SignJWT, exportJWK, exportSPKI, generateKeyPair } from 'jose';

export const ISSUER = 'https://id.example';
export const AUDIENCE = 'longhaul';

export const now = () => Math.floor(Date.now() / 1000);
const part = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export const rightClaims = (more = {}) => ({
  iss: ISSUER, aud: AUDIENCE, sub: 'alice', iat: now(), exp: now() + 600, ...more,
});

export class Issuer {
  static async make(kid, alg = 'RS256') {
    const issuer = new Issuer();
    Object.assign(issuer, { kid, alg }, await generateKeyPair(alg, { extractable: true }));
    issuer.jwk = { ...await exportJWK(issuer.publicKey), kid, alg, use: 'sig' };
    issuer.pem = await exportSPKI(issuer.publicKey);
    return issuer;
  }

  // A token of the right claims but for `claims` (undefined leaves one out).
  sign(claims = {}, header = {}) {
    const all = Object.fromEntries(Object.entries(rightClaims(claims)).filter(([, v]) => v !== undefined));
    return new SignJWT(all).setProtectedHeader({ alg: this.alg, kid: this.kid, ...header }).sign(this.privateKey);
  }
}

// What no library makes.
export const unsigned = (header, claims = rightClaims(), signature = '') =>
  `${part(header)}.${part(claims)}.${signature}`;

export function hmacSigned(secret, header = { alg: 'HS256' }, claims = rightClaims()) {
  const signed = `${part(header)}.${part(claims)}`;
  const digest = `sha${header.alg.slice(2)}`;
  return `${signed}.${createHmac(digest, secret).update(signed).digest('base64url')}`;
}

// As a careful operator replaces a file that is being read.
export async function replaceFile(file, text) {
  await writeFile(`${file}.new`, text);
  await rename(`${file}.new`, file);
}

export const publish = (file, ...issuers) => replaceFile(file, JSON.stringify({ keys: issuers.map((i) => i.jwk) }));
export const bearer = (token) => ({ authorization: `Bearer ${token}` });
