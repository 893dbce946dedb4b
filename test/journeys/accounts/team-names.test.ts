import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DesiredTeam } from '../../../src/domain/organization/organization-changes.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask, markupOf } from '../../slack/ask.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { endAccount } from '../steps.ts';

const ada = { email: 'ada@acme.test', username: 'ada', role: 'admin' as const };
const team = (name: string): DesiredTeam => ({ name, members: [ada], subjects: [], projects: [] });

/** As W&B has them, and how to type them where that needs quotation marks. */
const TEAMS = [
  ['ML-Platform', 'ML-Platform'],
  ['ml-platform', 'ml-platform'],
  ['my team', '“my team”'],
  ['équipe', 'équipe'],
  ['équipe', 'équipe'.normalize('NFD')],
  ['R&D <core> *b* _i_ ~s~', '"R&D <core> *b* _i_ ~s~"'],
] as const;

describe.each(BACKENDS)(
  'Teams with capitals, spaces, accents and markup in their names, with the %s backend',
  (backend) => {
    let workspace: RunningWorkspace;
    beforeAll(async () => {
      const names = [...new Set(TEAMS.map(([name]) => name))];
      workspace = await startWorkspace({ backend, organization: { admins: [], teams: names.map(team) } });
    });
    afterAll(() => workspace.stop());

    test.each(TEAMS)('are found by their exact name: %s, typed as %s', async (name, typed) => {
      const person = workspace.slack.as('Ada');
      const account = `eval-${TEAMS.findIndex((row) => row[1] === typed)}-nightly`;

      await openForm(person, 'random', `/wandb sa new ${account} --team ${typed}`);
      expect(person.values()).toMatchObject({ team: name, name: account });
      expect(await person.submit()).toEqual({ ok: true });
      const message = await person.waitForMessage(
        'random',
        (shown) => !!keyIn(shown) && visibleText(shown).includes(account),
      );
      const list = await ask(person, 'random', `/wandb sa list --team ${typed}`);
      await endAccount(person, 'random', `/wandb sa revoke ${account} --team ${typed}`);

      const entity = /^[\p{L}-]+$/u.test(name) ? name : `'${name}'`;
      const escaped = name.replace('&', '&amp;').replace('<', '&lt;').replace('>', '&gt;');
      const shown = backend === 'wandb' ? `WANDB_ENTITY=${entity}` : `*Team*\n\`${escaped}\``;
      expect(visibleText(message)).toContain(shown);
      expect(visibleText(list)).toContain(`*\`${account}\`* in \`${escaped}\``);
      expect(markupOf(list)).not.toContain('<core>');
      expect((await workspace.audit()).at(-1)?.details).toMatchObject({ name: account, team: name });
    });

    test('are only a suggestion where the name isn’t exact', async () => {
      const person = workspace.slack.as('Ada');

      for (const [typed, nearest, option] of [
        ['Ml-Platform', 'ML-Platform', '--team ML-Platform'],
        ['my_team', 'my team', '--team "my team"'],
        ['my team', 'my team', '--team "my team"'],
        ['Equipe', 'équipe', '--team équipe'],
      ]) {
        const text = visibleText(await ask(person, 'random', `/wandb sa revoke any-eval --team ${typed}`));
        if (typed === 'my team') expect(text).toContain(`To name one team, use ${option}.`);
        else expect(text).toContain(`Did you mean \`${nearest}\`? Type \`${option}\`.`);
      }
    });
  },
);
