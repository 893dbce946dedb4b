import { METHODS } from 'node:http';
import fc from 'fast-check';
import { FORM } from '../../send-request.ts';
import { basic } from '../../world/credential-world.ts';
import {
  JWT_BEARER,
  type KeysmithWithCredentials,
  SLACK_PATH,
} from '../../world/keysmith-with-credentials.ts';

export interface Sent {
  method: string;
  /** Includes the query. */
  path: string;
  headers: Record<string, string>;
  body: Uint8Array | string | undefined;
}

const JSON_TYPE = 'application/json';
const bytes = fc.uint8Array({ maxLength: 300 });
const base64url = (value: unknown) => Buffer.from(JSON.stringify(value) ?? '').toString('base64url');
const inUrl = (text: string) => encodeURIComponent(text.toWellFormed());
/** Removes the characters that a client can't send in a header. */
const headersOf = (texts: Record<string, string>) =>
  Object.fromEntries(
    Object.entries(texts).map(([name, text]) => [name, text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '')]),
  );

/** Generates requests of any method to any route with arbitrary headers and bodies, and well-formed ones with arbitrary values. */
export function arbitraryRequests(whole: KeysmithWithCredentials): fc.Arbitrary<Sent> {
  const text = texts(whole);
  return fc.oneof(
    { weight: 2, arbitrary: anything(whole, text) },
    { weight: 1, arbitrary: expected(whole, text) },
  );
}

/** Generates random bytes, and well-formed requests in which some bytes are removed, added or replaced. */
export function arbitraryBytes(whole: KeysmithWithCredentials): fc.Arbitrary<Uint8Array> {
  const request = arbitraryRequests(whole).map(toBytes);
  const added = fc.oneof(
    fc.uint8Array({ maxLength: 6 }),
    fc
      .constantFrom(
        ...['\r\n', '\n', '\r', '\0', '\r\n\r\n', ' ', ':', 'HTTP/9.9'],
        'Transfer-Encoding: chunked\r\n',
        '\r\nContent-Length: 4\r\n',
        'Upgrade: h2c\r\nConnection: Upgrade\r\n',
      )
      .map((text) => new Uint8Array(Buffer.from(text))),
  );
  const change = fc.record({ at: fc.nat(), removed: fc.nat({ max: 12 }), added });
  const changed = fc.tuple(request, fc.array(change, { maxLength: 4 })).map(([whole, changes]) =>
    changes.reduce((all, { at, removed, added }) => {
      const start = at % (all.length + 1);
      return Buffer.concat([all.subarray(0, start), added, all.subarray(start + removed)]);
    }, whole),
  );
  return fc.oneof({ weight: 1, arbitrary: bytes }, { weight: 4, arbitrary: changed });
}

function toBytes({ method, path, headers, body = '' }: Sent): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const head = [`${method} ${path} HTTP/1.1`, 'Host: x', `Content-Length: ${Buffer.byteLength(body)}`];
  return Buffer.concat([
    Buffer.from(`${[...head, ...lines].join('\r\n')}\r\n\r\n`, 'latin1'),
    Buffer.from(body as Uint8Array),
  ]);
}

/** Generates texts, among them valid credentials for places where they don't belong. */
function texts({ key, token, assertion }: KeysmithWithCredentials): fc.Arbitrary<string> {
  const credential = fc.constantFrom(key, token, assertion);
  const header = fc.record({ alg: fc.constantFrom('none', 'HS256', 'ES256', 'EdDSA'), kid: fc.string() });
  const claims = fc.record({ iss: fc.string(), sub: fc.jsonValue(), exp: fc.jsonValue() });
  const jwt = fc
    .tuple(fc.oneof(header, fc.jsonValue()), fc.oneof(claims, fc.jsonValue()), bytes)
    .map(([head, payload, signature]) =>
      [base64url(head), base64url(payload), Buffer.from(signature).toString('base64url')].join('.'),
    );
  // Includes lone surrogates.
  const anyText = fc
    .array(fc.oneof(fc.nat({ max: 0xff }), fc.nat({ max: 0xffff })), { maxLength: 60 })
    .map((codes) => String.fromCharCode(...codes));
  return fc.oneof(
    { weight: 3, arbitrary: anyText },
    { weight: 2, arbitrary: credential },
    { weight: 2, arbitrary: fc.tuple(fc.string(), credential, fc.string()).map((parts) => parts.join('')) },
    { weight: 1, arbitrary: jwt },
    {
      weight: 1,
      arbitrary: fc.constantFrom('ml-platform', 'research', 'benchmarks', 'Ben@acme.test', 'benj', ''),
    },
  );
}

