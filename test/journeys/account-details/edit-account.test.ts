import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { acmeWith } from '../../slack/acme-people.ts';
import { ask } from '../../slack/ask.ts';
import { createAccount } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

const BEN = 'U0BEN00002';

describe.each(BACKENDS)('Editing an account with the %s backend', (backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  beforeAll(async () => {
    workspace = await startWorkspace({
      backend,
      seed: acmeWith([{ id: 'U0EVE00005', name: 'eve', email: 'eve@acme.test' }]),
    });
    ada = workspace.slack.as('Ada');
    await createAccount(ada, 'random', 'nightly-eval');
  });
  afterAll(() => workspace.stop());

  const openForm = async () => {
    expect(await ada.command('random', '/wandb sa edit nightly-eval')).toEqual({ ok: true });
    await ada.waitForView((view) => view.submit === 'Save');
  };
  const account = () =>
    workspace.rows<{ purpose: string | null; used_by: string | null; contact: string }>(
      "select purpose, used_by, contact from service_accounts where name = 'nightly-eval'",
    )[0];
  const edits = () =>
    workspace.rows<{ details: string }>(
      "select details from audit_events where action = 'service_account.edited'",
    );

  test('saves what changed once, records it, and notifies the new contact', async () => {
    await openForm();
    await ada.fill('purpose', 'Evaluates the nightly build');
    await ada.fill('contact', BEN);
    expect(await ada.submit()).toEqual({ ok: true });
    await workspace.keysmith.settle();

    expect(account()).toEqual({ purpose: 'Evaluates the nightly build', used_by: null, contact: BEN });
    expect(edits().map(({ details }) => JSON.parse(details))).toEqual([
      expect.objectContaining({
        name: 'nightly-eval',
        purpose_before: '',
        purpose: 'Evaluates the nightly build',
        contact: BEN,
      }),
    ]);
    const ben = workspace.slack.as('Ben');
    const notice = await ben.waitForMessage('Keysmith', (message) =>
      visibleText(message).includes('made you the contact of'),
    );
    expect(visibleText(notice)).toContain('People may ask you about it');
    expect(visibleText(notice)).toContain(
      'To see it, run `/wandb service-account show nightly-eval --team ml-platform`.',
    );
  });

  test('changes nothing when the form has the saved values, and says so', async () => {
    await openForm();
    await ada.submit();
    expect(edits()).toHaveLength(1);
    expect(JSON.stringify(ada.view()?.blocks)).toContain('Nothing was changed');
    await ada.close();
  });

  test('refuses a key in a text at its field', async () => {
    await openForm();
    await ada.fill('used_by', `local-${'0123456789'.repeat(4)}`);
    expect(await ada.submit()).toMatchObject({ ok: false, errors: { used_by: expect.any(String) } });
    expect(account()?.used_by).toBeNull();
    await ada.close();
  });

  test('doesn’t overwrite what someone else saved after the form opened', async () => {
    await openForm();
    await ada.fill('purpose', 'Something else');
    const cy = workspace.slack.as('Cy');
    await cy.command('random', '/wandb sa edit nightly-eval');
    await cy.waitForView((view) => view.submit === 'Save');
    await cy.fill('used_by', 'CI of the web team');
    await cy.submit();
    await ada.submit();
    expect(JSON.stringify(ada.view()?.blocks)).toContain('someone else edited');
    expect(account()?.purpose).toBe('Evaluates the nightly build');
    await ada.close();
  });

  test('leaves the contact open if they have left Slack', async () => {
    workspace.slack.changePerson('Ben', { deactivated: true });
    workspace.clock.advance(25 * 60 * 60_000);
    await openForm();
    expect(ada.values()).not.toMatchObject({ contact: BEN });
    await ada.close();
    workspace.slack.changePerson('Ben', { deactivated: false });
    workspace.clock.advance(25 * 60 * 60_000);
    await openForm();
    expect(ada.values()).toMatchObject({ contact: BEN });
    await ada.close();
  });

  test('is refused to a member, and unknown to a stranger', async () => {
    const member = await ask(workspace.slack.as('Ben'), 'random', '/wandb sa edit nightly-eval');
    expect(visibleText(member)).toContain('Only admins of');
    const stranger = await ask(workspace.slack.as('Eve'), 'random', '/wandb sa edit nightly-eval');
    expect(visibleText(stranger)).toContain('None of your teams has an account named');
    expect(edits()).toHaveLength(2);
  });
});
