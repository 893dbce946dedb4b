import { expect } from 'vitest';
import { FORM, type RawAnswer } from '../../send-request.ts';
import { basic } from '../../world/credential-world.ts';
import { secretsOf, type WholeKeysmith } from '../../world/whole-keysmith.ts';

const JSON_TYPE = 'application/json';

/** The routes that read a body, with what they take and by whom. */
export function takersOf(keysmith: WholeKeysmith) {
  return [
    { path: '/oidc/token', type: FORM, authorization: '' },
    { path: '/oauth/introspect', type: FORM, authorization: keysmith.introspection },
    { path: '/graphql', type: JSON_TYPE, authorization: basic('api', keysmith.key) },
    { path: '/v1/runs/authorize', type: JSON_TYPE, authorization: `Bearer ${keysmith.token}` },
  ] as const;
}

/** Status and code of a refusal that has the documented shape and repeats none of the credentials. */
export function refusalIn({ status, headers, body }: RawAnswer, keysmith: WholeKeysmith): [number, string] {
  const { error, error_description: description, errors, ...more } = JSON.parse(body);
  expect(more).toEqual({});
  expect(description).toMatch(/^[ !#-[\]-~]+$/);
  // What the W&B client shows.
  if (errors !== undefined) expect(errors).toEqual([{ message: description }]);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['cache-control']).toBe('no-store');
  for (const secret of secretsOf(keysmith)) expect(body.includes(secret)).toBe(false);
  return [status, error];
}

/** The same of bytes that came over a connection; undefined where it was closed without an answer. */
export function rawRefusalIn(answer: string, keysmith: WholeKeysmith): [number, string] | undefined {
  if (answer === '') return undefined;
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  const lines = head.toLowerCase().split('\r\n').slice(1);
  const headers = Object.fromEntries(lines.map((line) => line.split(': ', 2)));
  return refusalIn({ status: Number(head.slice(9, 12)), headers, body }, keysmith);
}
