import { expect, it } from 'vitest';
import { addGraphqlRoute } from '../../../src/api/graphql/graphql-route.ts';
import { createAuthenticate } from '../../../src/api/server/authenticate.ts';
import { createFailureLimit } from '../../../src/api/server/failure-limit.ts';
import {
  addKey,
  basic,
  type CredentialWorld,
  openCredentialWorld,
  revoke,
} from '../../world/credential-world.ts';
import { admitAll, listen } from '../test-server.ts';

const VIEWER = { query: '{ viewer { name entity apiKeys { edges { node { name } } } } }' };

it('accepts a key as SDKs send it, and as a Bearer token', async () => {
  const world = await openCredentialWorld();
  const url = await serve(world);
  const { key, keyId, account } = await addKey(world);
  const viewer = {
    name: account.name,
    entity: 'ml-platform',
    apiKeys: { edges: [{ node: { name: keyId } }] },
  };
  for (const authorization of [basic('api', key), `Bearer ${key}`]) {
    const { status, text } = await ask(url, authorization);
    expect([status, JSON.parse(text)]).toEqual([200, { data: { viewer } }]);
  }
});

it('accepts an access token, and then shows no keys', async () => {
  const world = await openCredentialWorld();
  const url = await serve(world);
  const { account } = await addKey(world);
  const { token } = await world.ports.accessTokens.issue(account);
  const { status, text } = await ask(url, `Bearer ${token.reveal()}`);
  const viewer = { name: account.name, entity: 'ml-platform', apiKeys: { edges: [] } };
  expect([status, JSON.parse(text)]).toEqual([200, { data: { viewer } }]);
});

it('refuses a revoked account with 401, which is final for SDKs, at its next request', async () => {
  const world = await openCredentialWorld();
  const url = await serve(world);
  const { key, account } = await addKey(world);
  expect((await ask(url, basic('api', key))).status).toBe(200);
  await revoke(world, account.id);
  const { status, text, challenge } = await ask(url, basic('api', key));
  expect([status, challenge]).toEqual([401, expect.stringContaining('invalid_token')]);
  const body = JSON.parse(text);
  expect(body).toMatchObject({ code: 'invalid_token', errors: [{ message: expect.any(String) }] });
  // SDK 0.26 and newer would show it instead of the list.
  expect(body).not.toHaveProperty('error');
  expect(body.data).toBeUndefined();
});

it('repeats no secret in a response or in the log', async () => {
  const world = await openCredentialWorld();
  const url = await serve(world);
  const { key } = await addKey(world);
  const secret = key.slice(key.indexOf('-') + 1);
  const everything = `{
    viewer { id name username email flags entity apiKeys { edges { node { id name description } } } }
    entity { id name members { id name username email apiKey } }
  }`;
  const { text } = await ask(url, basic('api', key), { query: everything });
  expect(JSON.parse(text).errors).toBeUndefined();
  const misplaced = [
    { query: `{ entity(name: "${key}") { id } }` },
    { query: `{ entity(name: ${secret}) { id } }` },
    { query: `{ viewer { ${secret} } }` },
    { query: `{ viewer { id } } ${key}` },
    { query: '{ viewer { id } }', operationName: key },
    { query: 'query ($name: String) { entity(name: $name) { id } }', variables: { name: [key, { key }] } },
  ];
  for (const body of misplaced) {
    const response = await ask(url, basic('api', key), body);
    expect([response.status, response.text.includes(secret)]).toEqual([expect.any(Number), false]);
  }
  expect(text).not.toContain(secret);
  expect(world.log.text()).not.toContain(secret);
});

function serve({ ports, log }: CredentialWorld): Promise<string> {
  const authenticate = createAuthenticate({ ports, failureLimit: createFailureLimit({ perMinute: 1_000 }) });
  return listen((server) => addGraphqlRoute(server, { ports, authenticate, admit: admitAll }), {
    logger: log.logger,
  });
}

async function ask(url: string, authorization: string, body: unknown = VIEWER) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const challenge = response.headers.get('www-authenticate');
  return { status: response.status, challenge, text: await response.text() };
}
