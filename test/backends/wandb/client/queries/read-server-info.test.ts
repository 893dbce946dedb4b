import { buildSchema, parse, validate } from 'graphql';
import { describe, expect, test } from 'vitest';
import { readServerInfo } from '../../../../../src/backends/wandb/client/queries/read-server-info.ts';
import { defaultCapabilities } from '../../../../../src/sandbox/wandb/capabilities.ts';
import { schemaText } from '../../../../../src/sandbox/wandb/graphql/schema-text.ts';
import { startClient } from '../client-on-server.ts';
import { data, json } from '../wandb-server.ts';

const versioned = (version: string | null) =>
  data({
    serverInfo: {
      latestLocalVersionInfo: {
        outOfDate: true,
        latestVersionString: '0.84.0',
        versionOnThisInstanceString: version,
      },
    },
  });
const unknown = (field: string, type: string) => ({
  message: `Cannot query field "${field}" on type "${type}".`,
});

describe('the server info', () => {
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

    expect(await readServerInfo(setup.client)).toEqual({
      ok: true,
      value: {
        version: '0.72.1',
        latestVersion: '0.80.0',
        isOutOfDate: true,
        features: ['A'],
        returnsNewKeys: true,
      },
    });
    expect(setup.server.requests).toHaveLength(1);
  });

  test.each([
    ['null', { serverInfo: null }],
    ['no details', { serverInfo: { cliVersionInfo: {}, latestLocalVersionInfo: null, features: null } }],
    ['details of another type', { serverInfo: { latestLocalVersionInfo: 'x', features: null } }],
  ])('is empty when the server returns %s', async (_, body) => {
    await using setup = await startClient();
    setup.server.respondWith(data(body));

    expect(await readServerInfo(setup.client)).toMatchObject({
      ok: true,
      value: { version: undefined, features: undefined, returnsNewKeys: true },
    });
  });

  test('leaves out of the query the fields that an old server lacks', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      json({
        errors: [unknown('features', 'ServerInfo'), unknown('latestLocalVersionInfo', 'ServerInfo')],
      }),
      json({ errors: [unknown('serverInfo', 'Query'), unknown('apiKey', 'Member')] }),
      data({}),
    );

    expect(await readServerInfo(setup.client)).toMatchObject({
      ok: true,
      value: { version: undefined, returnsNewKeys: false },
    });
    const queries = setup.server.requests.map(({ body }) => body.query);
    expect(queries).toHaveLength(3);
    expect(queries[1]).not.toMatch(/features|latestLocalVersionInfo/);
    expect(queries[2]).not.toMatch(/serverInfo \{|apiKey/);
    // Even the last is a valid document.
    const schema = buildSchema(schemaText(defaultCapabilities));
    for (const query of queries) expect(validate(schema, parse(query))).toEqual([]);
  });

  test('is read even when the server refuses a part of it', async () => {
    await using setup = await startClient();
    setup.server.respondWith(
      json({
        errors: [{ message: 'no', path: ['serverInfo', 'features'] }],
        data: { serverInfo: { cliVersionInfo: {}, latestLocalVersionInfo: null, features: null } },
      }),
      json({ errors: [{ message: 'no', path: ['serverInfo'] }], data: { serverInfo: null } }),
    );

    for (const _ of [1, 2]) expect(await readServerInfo(setup.client)).toMatchObject({ ok: true });
  });
});

describe('the key of a new account', () => {
  test.each([
    ['0.74.0', true],
    ['0.76.9', true],
    ['v0.9.41', true],
    ['0.77.0', false],
    ['0.77.0-rc.1', false],
    ['0.84.2', false],
    ['1.0.0', false],
    [null, true],
    ['unknown', true],
  ])('on a server of version %s is returned: %s', async (version, returned) => {
    await using setup = await startClient();
    setup.server.respondWith(versioned(version));

    expect(await readServerInfo(setup.client)).toMatchObject({ value: { returnsNewKeys: returned } });
  });

  test('isn’t returned by a server whose schema lacks the field, whatever its version', async () => {
    await using setup = await startClient();
    setup.server.respondWith(json({ errors: [unknown('apiKey', 'Member')] }, 400), versioned('0.74.0'));

    expect(await readServerInfo(setup.client)).toMatchObject({
      value: { version: '0.74.0', returnsNewKeys: false },
    });
  });

  test('isn’t read to find out whether it can be: that selection isn’t executed, and names no team', async () => {
    await using setup = await startClient();
    setup.server.respondWith(versioned('0.74.0'));

    await readServerInfo(setup.client);

    const { query, variables } = setup.server.requests[0]?.body ?? {};
    expect(query).toMatch(
      /entity\(name: "no team has this name"\) @include\(if: \$never\) \{ members \{ apiKey \} \}/,
    );
    expect(variables).toEqual({ never: false });
  });
});
