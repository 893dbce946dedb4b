import { afterAll, beforeAll, expect, it } from 'vitest';
import { createTeamKeys, type TeamKeys, teamKeySealer } from '../../../src/application/gateway/team-keys.ts';
import type { Stores } from '../../../src/application/ports/store.ts';
import { deriveKey } from '../../../src/domain/keys/sealed.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { openSqliteStores } from '../../../src/store/sqlite-store.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { draw } from '../../store/contract/world.ts';
import { type GatewayWorld, startGatewayWorld, TEAM } from '../../world/gateway-world.ts';
import { SECRET } from '../../world/running-workspace.ts';

let world: GatewayWorld;
/** As another process has it. */
let stores: Stores;
let teamKeys: TeamKeys;
beforeAll(async () => {
  world = await startGatewayWorld({ keysmith: { upstreamCredentials: undefined } });
  const { databaseFile, clock } = world.workspace;
  const auditKey = deriveKey(SECRET, 'audit');
  stores = openSqliteStores({ file: databaseFile, mode: 'live', auditKey, newId: draw, keepsReserve: false });
  teamKeys = createTeamKeys({
    store: await stores.openOrganization('acme', clock.nowMs),
    sealer: teamKeySealer(new Secret(SECRET)),
    newId: draw,
    now: () => clock.nowMs,
    actor: { type: 'system', name: 'command-line' },
  });
});
afterAll(async () => {
  await world.stop();
  await stores.close();
});

const writeLines = async () => {
  const { status, headers } = await fetch(`${world.baseUrl}/files/${TEAM}/demo/run1/file_stream`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: world.authorization },
    body: JSON.stringify({ files: {} }),
  });
  return { status, hasRetryAfter: headers.has('retry-after') };
};
const newKey = async () => {
  const { apiKey } = world.upstream.team(TEAM).createServiceAccount('stored');
  const teamKey = { key: new Secret(apiKey), owner: 'stored', isWider: false };
  await teamKeys.add(TEAM, teamKey);
  world.workspace.clock.advance(5_000);
  return apiKey;
};
const audited = async () =>
  (await world.workspace.audit()).map(({ action }) => action).filter((action) => /^upstream_/.test(action));

it('uses keys that another process stores, and notifies an organization admin once while W&B rejects one', async () => {
  // Local W&B knows no such run, so a 404 means that it accepted the credential.
  const [accepted, rejected] = [{ status: 404 }, { status: 503, hasRetryAfter: true }];
  expect((await writeLines()).status).not.toBe(404);
  const key = await newKey();
  expect(await writeLines()).toMatchObject(accepted);

  world.upstream.deleteKey(key);
  expect(await writeLines()).toMatchObject(rejected);
  await expect.poll(audited).toContain('upstream_credential.rejected');
  world.workspace.clock.advance(60_000);
  expect(await writeLines()).toMatchObject(rejected);
  await world.workspace.keysmith.settle();
  const cy = world.workspace.slack.as('Cy');
  const message = visibleText(await cy.waitForMessage('Keysmith', 'The stored W&B API key of team'));
  expect(message).toContain(`npm run keysmith -- upstream add ${TEAM}`);
  expect(world.workspace.rows(`select id from jobs where subject like 'upstream_rejected:%'`)).toHaveLength(
    1,
  );

  const another = await newKey();
  expect(await writeLines()).toMatchObject(accepted);
  await teamKeys.remove(TEAM);
  world.workspace.clock.advance(5_000);
  expect((await writeLines()).status).not.toBe(404);
  expect(await audited()).toEqual([
    'upstream_credential.added',
    'upstream_credential.rejected',
    'upstream_credential.replaced',
    'upstream_credential.removed',
  ]);
  const logs = world.workspace.logs();
  for (const secret of [key, another, Buffer.from(`api:${another}`).toString('base64')]) {
    expect(logs).not.toContain(secret);
  }
});