function anything(
  { key, token, introspection, routes }: KeysmithWithCredentials,
  text: fc.Arbitrary<string>,
) {
  const url = fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom(SLACK_PATH, ...routes.map(({ url }) => url)) },
    { weight: 1, arbitrary: text.map((unknown) => `/${inUrl(unknown)}`) },
  );
  const query = fc.option(fc.tuple(fc.constantFrom('team', 'token', 'access_token', ''), text));
  const path = fc.tuple(url, text, query).map(([pattern, rest, search]) => {
    const query = search ? `?${search[0]}=${inUrl(search[1])}` : '';
    return `${pattern.replace('*', inUrl(rest))}${query}`;
  });
  const scheme = fc.constantFrom('Basic ', 'Bearer ', 'Token ', '');
  const authorization = fc.oneof(
    fc.constantFrom(basic('api', key), `Bearer ${key}`, `Bearer ${token}`, introspection),
    fc.tuple(scheme, text).map((parts) => parts.join('')),
    text.map((password) => basic('api', password)),
  );
  const type = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(JSON_TYPE, FORM, `${FORM}; charset=UTF-8`) },
    { weight: 1, arbitrary: fc.constantFrom('text/plain', 'application/json; x', 'multipart/form-data') },
    { weight: 1, arbitrary: text },
  );
  const known = fc.record(
    {
      authorization,
      'content-type': type,
      'content-encoding': fc.constantFrom('gzip', 'br', 'identity'),
      'user-agent': text,
      cookie: text,
      'x-forwarded-for': text,
      'x-wandb-username': text,
      'x-wandb-user-email': text,
      'x-keysmith-require-team': text,
      'x-slack-signature': text,
      'x-slack-request-timestamp': text,
      expect: fc.constantFrom('100-continue', 'a-miracle'),
    },
    { requiredKeys: [] },
  );
  const unknown = fc.dictionary(fc.stringMatching(/^x-[a-z]{1,8}$/), text, { maxKeys: 3 });
  const method = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('GET', 'POST') },
    { weight: 1, arbitrary: fc.constantFrom(...METHODS.filter((name) => name !== 'CONNECT')) },
  );
  const headers = fc.tuple(known, unknown).map(([some, more]) => headersOf({ ...some, ...more }));
  const body = fc.oneof(bytes, text, graphql(text), run(text), form(text), fc.json(), fc.constant(undefined));
  return fc.record({ method, path, headers, body });
}

function expected({ key, token, introspection }: KeysmithWithCredentials, text: fc.Arbitrary<string>) {
  const credential = fc.constantFrom(basic('api', key), `Bearer ${key}`, `Bearer ${token}`);
  const post = (path: string, type: string, authorization: string, body: string): Sent => ({
    method: 'POST',
    path,
    headers: { 'content-type': type, authorization },
    body,
  });
  return fc.oneof(
    fc.tuple(credential, graphql(text)).map(([by, body]) => post('/graphql', JSON_TYPE, by, body)),
    fc
      .tuple(credential, run(text), fc.record({ 'x-wandb-username': text, 'user-agent': text }))
      .map(([by, body, more]): Sent => {
        const sent = post('/v1/runs/authorize', JSON_TYPE, by, body);
        return { ...sent, headers: { ...sent.headers, ...headersOf(more) } };
      }),
    form(text).map((body) => post('/oauth/introspect', FORM, introspection, body)),
    form(text).map((body) => post('/oidc/token', FORM, introspection, body)),
    fc.tuple(credential, text, text).map(
      ([authorization, rest, team]): Sent => ({
        method: 'GET',
        path: `/ext-authz/${inUrl(rest)}`,
        headers: headersOf({ authorization, 'x-keysmith-require-team': team }),
        body: undefined,
      }),
    ),
  );
}

function graphql(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const value = fc.oneof(text, fc.jsonValue());
  const withVariable = 'query ($name: String) { entity(name: $name) { id members { name } } viewer { id } }';
  return fc
    .oneof(
      fc.record<unknown>({ query: value, variables: value, operationName: value }, { requiredKeys: [] }),
      value.map((name) => ({ query: withVariable, variables: { name } })),
      text.map((name) => ({ query: `{ entity(name: ${JSON.stringify(name)}) { id } viewer { ${name} } }` })),
      text.map((operationName) => ({
        query: 'query A { viewer { id } } query B { viewer { id } }',
        operationName,
      })),
    )
    .map((sent) => JSON.stringify(sent));
}

function run(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const value = fc.oneof({ weight: 4, arbitrary: text }, { weight: 1, arbitrary: fc.jsonValue() });
  return fc
    .record({ entity: value, project: value, username: value, email: value }, { requiredKeys: ['project'] })
    .map((sent) => JSON.stringify(sent));
}

function form(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const field = fc.constantFrom('token', 'grant_type', 'assertion', 'payload', 'ssl_check', 'command');
  const pair = fc.tuple(fc.oneof(field, text), text);
  return fc
    .oneof(
      fc.array(pair, { maxLength: 5 }),
      text.map((assertion) => Object.entries({ grant_type: JWT_BEARER, assertion })),
      text.map((token) => Object.entries({ token })),
    )
    .map((fields) => new URLSearchParams(fields).toString());
}
