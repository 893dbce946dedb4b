import { randomBytes } from 'node:crypto';

export type IdType = 'User' | 'Entity' | 'Organization' | 'ApiKey' | 'OAuthProvider' | 'OAuthClient';

/** Opaque as W&B's: base64 of `User:7`. */
export function createWandbIds(): (type: IdType) => string {
  let last = 0;
  return (type) => Buffer.from(`${type}:${++last}`).toString('base64');
}

/** As self-managed servers make them: 40 characters after the first hyphen, which every SDK accepts. */
export function newApiKeySecret(): string {
  return `local-${randomBytes(20).toString('hex')}`;
}

/** The public part, which newer servers list instead of the secret. */
export function keyPrefix(secret: string): string {
  return secret.slice(0, 'local-'.length + 8);
}
