import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTeamKeys, teamKeySealer } from '../../../src/application/gateway/team-keys.ts';
import { deriveKey } from '../../../src/domain/keys/sealed.ts';
import { Secret } from '../../../src/domain/keys/secret.ts';
import { openSqliteStores } from '../../../src/store/sqlite-store.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { markupOf } from '../../slack/ask.ts';
import { draw } from '../../store/contract/world.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, SECRET, startWorkspace } from '../../world/running-workspace.ts';

/** No server listens there: Keysmith knows from its database which teams have a credential. */
const UPSTREAM = 'http://127.0.0.1:9';
const WARNING = 'Runs of `ml-platform` can’t be logged yet';

let workspace: RunningWorkspace;
let cy: SlackPerson;
beforeAll(async () => {
  workspace = await startWorkspace({
    keysmith: { gateway: { upstreamUrl: UPSTREAM, auth: 'key', appUrl: UPSTREAM, mutations: [] } },
  });
  cy = workspace.slack.as('Cy');
  await storeTeamKey('research');
});
afterAll(() => workspace.stop());

async function storeTeamKey(teamName: string): Promise<void> {
  const { databaseFile, clock } = workspace;
  const auditKey = deriveKey(SECRET, 'audit');
  const file = { file: databaseFile, mode: 'live', auditKey, newId: draw, keepsReserve: false } as const;
  const stores = openSqliteStores(file);
  const teamKeys = createTeamKeys({
    store: await stores.openOrganization('acme', clock.nowMs),
    sealer: teamKeySealer(new Secret(SECRET)),
    newId: draw,
    now: () => clock.nowMs,
    actor: { type: 'system', name: 'command-line' },
  });
  const teamKey = { key: new Secret('k'.repeat(40)), owner: 'svc', isWider: false };
  expect(await teamKeys.add(teamName, teamKey)).toBe('added');
  await stores.close();
}

test('The form and the key message say that a team’s runs can’t be logged yet, until it has a credential', async () => {
  await openForm(cy, 'random', '/wandb sa new nightly-eval --team ml-platform');
  await cy.fill('purpose', 'Evaluates every night');
  expect(markupOf(await cy.waitForView(WARNING))).toContain('upstream add ml-platform');

  await cy.fill('team', 'research');
  await cy.waitForView((view) => !markupOf(view).includes('can’t be logged'));
  await cy.fill('team', 'ml-platform');
  await cy.waitForView(WARNING);
  expect(cy.values()).toMatchObject({ name: 'nightly-eval', purpose: 'Evaluates every night' });
  expect(await cy.submit()).toEqual({ ok: true });
  const message = await cy.waitForMessage('random', (one) => keyIn(one) !== undefined);
  expect(visibleText(message)).toContain(`WANDB_BASE_URL=${workspace.workloadUrl}`);
  expect(visibleText(message)).toContain(WARNING);

  await storeTeamKey('ml-platform');
  workspace.slack.failures.set('response_url', { kind: 'status', status: 500 }, { times: 1 });
  await openForm(cy, 'ml-platform', '/wandb sa new weekly-eval --team ml-platform');
  expect(markupOf(cy.view() as never)).not.toContain('can’t be logged');
  await cy.submit();
  await cy.click(await cy.waitForMessage('Keysmith', 'Collect'), 'Collect key');
  const collected = await cy.waitForMessage('Keysmith', (one) => keyIn(one) !== undefined);
  expect(visibleText(collected)).toContain('WANDB_BASE_URL=');
  expect(visibleText(collected)).not.toContain('can’t be logged');
});
