import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createJwtExchange } from '../../../../src/backends/wandb/client/jwt-exchange.ts';
import { Secret } from '../../../../src/domain/keys/secret.ts';
import { serve } from '../../../net/http-server.ts';
import { startWandb } from '../../../sandbox/wandb/wandb-calls.ts';
import { sharedSigningPair, signJwt, startIssuer } from '../../../world/issuer-server.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const JWT = new Secret('eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJrZXlzbWl0aCJ9.c2lnbmF0dXJl');

/** Exchanges a JWT with a server that responds as given. */
async function exchangeWith(respond: (response: ServerResponse, body: string) => void, timeoutMs = 5_000) {
  const seen: { method?: string | undefined; url?: string | undefined; body: string }[] = [];
  const baseUrl = await serve(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push({ method: request.method, url: request.url, body });
    respond(response, body);
  });
  const exchange = createJwtExchange({ baseUrl: `${baseUrl}/ml/`, fetch, now: () => NOW_MS, timeoutMs });
  return { seen, result: await exchange(JWT) };
}

const json =
  (status: number, body: unknown, headers = {}) =>
  (response: ServerResponse) =>
    void response
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify(body));

describe('The exchange of a JWT', () => {
  test('posts the standard form below the path of the server', async () => {
    const token = { access_token: 'abc.def-_~+/==', token_type: 'bearer', expires_in: 60 };
    const { seen, result } = await exchangeWith(json(200, token));

    expect(seen).toMatchObject([{ method: 'POST', url: '/ml/oidc/token' }]);
    expect(Object.fromEntries(new URLSearchParams(seen[0]?.body))).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: JWT.reveal(),
    });
    expect(result).toMatchObject({ ok: true, expiresInSeconds: 60 });
    expect(result.ok && result.accessToken.reveal()).toBe(token.access_token);
    expect(JSON.stringify(result)).not.toContain(token.access_token);
  });

  test('succeeds at the local W&B with a JWT of its issuer, and is rejected there with another', async () => {
    const [issuer, pair] = await Promise.all([startIssuer(), sharedSigningPair('RS256')]);
    const wandb = await startWandb({ now: () => NOW_MS, basePath: '/ml' });
    issuer.publish(pair.publicJwk);
    wandb.federation.registerIssuer(issuer.url);
    wandb.federation.addAccount({ team: 'research', name: 'keysmith', subject: 'keysmith:research' });
    const exchange = createJwtExchange({ baseUrl: wandb.baseUrl, fetch, now: () => NOW_MS });
    const claims = { iss: issuer.url, sub: 'keysmith:research', aud: 'acme', exp: NOW_MS / 1000 + 300 };

    expect(await exchange(new Secret(await signJwt(pair, claims)))).toMatchObject({ ok: true });
    const other = await signJwt(pair, { ...claims, aud: 'globex' });
    expect(await exchange(new Secret(other))).toMatchObject({
      reason: 'rejected',
      cause: expect.stringMatching('HTTP 400: unexpected "aud" claim value'),
    });
  });

  test.each<[string, (response: ServerResponse, body: string) => void, object]>([
    [
      'a refusal',
      json(400, { error: 'invalid_grant' }),
      { reason: 'rejected', cause: 'HTTP 400: invalid_grant' },
    ],
    ['a server without federation', json(404, {}), { reason: 'rejected', cause: 'HTTP 404' }],
    [
      'an overload',
      json(429, {}, { 'retry-after': '7' }),
      { reason: 'unavailable', retryAfterSeconds: 7, cause: 'HTTP 429' },
    ],
    [
      'a maintenance with a date',
      json(503, {}, { 'retry-after': new Date(NOW_MS + 60_000).toUTCString() }),
      { reason: 'unavailable', retryAfterSeconds: 60 },
    ],
    [
      'a redirect, which isn’t followed',
      json(307, {}, { location: 'http://127.0.0.1:1/oidc/token' }),
      { reason: 'unusable', cause: 'HTTP 307' },
    ],
    ['a login page', (response) => void response.end('<html>'), { reason: 'unusable' }],
    ['no expiry', json(200, { access_token: 'a' }), { reason: 'unusable' }],
    ['a past expiry', json(200, { access_token: 'a', expires_in: 0 }), { reason: 'unusable' }],
    [
      'a token for another scheme',
      json(200, { access_token: 'a', token_type: 'DPoP', expires_in: 60 }),
      { reason: 'unusable' },
    ],
    [
      'a token that would end the header',
      json(200, { access_token: 'a\r\nx: y', expires_in: 60 }),
      { reason: 'unusable' },
    ],
    [
      'more than 64 KiB',
      json(200, { access_token: 'a'.repeat(70_000), expires_in: 60 }),
      { reason: 'unavailable' },
    ],
    ['a reset', (response) => void response.socket?.resetAndDestroy(), { reason: 'unavailable' }],
    [
      'the JWT in its message, which stays out of the cause',
      (response, body) => json(400, { error: new URLSearchParams(body).get('assertion') })(response),
      { reason: 'rejected', cause: expect.not.stringContaining('eyJ') },
    ],
  ])('fails after %s', async (_title, respond, expected) => {
    const { seen, result } = await exchangeWith(respond);

    expect(result).toMatchObject({ ok: false, ...expected });
    expect(seen).toHaveLength(1);
  });

  test('ends after its time-out', async () => {
    const { result } = await exchangeWith(() => {}, 50);

    expect(result).toEqual({ ok: false, reason: 'unavailable', cause: 'timed_out' });
  });

  test('never rejects and returns no token that doesn’t fit into a header, whatever the server sends', async () => {
    let next: { status: number; body: string } = { status: 200, body: '' };
    const respond = async () => new Response(next.body, { status: next.status });
    const exchange = createJwtExchange({
      baseUrl: 'https://wandb.acme.test',
      fetch: respond,
      now: () => NOW_MS,
    });
    const bodies = fc.oneof(
      fc.json(),
      fc.string(),
      fc
        .record({ access_token: fc.string(), token_type: fc.anything(), expires_in: fc.anything() })
        .map((body) => {
          return JSON.stringify(body) ?? '';
        }),
    );
    const statuses = fc.constantFrom(200, 201, 400, 401, 404, 429, 500, 503);
    await fc.assert(
      fc.asyncProperty(statuses, bodies, async (status, body) => {
        next = { status, body };
        const result = await exchange(JWT);
        if (!result.ok) return;
        expect(result.accessToken.reveal()).toMatch(/^[\x21-\x7e]+$/);
        expect(result.expiresInSeconds).toBeGreaterThan(0);
      }),
    );
  });
});
