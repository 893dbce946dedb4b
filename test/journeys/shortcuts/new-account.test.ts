import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { expectAcceptedBySlack } from '../../security/workspace-state.ts';
import { keyIn } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { PLACES } from '../steps.ts';

describe.each(PLACES)(
  'The form outside a conversation, over %s and with accounts in %s',
  (transport, backend) => {
    let workspace: RunningWorkspace;
    let ada: SlackPerson;
    beforeAll(async () => {
      workspace = await startWorkspace({ transport, backend });
      ada = workspace.slack.as('Ada');
      await ada.openHome();
      await ada.waitForHome('Nothing needs your attention');
    });
    afterAll(async () => {
      expectAcceptedBySlack(workspace);
      await workspace.stop();
    });
    afterEach(async () => {
      workspace.slack.failures.clear();
      while (ada.view()) await ada.close();
    });

    const openings: [string, () => Promise<unknown>][] = [
      ['the global shortcut', () => ada.shortcut('new_service_account')],
      ['the Home tab', () => ada.clickInHome('New service account')],
    ];

    test.each(openings)('opens from %s, and the key appears in the Messages tab', async (where, open) => {
      const name = where.includes('Home') ? 'from-home' : 'from-shortcut';
      await open();
      await ada.waitForView((view) => view.submit === 'Create');
      await ada.fill('name', name);
      await ada.submit();
      const done = await ada.waitForView('Open the *Messages* tab of Keysmith to see it');
      expect(visibleText(done)).toContain(`Created \`${name}\``);
      const shown = await ada.waitForMessage(
        'Keysmith',
        (message) => visibleText(message).includes(name) && keyIn(message) !== undefined,
      );
      expect(shown.ephemeral).toBe(true);
    });

    test('offers the key for collection if Slack refuses the message', async () => {
      workspace.slack.failures.set('chat.postEphemeral', { kind: 'error', error: 'user_not_in_channel' });
      await ada.shortcut('new_service_account');
      await ada.waitForView((view) => view.submit === 'Create');
      await ada.fill('name', 'paper-mill');
      await ada.submit();
      await ada.waitForMessage('Keysmith', 'Collect the key');
      await ada.waitForHome('The key of `paper-mill` in `ml-platform`');
    });

    test('is refused to a member in a direct message, and nothing opens', async () => {
      const dee = workspace.slack.as('Dee');
      await dee.shortcut('new_service_account');
      await dee.waitForMessage('Keysmith', 'You’re not in any W&B team');
      expect(dee.view()).toBeUndefined();
    });

    test.each([
      ['a guest', { guest: 'multi_channel' as const }, 'Guests of this workspace can’t use Keysmith'],
      [
        'a person from Slack Connect',
        { stranger: true, teamId: 'T0OTHER001' },
        'belongs to another workspace',
      ],
    ])('is refused to %s, even one in a team', async (_who, change, text) => {
      workspace.slack.changePerson('Ben', change);
      const ben = workspace.slack.as('Ben');
      await ben.shortcut('new_service_account');
      await ben.waitForMessage('Keysmith', text);
      expect(ben.view()).toBeUndefined();
      workspace.slack.changePerson('Ben', {
        guest: undefined as never,
        stranger: false,
        teamId: 'T0ACME0001',
      });
    });
  },
);
