import { afterEach, describe, expect, test } from 'vitest';
import { acmeOrganization } from '../../../src/sandbox/wandb/wandb-seed.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { endAccount, taggedName } from '../steps.ts';

const NAMES = ['ML Platform', 'Zürich R&D', '研究 🚀 (α)', 'Équipe l’été'];
const member = (username: string, role: 'admin' | 'member') => ({ username, role });
const organization = {
  ...acmeOrganization,
  teams: NAMES.map((name) => ({ name, members: [member('ada', 'admin'), member('benj', 'member')] })),
};

let workspace: RunningWorkspace;
afterEach(() => workspace.stop());

const start = (allowsUsersQuery: boolean) =>
  startWorkspace({
    backend: 'wandb',
    wandb: { organization, caller: 'organization_admin', capabilities: { allowsUsersQuery } },
  });
const reply = async (...asked: Parameters<typeof ask>) => visibleText(await ask(...asked));
const onServer = (team: string) => workspace.wandb.team(team).serviceAccounts();

describe.each([
  ['lists the teams of people', true],
  ['lists no teams', false],
])('On a server that %s,', (_, allowsUsersQuery) => {
  test('a team with capitals, spaces and any letters is managed by its exact name', async () => {
    workspace = await start(allowsUsersQuery);
    const ada = workspace.slack.as('Ada');
    for (const team of NAMES) {
      const shown = `\`${team.replace('&', '&amp;')}\``;
      await openForm(ada, 'random', `/wandb sa new nightly-eval --team "${team}"`);
      expect(ada.values()).toMatchObject({ team });
      expect(await ada.submit()).toEqual({ ok: true });
      await ada.waitForMessage(
        'random',
        (message) => !!keyIn(message) && visibleText(message).includes(shown),
      );
      expect(onServer(team)).toMatchObject([{ name: expect.stringMatching(taggedName('nightly-eval')) }]);

      const list = await reply(ada, 'random', `/wandb sa list --team “${team}”`);
      expect(list).toContain(`*\`nightly-eval\`* in ${shown}`);
      const asBen = await reply(workspace.slack.as('Ben'), 'random', `/wandb sa list --team '${team}'`);
      expect(asBen).toContain(`*\`nightly-eval\`* in ${shown}`);

      expect(await endAccount(ada, 'random', `/wandb sa revoke nightly-eval --team="${team}"`)).toContain(
        `Deleted \`nightly-eval\` in ${shown} from W&B.`,
      );
      expect(onServer(team)).toEqual([]);
    }
  });
});

test('a name with other letters or spaces is another team, and the error suggests the exact name', async () => {
  workspace = await start(true);
  const ada = workspace.slack.as('Ada');

  for (const typed of ['ml platform', 'ML-Platform', 'Zurich R&D', 'ML  Platform']) {
    const text = await reply(ada, 'random', `/wandb sa list --team "${typed}"`);
    expect(text).toContain('You don’t have a team');
  }
  const suggested = await reply(ada, 'random', '/wandb sa list --team "ml platform"');
  expect(suggested).toContain('--team "ML Platform"');
  const unquoted = await reply(ada, 'random', '/wandb sa list --team ML Platform');
  expect(unquoted).toContain('use --team "ML Platform"');
});
