import { readFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { importJWK, SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { drawApiKey, formatApiKey } from '../../../src/domain/keys/api-key.ts';
import { FORM, type RawResponse, send } from '../../send-request.ts';
import { basic } from '../../world/credential-world.ts';
import { signJwt } from '../../world/issuer-server.ts';
import {
  assertionClaims,
  exchange,
  ISSUER,
  JWT_BEARER,
  type KeysmithWithCredentials,
  secretsOf,
  sendBytesAndEnd,
  startKeysmithWithCredentials,
} from '../../world/keysmith-with-credentials.ts';
import { INTROSPECTION_CLIENT } from '../../world/running-workspace.ts';
import { bodyRoutesOf, rawRefusalIn, refusalIn } from './error-responses.ts';

let keysmith: KeysmithWithCredentials;
beforeAll(async () => {
  keysmith = await startKeysmithWithCredentials();
});
afterAll(() => keysmith.workspace.stop());

const JSON_TYPE = 'application/json';
const at = (path: string) => `${keysmith.url}${path}`;
const refusal = (response: RawResponse) => refusalIn(response, keysmith);
const rawRefusal = (response: string) => rawRefusalIn(response, keysmith);

describe('An API key', () => {
  /** Sends a key in every way that the API accepts; returns each status, and the body of the introspection. */
  async function sendEverywhere(key: string): Promise<unknown[]> {
    const statuses: unknown[] = [];
    for (const authorization of [`Bearer ${key}`, basic('api', key)]) {
      const headers = { authorization, 'content-type': JSON_TYPE };
      statuses.push((await send(at('/forward-auth'), { method: 'GET', headers })).status);
      statuses.push((await send(at('/graphql'), { headers, body: '{"query":"{ viewer { id } }"}' })).status);
      statuses.push((await send(at('/v1/runs/authorize'), { headers, body: '{"project":"a"}' })).status);
    }
    const headers = { authorization: keysmith.introspection, 'content-type': FORM };
    const body = new URLSearchParams({ token: key }).toString();
    const response = await send(at('/oauth/introspect'), { headers, body });
    return [...statuses, response.status === 200 ? JSON.parse(response.body) : response.status];
  }
  const REFUSED = [401, 401, 401, 401, 401, 401, { active: false }];

  test('with a wrong checksum is refused without a database lookup', async () => {
    const { key, workspace } = keysmith;
    const unknown = formatApiKey(drawApiKey((size) => crypto.getRandomValues(new Uint8Array(size))));
    const other = (character: string) => (character === 'a' ? 'b' : 'a');
    const wrong = [
      `${key.slice(0, -1)}${other(key.at(-1) ?? '')}`,
      `${key.slice(0, 9)}${other(key[9] ?? '')}${key.slice(10)}`,
      `${key.slice(0, 30)}${other(key[30] ?? '')}${key.slice(31)}`,
      key.slice(0, -1),
      `${key}a`,
      key.toUpperCase(),
      key.replace('keysmith', 'wandb'),
    ];
    const database = new Database(workspace.databaseFile);
    database.exec('ALTER TABLE api_keys RENAME TO gone');
    try {
      for (const junk of wrong) expect(await sendEverywhere(junk)).toEqual(REFUSED);
      expect(await sendEverywhere(unknown)).toEqual(Array(7).fill(503));
    } finally {
      database.exec('ALTER TABLE gone RENAME TO api_keys');
      database.close();
    }
    expect(await sendEverywhere(unknown)).toEqual(REFUSED);
    expect(new Set((await sendEverywhere(key)).slice(0, 6))).toEqual(new Set([200]));
    for (const junk of wrong.slice(0, 5)) expect(workspace.logs().includes(junk.slice(-38, -8))).toBe(false);
  });

  test('of a million characters is refused in every place that accepts a key', async () => {
    const million = `keysmith_${'a'.repeat(12)}-${'k'.repeat(1_000_000)}`;
    for (const { path, type, authorization } of bodyRoutesOf(keysmith)) {
      const body = type === FORM ? `token=${million}` : JSON.stringify({ project: million, query: million });
      const headers = { authorization, 'content-type': type };
      expect(
        await send(at(path), { headers, body }).then(refusal, () => [413, 'body_too_large']),
        path,
      ).toEqual([413, 'body_too_large']);
    }
    for (const path of ['/forward-auth', '/graphql', '/v1/runs/authorize', '/oauth/introspect']) {
      const raw = `GET ${path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${million}\r\n\r\n`;
      expect(rawRefusal(await sendBytesAndEnd(keysmith.url, raw)) ?? [431], path).toContain(431);
      const inUrl = `GET ${path}?token=${million} HTTP/1.1\r\nHost: x\r\n\r\n`;
      expect(rawRefusal(await sendBytesAndEnd(keysmith.url, inUrl)) ?? [431], path).toContain(431);
    }
    const headers = { authorization: keysmith.introspection, 'content-type': FORM };
    const body = `token=${million.slice(0, 250_000)}`;
    expect(JSON.parse((await send(at('/oauth/introspect'), { headers, body })).body)).toEqual({
      active: false,
    });
  });

  test('isn’t accepted as another kind of credential, and neither are client secrets, tokens and assertions', async () => {
    const { key, token, assertion, introspection } = keysmith;
    const headers = { 'content-type': FORM };
    const body = new URLSearchParams({ token: key }).toString();
    for (const authorization of [basic('api', key), basic(INTROSPECTION_CLIENT.id, key), `Bearer ${token}`]) {
      const response = await send(at('/oauth/introspect'), { headers: { ...headers, authorization }, body });
      expect(refusal(response)).toEqual([401, 'invalid_client']);
    }
    for (const authorization of [
      introspection,
      `Bearer ${INTROSPECTION_CLIENT.secret}`,
      `Bearer ${assertion}`,
    ]) {
      const response = await send(at('/forward-auth'), { method: 'GET', headers: { authorization } });
      expect(refusal(response)).toEqual([401, 'invalid_token']);
    }
    for (const other of [key, token])
      expect(refusal(await exchange(keysmith.url, other))[1]).toBe('invalid_grant');
    const grant = { grant_type: JWT_BEARER, assertion };
    for (const fields of [
      { ...grant, grant_type: key },
      { ...grant, assertion: '', token: key },
    ]) {
      const form = new URLSearchParams(fields).toString();
      expect(refusal(await send(at('/oidc/token'), { headers, body: form }))[0]).toBe(400);
    }
  });
});

describe('A forged JWT', () => {
  const encode = (value: unknown) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

  /** Signs claims, given as text, with the key of the registered issuer. */
  async function signText(claims: string, header: object = {}): Promise<string> {
    const { privateKey, kid } = keysmith.pair;
    const input = `${encode({ alg: 'ES256', kid, ...header })}.${encode(claims)}`;
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    const signature = await crypto.subtle.sign(algorithm, privateKey, Buffer.from(input));
    return `${input}.${Buffer.from(signature).toString('base64url')}`;
  }

  test('of a registered issuer is not exchanged', async () => {
    const { url, assertion, pair } = keysmith;
    const claims = JSON.stringify(assertionClaims());
    const [header = '', payload = '', signature = ''] = assertion.split('.');
    const other = await signJwt(pair, { ...assertionClaims(), sub: 'repo:acme/other' });
    const hmac = (secret: string) =>
      new SignJWT(assertionClaims())
        .setProtectedHeader({ alg: 'HS256', kid: pair.kid })
        .sign(Buffer.from(secret));
    const pem = Buffer.from(
      await crypto.subtle.exportKey('spki', (await importJWK(pair.publicJwk, 'ES256')) as CryptoKey),
    ).toString('base64');
    const forged = {
      'with alg none': `${encode({ alg: 'none' })}.${payload}.`,
      'with alg none and a signature': `${encode({ alg: 'nOnE', kid: pair.kid })}.${payload}.${signature}`,
      'signed with the public JWK': await hmac(JSON.stringify(pair.publicJwk)),
      'signed with the public PEM': await hmac(
        `-----BEGIN PUBLIC KEY-----\n${pem.match(/.{1,64}/g)?.join('\n')}\n-----END PUBLIC KEY-----\n`,
      ),
      'with the signature of another': `${header}.${payload}.${other.split('.')[2]}`,
      'with the claims of another': `${header}.${other.split('.')[1]}.${signature}`,
      'with a subject twice': await signText(claims.replace('{', '{"sub":"a",')),
      'with an issuer twice': await signText(claims.replace('{', `{"iss":"${ISSUER}",`)),
      'with an expiry twice': await signText(claims.replace('{', '{"exp":9999999999,')),
      'with an expiry as text': await signText(claims.replace(/"exp":(\d+)/, '"exp":"$1"')),
      'with an expiry as a list': await signText(claims.replace(/"exp":(\d+)/, '"exp":[$1]')),
      'with an audience as a number': await signText(claims.replace('"aud":"acme"', '"aud":1')),
      'that is a list': await signText('[]'),
      'that is null': await signText('null'),
      'that is nested deeply': await signText(`{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`),
      'with a header twice': `${encode(`{"alg":"ES256","alg":"ES256","kid":"${pair.kid}"}`)}.${payload}.${signature}`,
      'of four parts': `${assertion}.a`,
      'of empty parts': '..',
      'with padding': `${header}=.${payload}.${signature}`,
      'that is a JWE': `${encode({ alg: 'dir', enc: 'A256GCM' })}..a.b.c`,
      'in JSON': JSON.stringify({ protected: header, payload, signature }),
    };
    for (const [what, jwt] of Object.entries(forged)) {
      const [status, error] = refusal(await exchange(url, jwt));
      expect([what, status, error]).toEqual([what, 400, 'invalid_grant']);
    }
    expect((await exchange(url, assertion)).status).toBe(200);
  });

  test('of Keysmith itself gives no access', async () => {
    const { url, token, assertion } = keysmith;
    const [header = '', claims = '', signature = ''] = token.split('.');
    const payload = JSON.parse(Buffer.from(claims, 'base64url').toString());
    const protectedHeader = JSON.parse(Buffer.from(header, 'base64url').toString());
    const { keys } = JSON.parse((await send(at('/.well-known/jwks.json'), { method: 'GET' })).body);
    const second = JSON.parse((await exchange(url, assertion)).body).access_token.split('.');
    const hmac = (secret: Uint8Array) =>
      new SignJWT(payload).setProtectedHeader({ ...protectedHeader, alg: 'HS256' }).sign(secret);
    const forged = {
      'with alg none': `${encode({ ...protectedHeader, alg: 'none' })}.${claims}.`,
      'with alg none and a signature': `${encode({ ...protectedHeader, alg: 'none' })}.${claims}.${signature}`,
      'signed with the public key': await hmac(Buffer.from(keys[0].n, 'base64url')),
      'signed with the public JWK': await hmac(Buffer.from(JSON.stringify(keys[0]))),
      'with the signature of another': `${header}.${claims}.${second[2]}`,
      'with a scope of its own': `${header}.${encode({ ...payload, scope: 'organization' })}.${signature}`,
      'with a claim twice': `${header}.${encode(JSON.stringify(payload).replace('{', '{"scope":"organization",'))}.${signature}`,
      'with an expiry as text': `${header}.${encode({ ...payload, exp: '9999999999' })}.${signature}`,
      'signed by another issuer': await signText(JSON.stringify(payload), {
        ...protectedHeader,
        alg: 'ES256',
      }),
      'that is truncated': token.slice(0, -4),
    };
    for (const [what, jwt] of Object.entries(forged)) {
      const headers = { authorization: `Bearer ${jwt}`, 'content-type': JSON_TYPE };
      const responses = [
        await send(at('/forward-auth'), { method: 'GET', headers }),
        await send(at('/graphql'), { headers, body: '{"query":"{ viewer { id } }"}' }),
        await send(at('/v1/runs/authorize'), { headers, body: '{"project":"a"}' }),
      ];
      for (const response of responses)
        expect([what, ...refusal(response)]).toEqual([what, 401, 'invalid_token']);
      const introspected = await send(at('/oauth/introspect'), {
        headers: { authorization: keysmith.introspection, 'content-type': FORM },
        body: new URLSearchParams({ token: jwt }).toString(),
      });
      expect([what, JSON.parse(introspected.body)]).toEqual([what, { active: false }]);
    }
  });
});

test('A credential in the wrong header reaches neither the log nor the database', async () => {
  const { key, token, assertion, workspace } = keysmith;
  for (const secret of [key, token, assertion]) {
    for (const authorization of [basic('api', key), `Bearer ${token}`]) {
      const headers = { authorization, 'user-agent': `tool/1 (${secret})`, referer: secret, cookie: secret };
      const paths = [`/ext-authz/${secret}`, `/no-such-route/${secret}?token=${secret}`];
      for (const path of paths) await send(at(path), { method: 'GET', headers });
    }
    // Stopping writes the last use, so each secret is in the newest one once.
    await workspace.restartKeysmith({
      http: { host: '127.0.0.1', port: Number(new URL(keysmith.url).port) },
    });
  }

  await workspace.keysmith.stop();

  const stored = readFileSync(workspace.databaseFile, 'latin1');
  for (const secret of secretsOf(keysmith)) {
    expect(workspace.logs().includes(secret)).toBe(false);
    expect(stored.includes(secret)).toBe(false);
  }
  expect(workspace.rows('select last_used_user_agent as agent from api_keys')).not.toEqual([{ agent: null }]);
});
