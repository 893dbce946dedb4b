import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { expectAcceptedBySlack } from '../../security/workspace-state.ts';
import { keyIn } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace } from '../../world/running-workspace.ts';
import { requestKey, says, settleAfter, startWithPolicy } from '../requests/request-world.ts';

const HOUR_MS = 60 * 60_000;
const DAY_MS = 24 * HOUR_MS;

describe.each(BACKENDS)('What waits for a person on the Home tab, with the backend %s', (backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  let ben: SlackPerson;
  let cy: SlackPerson;
  let dee: SlackPerson;
  beforeAll(async () => {
    const policy = { urgentRequests: true, approvers: ['team_admins', 'cy@acme.test', 'dee@acme.test'] };
    workspace = await startWithPolicy(backend, { policy });
    ada = workspace.slack.as('Ada');
    ben = workspace.slack.as('Ben');
    cy = workspace.slack.as('Cy');
    dee = workspace.slack.as('Dee');
    for (const person of [ada, ben]) {
      await person.openHome();
      await person.waitForHome('Nothing needs your attention');
    }
  });
  afterEach(async () => {
    for (const person of [ada, ben, cy, dee]) while (person.view()) await person.close();
  });
  afterAll(() => workspace.stop());

  const openHome = async (person: SlackPerson, text: string | RegExp) => {
    await person.openHome();
    return visibleText(await person.waitForHome(text));
  };

  test('shows approvers the request with its reason, and the requester its state', async () => {
    await requestKey(ben, 'nightly-eval');
    const home = visibleText(await ben.waitForHome('Your requests (1)'));
    expect(home).toMatch(/`nightly-eval` in `ml-platform`: It needs one approval\. It lapses/);
    expect(home).not.toContain('Approve');
    // Dee is in no team: the policy names her address.
    for (const approver of [ada, cy, dee]) {
      const text = await openHome(approver, 'Requests to decide (1)');
      expect(text).toContain(`<@${ben.id}> requests the service account \`nightly-eval\` in \`ml-platform\``);
      expect(text).toContain('Nightly evaluation of the new model');
    }
  });

  test('opens the reason for a denial there, and is current after it', async () => {
    await ada.clickInHome('Deny');
    await ada.waitForView((view) => view.submit === 'Deny');
    await ada.fill('reason', 'Use weekly-eval');
    await ada.submit();
    await ada.waitForView('Denied the request');
    await ada.close();
    await ada.waitForHome('Nothing needs your attention');

    // The tab of another approver is from before: its buttons say who decided.
    const messages = cy.messages('Keysmith').length;
    await cy.clickInHome('Approve');
    await cy.waitForView('was already denied');
    expect(cy.messages('Keysmith')).toHaveLength(messages);
    await cy.waitForHome(backend === 'builtin' ? 'Nothing needs your attention' : /./);
  });

  test('approves there, after which the requester collects the key', async () => {
    await requestKey(ben, 'weekly-eval');
    await openHome(dee, 'requests the service account `weekly-eval`');
    await dee.clickInHome('Approve');
    await dee.waitForView('Approved the request for `weekly-eval`');
    await dee.close();
    await dee.waitForHome('You’re not in any W&B team');
    await openHome(ada, 'Nothing needs your attention');

    await openHome(ben, 'The key of `weekly-eval` in `ml-platform`');
    const before = new Set(ben.messages('Keysmith').map(({ ts }) => ts));
    await ben.clickInHome('Collect key');
    await ben.waitForView('Keysmith sent you a message with *Collect key*');
    await ben.close();
    const offer = await ben.waitForMessage(
      'Keysmith',
      (message) => !before.has(message.ts) && says(message, 'weekly-eval') && !says(message, 'You requested'),
    );
    await ben.click(offer, 'Collect key');
    await ben.waitForMessage('Keysmith', (message) => keyIn(message) !== undefined);
    await ben.waitForHome('Nothing needs your attention');
  });

  test('confirms an urgent request there, which the requester can withdraw until then', async () => {
    await requestKey(ben, 'hot-fix', { isUrgent: true });
    await ben.waitForHome(/Your requests \(1\)[\s\S]*`hot-fix` in `ml-platform`: The account exists until/);
    expect(await openHome(ada, 'Requests to decide (1)')).toContain('*Urgent:*');
    await ada.clickInHome('Confirm');
    await ada.waitForView('Confirmed the urgent request for `hot-fix`');
    await ada.waitForHome('Nothing needs your attention');

    await requestKey(ben, 'second-fix');
    await ben.waitForHome('`second-fix`');
    await ben.clickInHome('Withdraw');
    await ben.waitForView('Withdrew the request for `second-fix`');
    await ben.close();
    await ben.waitForHome((home) => !visibleText(home).includes('second-fix'));
  });

  test('lets an admin take over an account whose contact left', async () => {
    // Slack refuses messages to someone who left.
    expectAcceptedBySlack(workspace);
    workspace.slack.changePerson('Ben', { deactivated: true });
    await settleAfter(workspace, 2 * DAY_MS);
    await settleAfter(workspace, HOUR_MS);
    const accounts = () =>
      workspace.rows<{ contact: string }>(
        "select contact from service_accounts where state = 'active' and unowned_since_ms is null",
      );
    expect(await openHome(ada, 'Accounts without a contact (1)')).toContain('`weekly-eval`');
    await ada.clickInHome('Take over');
    await ada.waitForView('You’re the contact of');
    await ada.close();
    await ada.waitForHome('Nothing needs your attention');
    expect(accounts()).toEqual([{ contact: ada.id }]);
  });
});
