import { describe, expect, test } from 'vitest';
import { API_KEY, MUTATION, QUERY, startClient } from './client-on-server.ts';
import { data, json, status } from './wandb-server.ts';

describe('a call to the server', () => {
  test('is one POST with Basic authentication and the operation as JSON', async () => {
    await using setup = await startClient();
    setup.server.respondWith(data({ answer: 42 }));

    const result = await setup.client.call(QUERY, { input: { a: 1 } });

    expect(result).toEqual({ ok: true, value: { answer: 42 } });
    expect(setup.server.requests).toHaveLength(1);
    expect(setup.server.requests[0]).toMatchObject({
      method: 'POST',
      url: '/graphql',
      headers: {
        authorization: `Basic ${Buffer.from(`api:${API_KEY}`).toString('base64')}`,
        'content-type': 'application/json',
        'use-admin-privileges': 'true',
        // The SDK's public client, then Keysmith.
        'user-agent': expect.stringMatching(/^W&B Public Client \d+\.\d+\.\d+ keysmith\/\d+\.\d+\.\d+$/),
      },
      body: { query: QUERY.query, variables: { input: { a: 1 } }, operationName: 'Ask' },
    });
  });

  test.each([
    ['', '/graphql'],
    ['/', '/graphql'],
    ['///', '/graphql'],
    ['/wandb', '/wandb/graphql'],
    ['/wandb/', '/wandb/graphql'],
    ['/a/b/?x=1#y', '/a/b/graphql'],
  ])('for a base URL that ends in %j goes to %s', async (path, url) => {
    await using setup = await startClient({ path });
    setup.server.respondWith(data({ answer: 1 }));

    await setup.client.call(QUERY, {});

    expect(setup.server.requests[0]?.url).toBe(url);
  });

  test('uses only the fetch function it was given', async () => {
    const asked: string[] = [];
    await using setup = await startClient({
      fetch: async (url) => {
        asked.push(String(url));
        return Response.json({ data: { answer: 7 } });
      },
    });

    expect(await setup.client.call(QUERY, {})).toEqual({ ok: true, value: { answer: 7 } });
    expect(asked).toEqual([`${setup.server.url}/graphql`]);
    expect(setup.server.requests).toEqual([]);
  });

  test.each([301, 302, 303, 307, 308])('follows no redirect (%d) and reports only its host', async (code) => {
    await using setup = await startClient();
    setup.server.respondWith(status(code, { location: 'https://sso.example.com:8443/login?token=abc' }));

    expect(await setup.client.call(QUERY, {})).toEqual({
      ok: false,
      failure: { reason: 'redirected', host: 'sso.example.com:8443', mayHaveHappened: false },
    });
    expect(setup.server.requests).toHaveLength(1);
  });

  test.each([
    ['the host of the server', '/login', (url: string) => new URL(url).host],
    ['no host for an invalid URL', 'http://', () => undefined],
    ['no host for a data URL', 'data:text/plain,hi', () => undefined],
    ['no host for one that contains the API key', `https://${API_KEY}.example.com/`, () => undefined],
  ])('reports %s when it is redirected', async (_, location, host) => {
    await using setup = await startClient();
    setup.server.respondWith(status(302, { location }));

    expect(await setup.client.call(QUERY, {})).toMatchObject({
      failure: { reason: 'redirected', host: host(setup.server.url) },
    });
  });

  test('with a mutation may have taken effect when it is redirected to a result, but not when it is redirected elsewhere', async () => {
    await using setup = await startClient();
    setup.server.respondWith(status(303, { location: '/done' }), status(307, { location: '/elsewhere' }));

    expect(await setup.client.call(MUTATION, {})).toMatchObject({ failure: { mayHaveHappened: true } });
    expect(await setup.client.call(MUTATION, {})).toMatchObject({ failure: { mayHaveHappened: false } });
  });

  test('reads JSON whatever the content type of the response', async () => {
    await using setup = await startClient();
    setup.server.respondWith(json({ data: { answer: 1 } }, 200, { 'content-type': 'text/html' }));

    expect(await setup.client.call(QUERY, {})).toEqual({ ok: true, value: { answer: 1 } });
  });
});
