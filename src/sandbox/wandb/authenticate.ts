import type { WandbState, WandbUser } from './wandb-state.ts';

/** `anonymous` sent no credentials, `unknown` some that are nobody's. */
export type Caller =
  | { kind: 'user'; user: WandbUser; secret: string }
  | { kind: 'anonymous' }
  | { kind: 'unknown' };

/** Basic, user `api`, the password an API key. */
export function authenticate({ keys }: WandbState, authorization: string | undefined): Caller {
  if (authorization === undefined) return { kind: 'anonymous' };
  const [, encoded] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? [];
  const credentials = Buffer.from(encoded ?? '', 'base64').toString();
  const secret = credentials.startsWith('api:') ? credentials.slice('api:'.length) : undefined;
  const key = keys.find((one) => one.secret === secret);
  return key ? { kind: 'user', user: key.user, secret: key.secret } : { kind: 'unknown' };
}
