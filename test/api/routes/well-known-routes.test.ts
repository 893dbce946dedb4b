import { describe, expect, test } from 'vitest';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { send } from '../../send-request.ts';
import { openExchangeWorld, PUBLIC_URL } from '../../world/exchange-world.ts';

const METADATA_PATHS = ['/.well-known/openid-configuration', '/.well-known/oauth-authorization-server'];
const PATHS = ['/.well-known/jwks.json', ...METADATA_PATHS];

describe('The server metadata', () => {
  test.each(METADATA_PATHS)('at %s has every required member, and only members with values', async (path) => {
    const { url } = await openExchangeWorld();
    const metadata = JSON.parse((await send(`${url}${path}`, { method: 'GET' })).body);

    expect(metadata).toEqual({
      issuer: PUBLIC_URL,
      jwks_uri: `${PUBLIC_URL}/.well-known/jwks.json`,
      token_endpoint: `${PUBLIC_URL}/oidc/token`,
      token_endpoint_auth_methods_supported: ['none'],
      grant_types_supported: ['urn:ietf:params:oauth:grant-type:jwt-bearer'],
      introspection_endpoint: `${PUBLIC_URL}/oauth/introspect`,
      introspection_endpoint_auth_methods_supported: ['client_secret_basic'],
      response_types_supported: ['none'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      scopes_supported: ['team', 'organization'],
    });
    // RFC 8414, section 3.2.
    for (const value of Object.values(metadata)) expect(value).not.toHaveLength(0);
  });

  test('lists how clients may authenticate if any are configured', async () => {
    const clients = [{ id: 'gateway', secret: new Secret('0123456789abcdef') }];
    const { url } = await openExchangeWorld({ clients });
    const metadata = JSON.parse((await send(`${url}${METADATA_PATHS[0]}`, { method: 'GET' })).body);

    expect(metadata.token_endpoint_auth_methods_supported).toEqual([
      'none',
      'client_secret_basic',
      'client_secret_post',
    ]);
  });
});

describe('A page of another origin', () => {
  const headers = {
    origin: 'https://app.example.com',
    'access-control-request-method': 'GET',
    'access-control-request-headers': 'x-requested-with',
  };

  test.each(PATHS)('may read %s', async (path) => {
    const { url } = await openExchangeWorld();
    for (const method of ['GET', 'HEAD']) {
      const response = await send(`${url}${path}`, { method, headers });
      expect([response.status, response.headers['access-control-allow-origin']]).toEqual([200, '*']);
    }
    const preflight = await send(`${url}${path}`, { method: 'OPTIONS', headers });
    expect([preflight.status, preflight.body]).toEqual([204, '']);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': '*',
      'access-control-allow-methods': 'GET, HEAD, OPTIONS',
      'access-control-allow-headers': '*',
    });
    const post = await send(`${url}${path}`, { method: 'POST', headers });
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD, OPTIONS']);
  });

  test('learns from the response that the keys are unavailable', async () => {
    const { url, client } = await openExchangeWorld();
    client.exec('ALTER TABLE signing_keys RENAME TO gone');
    const response = await send(`${url}/.well-known/jwks.json`, { method: 'GET', headers });

    expect([response.status, response.headers['access-control-allow-origin']]).toEqual([503, '*']);
    expect(response.headers['cache-control']).toBe('no-store');
  });

  test.each(['/oidc/token', '/healthz', '/readyz', '/nowhere'])('may not read %s', async (path) => {
    const { url } = await openExchangeWorld();
    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const response = await send(`${url}${path}`, { method, headers });
      const granted = Object.keys(response.headers).filter((name) => name.startsWith('access-control-'));
      expect(granted).toEqual([]);
    }
  });
});
