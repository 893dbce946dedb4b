import { expect } from 'vitest';
import { FORM, type RawResponse } from '../../send-request.ts';
import { basic } from '../../world/credential-world.ts';
import { type KeysmithWithCredentials, secretsOf } from '../../world/keysmith-with-credentials.ts';

const JSON_TYPE = 'application/json';

/** Returns the routes that read a body, each with its content type and the credential that it accepts. */
export function bodyRoutesOf(keysmith: KeysmithWithCredentials) {
  return [
    { path: '/oidc/token', type: FORM, authorization: '' },
    { path: '/oauth/introspect', type: FORM, authorization: keysmith.introspection },
    { path: '/graphql', type: JSON_TYPE, authorization: basic('api', keysmith.key) },
    { path: '/v1/runs/authorize', type: JSON_TYPE, authorization: `Bearer ${keysmith.token}` },
  ] as const;
}

/** Returns status and code of an error, after checking that it has the documented shape and repeats no credential. */
export function refusalIn(
  { status, headers, body }: RawResponse,
  keysmith: KeysmithWithCredentials,
): [number, string] {
  const { errors, error_description: description, ...others } = JSON.parse(body);
  // SDK 0.26 and newer would show the code in `error` instead of the sentence in `errors`.
  const { [errors === undefined ? 'error' : 'code']: error, ...more } = others;
  expect(more).toEqual(error === 'invalid_token' ? { reference: expect.stringMatching(/^ks_\w{14}$/) } : {});
  expect(description).toMatch(/^[ !#-[\]-~]+$/);
  // The list from which W&B's clients show a message.
  if (errors !== undefined) expect(errors).toEqual([{ message: description }]);
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  expect(headers['cache-control']).toBe('no-store');
  for (const secret of secretsOf(keysmith)) expect(body.includes(secret)).toBe(false);
  return [status, error];
}

/** As `refusalIn`, for the bytes of a connection. Returns undefined if it closed without a response. */
export function rawRefusalIn(
  response: string,
  keysmith: KeysmithWithCredentials,
): [number, string] | undefined {
  if (response === '') return undefined;
  const [head = '', body = ''] = response.split('\r\n\r\n');
  const lines = head.toLowerCase().split('\r\n').slice(1);
  const headers = Object.fromEntries(lines.map((line) => line.split(': ', 2)));
  return refusalIn({ status: Number(head.slice(9, 12)), headers, body }, keysmith);
}
