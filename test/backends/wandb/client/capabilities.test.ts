import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import {
  createCachedCapabilities,
  probeCapabilities,
} from '../../../../src/backends/wandb/client/queries/read-capabilities.ts';
import { readServerInfo } from '../../../../src/backends/wandb/client/queries/read-server-info.ts';
import { startClient } from './client-on-server.ts';
import { data, json, status } from './wandb-server.ts';

const FOLDER = fileURLToPath(new URL('../../../../src/backends/wandb', import.meta.url));

const fields = (...names: string[]) => ({ fields: names.map((name) => ({ name })) });
const recent = {
  QueryType: fields('viewer', 'users'),
  MutationType: fields('createServiceAccount', 'deleteInvite', 'createClient', 'revokeClient'),
  MemberType: fields('id', 'role', 'apiKey', 'OAuthClients'),
  EntityType: fields('id', 'organization'),
  UserType: fields('id', 'organizations'),
  OrganizationType: fields('id', 'OAuthProviders'),
  ServerInfoType: fields('features', 'latestLocalVersionInfo'),
};
const old = {
  ...recent,
  QueryType: { fields: null },
  MutationType: fields('createServiceAccount', 'deleteInvite'),
  MemberType: fields('id', 'apiKey'),
  EntityType: fields('id'),
  UserType: fields('id'),
  OrganizationType: null,
  ServerInfoType: fields('cliVersionInfo'),
};

describe('the capabilities of a server', () => {
  test('are read in one query', async () => {
    await using setup = await startClient();
    setup.server.respondWith(data(recent));

    const result = await probeCapabilities(setup.client);

    if (!result.ok) throw new Error('The probe failed.');
    expect(Object.values(result.value)).toEqual(Array(13).fill(true));
    expect(setup.server.requests).toHaveLength(1);
  });

  test('are fewer on an old server', async () => {
    await using setup = await startClient();
    setup.server.respondWith(data(old));

    const result = await probeCapabilities(setup.client);

    if (!result.ok) throw new Error('The probe failed.');
    const able = Object.entries(result.value).flatMap(([name, can]) => (can ? [name] : []));
    expect(able).toEqual(['createServiceAccount', 'deleteInvite', 'apiKeyOnMember']);
  });

  test('are cached for a while and then read again', async () => {
    await using setup = await startClient();
    setup.server.respondWith(data(old), data(recent));
    const capabilities = createCachedCapabilities({
      client: setup.client,
      monotonicMs: () => setup.clock.nowMs,
      validForMs: 60_000,
    });

    expect(await capabilities()).toMatchObject({ value: { usersQuery: false } });
    setup.clock.nowMs += 60_000;
    expect(await capabilities()).toMatchObject({ value: { usersQuery: false } });
    expect(setup.server.requests).toHaveLength(1);
    setup.clock.nowMs += 1;
    expect(await capabilities()).toMatchObject({ value: { usersQuery: true } });
  });

  test.each([null, { fields: null }, { fields: [] }])(
    'are neither known nor cached when the server returns %j for its Entity type',
    async (EntityType) => {
      await using setup = await startClient();
      setup.server.respondWith(data({ ...recent, EntityType }), data(recent));
      const capabilities = createCachedCapabilities({
        client: setup.client,
        monotonicMs: () => setup.clock.nowMs,
      });

      expect(await capabilities()).toMatchObject({ failure: { reason: 'unexpected_shape' } });
      expect(await capabilities()).toMatchObject({ value: { organizationOnEntity: true } });
    },
  );

  test('are not cached when reading them failed', async () => {
    await using setup = await startClient();
    setup.server.respondWith(status(401), data(recent));
    const capabilities = createCachedCapabilities({
      client: setup.client,
      monotonicMs: () => setup.clock.nowMs,
    });

    expect(await capabilities()).toMatchObject({ failure: { reason: 'unauthorized' } });
    expect(await capabilities()).toMatchObject({ value: { usersQuery: true } });
  });
});

describe('the server info', () => {
  const everything = { featuresOnServerInfo: true, latestVersionOnServerInfo: true };

  test('has the version and the enabled features', async () => {
    await using setup = await startClient();
    const latestLocalVersionInfo = {
      outOfDate: true,
      latestVersionString: '0.80.0',
      versionOnThisInstanceString: '0.72.1',
    };
    const features = [
      { name: 'A', isEnabled: true },
      { name: 'B', isEnabled: false },
    ];
    setup.server.respondWith(data({ serverInfo: { cliVersionInfo: {}, latestLocalVersionInfo, features } }));

    expect(await readServerInfo(setup.client, everything)).toEqual({
      ok: true,
      value: { version: '0.72.1', latestVersion: '0.80.0', isOutOfDate: true, features: ['A'] },
    });
  });

  test.each([
    ['null', { serverInfo: null }],
    ['no details', { serverInfo: { cliVersionInfo: {}, latestLocalVersionInfo: null } }],
  ])('is empty when the server returns %s', async (_, body) => {
    await using setup = await startClient();
    setup.server.respondWith(data(body));

    expect(await readServerInfo(setup.client, everything)).toEqual({
      ok: true,
      value: { version: undefined, latestVersion: undefined, isOutOfDate: undefined, features: undefined },
    });
  });

  test('leaves out of the query the fields that an old server lacks', async () => {
    await using setup = await startClient();
    setup.server.respondWith(data({ serverInfo: { cliVersionInfo: {} } }));

    await readServerInfo(setup.client, { featuresOnServerInfo: false, latestVersionOnServerInfo: false });

    expect(setup.server.requests[0]?.body.query).not.toMatch(/features|latestLocalVersionInfo/);
  });

  test('is read even when the server refuses a part of it', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      json({
        errors: [{ message: 'no', path: ['serverInfo', 'features'] }],
        data: { serverInfo: { cliVersionInfo: {}, latestLocalVersionInfo: null, features: null } },
      }),
    );

    expect(await readServerInfo(setup.client, everything)).toMatchObject({ ok: true });
  });
});

test('no query or mutation of the backend creates an API key for the administrator', () => {
  const files = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(20);
  for (const file of files) {
    expect(readFileSync(`${FOLDER}/${file}`, 'utf8'), file).not.toMatch(/generateApiKey/i);
  }
});
