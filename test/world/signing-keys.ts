import type { JWK } from 'jose';
import keys from './signing-keys.json' with { type: 'json' };

let used = 0;

/** Returns the next of six RSA keys, which no test has to wait for. They have never signed anything outside of tests. */
export async function nextTestSigningKey(): Promise<JWK> {
  const key = keys[used % keys.length];
  used += 1;
  return { ...key };
}
