import { createHash, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../domain/secret.ts';

/** Who may introspect. */
export interface IntrospectionClient {
  id: string;
  secret: Secret;
}

/** The client's ID where ID and secret are those of a client; undefined otherwise. */
export type CheckClient = (given: { username: string; password: Secret }) => string | undefined;

/**
 * Compares with every client, each in constant time. RFC 6749, section 2.3.1 has both parts form-encoded, which many
 * clients leave out: either is taken.
 */
export function createClientCheck(clients: readonly IntrospectionClient[]): CheckClient {
  const known = clients.map(({ id, secret }) => ({ id, digest: digestOf(id, secret.reveal()) }));
  return ({ username, password }) => {
    const plain = digestOf(username, password.reveal());
    const encoded = digestOf(formDecoded(username), formDecoded(password.reveal()));
    let found: string | undefined;
    for (const { id, digest } of known) {
      const isPlain = timingSafeEqual(digest, plain);
      const isEncoded = timingSafeEqual(digest, encoded);
      if (isPlain || isEncoded) found = id;
    }
    return found;
  };
}

/** Of one length, whatever the parts are; the parts' border is part of it. */
function digestOf(id: string, secret: string): Buffer {
  return createHash('sha256')
    .update(JSON.stringify([id, secret]))
    .digest();
}

function formDecoded(text: string): string {
  return new URLSearchParams(`text=${text.replaceAll('&', '%26')}`).get('text') ?? '';
}
