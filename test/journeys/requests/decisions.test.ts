import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { BACKENDS, type RunningWorkspace } from '../../world/running-workspace.ts';
import {
  buttonsOf,
  cardOf,
  cardSays,
  changeTeam,
  forge,
  openDeny,
  requestKey,
  says,
  startWithPolicy,
} from './request-world.ts';

// Dee is in no team: the policy names her address.
const approvers = ['team_admins', 'dee@acme.test'];

describe.each(BACKENDS)('Decisions on requests with the backend %s', (backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  let ben: SlackPerson;
  let dee: SlackPerson;
  beforeAll(async () => {
    workspace = await startWithPolicy(backend, { policy: { approvers } });
    [ada, ben, dee] = ['Ada', 'Ben', 'Dee'].map((name) => workspace.slack.as(name)) as [
      SlackPerson,
      SlackPerson,
      SlackPerson,
    ];
  });
  afterAll(() => workspace.stop());

  const accountsNamed = (name: string) =>
    workspace.rows<{ state: string }>('select state from service_accounts where name = ?', name);
  const decisionsOn = (name: string) =>
    workspace.rows<{ decision: string; email: string }>(
      "select d.decision, d.email from request_decisions d join access_requests r on r.id = d.request_id where r.requested ->> 'name' = ? order by d.at_ms",
      name,
    );
  const request = async (name: string) => {
    await requestKey(ben, name);
    await workspace.keysmith.settle();
    return [await cardOf(ada, name), await cardOf(dee, name)] as const;
  };
  /** Waits until no copy of the card has buttons, nor has the requester's own message. */
  const withoutButtons = async (name: string) => {
    await workspace.keysmith.settle();
    await ben.waitForMessage(
      'Keysmith',
      (message) => says(message, `You requested \`${name}\``, ' by <@') && isEmpty(message),
    );
    for (const person of [ada, dee]) {
      await person.waitForMessage('Keysmith', (message) => isCard(message, name) && isEmpty(message));
    }
    await ada.openHome();
    await ada.waitForHome((home) => !visibleText(home).includes(name));
  };
  const isCard = (message: PageMessage, name: string) => says(message, name, 'requests the service account');
  const isEmpty = (message: PageMessage) => buttonsOf(message).length === 0;
  /** Waits until a person reads one of the texts, and returns which. */
  const reads = async (person: SlackPerson, ...texts: string[]) => {
    const message = await person.waitForMessage('Keysmith', (shown) =>
      texts.some((text) => says(shown, text)),
    );
    return texts.findIndex((text) => says(message, text));
  };

  test('count once when two people approve at the same moment, and the other reads who approved', async () => {
    const [ofAda, ofDee] = await request('both-approve');
    await Promise.all([ada.click(ofAda, 'Approve'), dee.click(ofDee, 'Approve')]);

    const [first, second] = [ada, dee].map((person) =>
      reads(
        person,
        'Approved the request for `both-approve`',
        'request for `both-approve` in `ml-platform` was already approved by <@',
      ),
    );
    expect([await first, await second].toSorted()).toEqual([0, 1]);
    expect(accountsNamed('both-approve')).toEqual([{ state: 'active' }]);
    expect(decisionsOn('both-approve')).toHaveLength(1);
    await ben.waitForMessage('Keysmith', (message) => says(message, 'both-approve', 'Collect key'));
    await withoutButtons('both-approve');
  });

  test('count once when one person approves and another denies at the same moment', async () => {
    const [ofAda, ofDee] = await request('yes-or-no');
    await openDeny(dee, ofDee, 'Not needed');
    const form = visibleText(await dee.waitForView('Deny request'));
    expect(form).toContain(`<@${ben.id}> requests the service account \`yes-or-no\` in \`ml-platform\`.`);
    expect(form).toContain('*Reason:* Nightly evaluation of the new model');
    expect(form).toContain('Why you deny it\nThe requester reads it, and so do the other approvers.');
    await Promise.all([ada.click(ofAda, 'Approve'), dee.submit()]);

    const ofApproval = await reads(
      ada,
      'Approved the request for `yes-or-no`',
      'request for `yes-or-no` in `ml-platform` was already denied by <@',
    );
    const isApproved = ofApproval === 0;
    await dee.waitForView(
      isApproved ? `was already approved by <@${ada.id}>` : 'Denied the request for `yes-or-no`',
    );
    await dee.close();
    expect(decisionsOn('yes-or-no').map(({ decision }) => decision)).toEqual([
      isApproved ? 'approved' : 'denied',
    ]);
    expect(accountsNamed('yes-or-no')).toHaveLength(isApproved ? 1 : 0);
    await ben.waitForMessage('Keysmith', (message) =>
      says(message, 'yes-or-no', isApproved ? 'approved your request' : 'denied your request'),
    );
    await withoutButtons('yes-or-no');
  });

  test('of one person count once, and of two people create one account, where the policy asks for two since', async () => {
    const [ofAda] = await request('two-needed');
    await changeTeam(workspace, { policy: { approvers, approvals: 2 } });
    await Promise.all([ada.click(ofAda, 'Approve'), ada.click(ofAda, 'Approve')]);
    await ada.waitForMessage('Keysmith', (message) => says(message, 'two-needed', 'another approver has to'));
    await workspace.keysmith.settle();
    await ben.waitForMessage('Keysmith', (message) =>
      says(message, `<@${ada.id}> approved your request for \`two-needed\``, 'another approver has to agree'),
    );
    expect(decisionsOn('two-needed')).toEqual([{ decision: 'approved', email: 'ada@acme.test' }]);
    expect(accountsNamed('two-needed')).toEqual([]);

    await dee.click(await cardSays(dee, 'two-needed', 'one more person'), 'Approve');
    await ben.waitForMessage('Keysmith', (message) =>
      says(message, `<@${ada.id}> and <@${dee.id}> approved your request for \`two-needed\``),
    );
    expect(accountsNamed('two-needed')).toEqual([{ state: 'active' }]);

    const [again, other] = await request('two-at-once');
    await Promise.all([ada.click(again, 'Approve'), dee.click(other, 'Approve')]);
    await ben.waitForMessage('Keysmith', (message) =>
      says(message, 'approved your request for `two-at-once`', 'Collect key'),
    );
    expect(accountsNamed('two-at-once')).toEqual([{ state: 'active' }]);
    await withoutButtons('two-at-once');
  });

  test('of someone who isn’t an approver anymore don’t count, and an earlier approval of theirs doesn’t either', async () => {
    const [ofAda, ofDee] = await request('one-left');
    await dee.click(ofDee, 'Approve');
    await dee.waitForMessage('Keysmith', (message) => says(message, 'one-left', 'another approver has to'));
    await changeTeam(workspace, { policy: { approvals: 2 } });
    for (const person of [ada, ben]) {
      await person.openHome();
      await person.waitForHome(/`one-left`[\s\S]*It needs approvals of two different people\./);
    }

    await ada.click(await cardSays(ada, 'one-left', 'one more person'), 'Approve');
    await ada.waitForMessage('Keysmith', (message) => says(message, 'one-left', 'another approver has to'));
    expect(accountsNamed('one-left')).toEqual([]);
    // The card counts as the decision does.
    await workspace.keysmith.settle();
    await cardSays(ada, 'one-left', `Approved by <@${ada.id}>; it needs the approval of one more person.`);
    const former = await cardSays(dee, 'one-left', 'You’re no longer asked to decide on this request.');
    expect(isEmpty(former)).toBe(true);
    const read = dee.thread(ofDee).length;
    await forge(workspace, dee, ofDee, 'request_deny');
    await dee.waitForMessage('Keysmith', 'this request isn’t there anymore');
    await forge(workspace, dee, ofDee, 'request_approve');
    await dee.waitForMessage('Keysmith', 'this request isn’t there anymore');
    const cy = workspace.slack.as('Cy');
    await forge(workspace, cy, ofDee, 'request_approve');
    await ben.waitForMessage('Keysmith', (message) =>
      says(message, 'approved your request for `one-left`', 'Collect key'),
    );
    expect(accountsNamed('one-left')).toEqual([{ state: 'active' }]);
    await withoutButtons('one-left');
    await ada.waitForReply(ofAda, `Approved by <@${cy.id}>`);
    expect(dee.thread(ofDee)).toHaveLength(read);
  });

  test('of the requester never count, whatever they have become', async () => {
    await changeTeam(workspace, { policy: { approvers } });
    const [ofAda] = await request('my-own');
    if (backend === 'wandb') workspace.wandb.team('ml-platform').setAdmin('ben@acme.test', true);
    await changeTeam(workspace, {
      policy: { approvers: [...approvers, 'ben@acme.test'] },
      roles: { ben: 'admin' },
    });
    await forge(workspace, ben, ofAda, 'request_approve');
    await ben.waitForMessage('Keysmith', 'Nobody can decide on their own request');
    await ben.openHome();
    await ben.waitForHome('Your teams: `ml-platform` (admin)');
    expect(JSON.stringify(ben.home()?.blocks)).not.toContain('Requests to decide');
    expect(accountsNamed('my-own')).toEqual([]);
  });
});
