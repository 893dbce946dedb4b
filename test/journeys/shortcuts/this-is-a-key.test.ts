import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { drawApiKey, formatApiKey } from '../../../src/domain/keys/api-key.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { expectAcceptedBySlack } from '../../security/workspace-state.ts';
import { send } from '../../send-request.ts';
import { createAccount, keyIn, openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { holdResponse, requestsToSlack } from '../delivery/key-delivery.ts';
import { secretPart, TRANSPORTS } from '../steps.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const THANKS = 'Thanks. If this is an active key, its owner has been notified.';
const OTHERS = 'Thanks. If another key in this message is active, its owner has been notified.';

let workspace: RunningWorkspace;

/** Posts a message, and uses the shortcut on it. */
async function report(poster: SlackPerson, text: string, reporter = poster): Promise<void> {
  await poster.command('ml-platform', text);
  const message = await reporter.waitForMessage('ml-platform', (one) => one.text === text);
  await reporter.shortcut('this_is_a_key', message);
}

const status = async (key: string) => {
  const headers = { authorization: `Bearer ${key}` };
  return (await send(`${workspace.keysmith.url}/forward-auth`, { method: 'GET', headers })).status;
};
const reports = async () => (await workspace.audit()).filter(({ action }) => action === 'api_key.reported');

describe.each(TRANSPORTS)('“This is a key”, over %s', (transport) => {
  let ada: SlackPerson;
  let ben: SlackPerson;
  let dee: SlackPerson;
  const keys: string[] = [];
  const newKey = async (name: string) => {
    const key = keyIn(await createAccount(ada, 'random', name)) ?? '';
    keys.push(key);
    return key;
  };
  /** Creates a key whose contact is another person. */
  const newKeyOf = async (contact: SlackPerson, name: string) => {
    await openForm(ada, 'random', `/wandb sa new ${name}`);
    await ada.fill('contact', contact.id);
    await ada.submit();
    const shown = await ada.waitForMessage(
      'random',
      (one) => visibleText(one).includes(name) && !!keyIn(one),
    );
    const key = keyIn(shown) ?? '';
    keys.push(key);
    return key;
  };
  beforeAll(async () => {
    workspace = await startWorkspace({ transport });
    const { slack } = workspace;
    [ada, ben, dee] = [slack.as('Ada'), slack.as('Ben'), slack.as('Dee')];
  });
  afterEach(async () => {
    for (const person of [ada, ben, dee]) while (person.view()) await person.close();
    // A key is in the message alone: in no log line, row, or request of Keysmith, except where it was delivered.
    const rows = JSON.stringify([
      workspace.rows('select * from audit_events'),
      workspace.rows('select * from jobs'),
    ]);
    for (const key of keys) {
      expect(workspace.logs()).not.toContain(secretPart(key));
      expect(rows).not.toContain(secretPart(key));
    }
    for (const person of [ada, ben, dee]) {
      for (const view of person.views()) expect(visibleText(view)).not.toContain('keysmith_');
    }
  });
  afterAll(async () => {
    expectAcceptedBySlack(workspace);
    await workspace.stop();
  });

  test('lets an admin of its team revoke the key after a confirmation', async () => {
    const key = await newKey('nightly-eval');
    expect(await status(key)).toBe(200);
    const unknown = formatApiKey(drawApiKey((size) => new Uint8Array(size).fill(7)));
    await report(ben, `please use ${key} for now, or ${unknown}`, ada);
    const shown = await ada.waitForView(/Key `\w{12}` of `nightly-eval` in `ml-platform` works/);
    expect(JSON.stringify(shown)).not.toContain(secretPart(key));
    await ada.clickInView('Rotate');
    await ada.waitForView('Rotate key');
    await ada.close();
    await ada.clickInView('Revoke');
    await ada.waitForView('It was used');
    expect(await status(key)).toBe(200);
    await ada.submit();
    await ada.waitForView('It no longer works');
    expect(await status(key)).toBe(401);
    expect(await reports()).toEqual([]);

    // The modal below the form is current, and its button is gone.
    await ada.close();
    const after = await ada.waitForView(/Key `\w{12}` of `nightly-eval` in `ml-platform` was revoked/);
    expect(after.title).toBe('This is a key');
    expect(visibleText(after)).toContain(OTHERS);
    expect(visibleText(after)).not.toMatch(/^(Revoke|Rotate)$/m);
    await ada.close();
    await report(ada, `revoked: ${key}`);
    await ada.waitForView(/Key `\w{12}` of `nightly-eval` in `ml-platform` was revoked/);
  });

  test('offers Revoke to the key’s contact, as long as they are in the team', async () => {
    const key = await newKeyOf(ben, 'weekly-eval');
    await report(ben, `mine: ${key}`);
    await ben.waitForView(/Key `\w{12}` of `weekly-eval` in `ml-platform` works/);
    await ben.clickInView('Revoke');
    await ben.waitForView('Revoke key');
    await ben.submit();
    await ben.waitForView('It no longer works');
    expect(await status(key)).toBe(401);
    await ben.close();
    await ben.waitForView(/of `weekly-eval` in `ml-platform` was revoked/);
  });

  test('lets an admin rotate the key, and shows the new one in the Messages tab', async () => {
    const key = await newKey('daily-eval');
    await report(ada, `rotate ${key}`);
    await ada.waitForView('of `daily-eval` in `ml-platform` works');
    await ada.clickInView('Rotate');
    await ada.waitForView('Rotate key');
    const hash = ada.views()[0]?.hash;
    await ada.submit();
    await expect.poll(() => ada.views()[0]?.hash).not.toBe(hash);
    const shown = await ada.waitForMessage(
      'Keysmith',
      (one) => visibleText(one).includes('daily-eval') && !!keyIn(one),
    );
    const replacement = keyIn(shown) ?? '';
    keys.push(replacement);
    expect([await status(key), await status(replacement)]).toEqual([200, 200]);
  });

  test('shows of several keys those of the person, and notifies the contacts and admins of the others', async () => {
    const others = [await newKeyOf(ben, 'hourly-eval'), await newKey('yearly-eval')];
    const unknown = formatApiKey(drawApiKey((size) => new Uint8Array(size).fill(8)));
    const before = ben.messages('Keysmith').length;
    await report(ben, `${others.join(' ')} and ${unknown}`);
    const shown = visibleText(await ben.waitForView('of `hourly-eval` in `ml-platform` works'));
    expect(shown.match(/works\./g)).toHaveLength(1);
    expect(shown).toContain(OTHERS);
    await expect.poll(reports).toHaveLength(1);
    await workspace.keysmith.settle();
    await workspace.keysmith.settle();
    await ada.waitForMessage('Keysmith', /found key `\w{12}` of `yearly-eval`/);
    expect(ben.messages('Keysmith')).toHaveLength(before);

    // The same where the other key doesn't exist, and nothing about a message without others.
    await ben.close();
    await report(ben, `${others[0]} and ${unknown}`);
    await ben.waitForView('of `hourly-eval` in `ml-platform` works');
    expect(visibleText(ben.view() as never)).toBe(shown);
    await ben.close();
    await report(ben, `only ${others[0]}`);
    expect(visibleText(await ben.waitForView('of `hourly-eval`'))).not.toContain('Thanks');
    await ben.close();

    await report(dee, `Is this one too? ${others[0]}`);
    await dee.waitForView(THANKS);
    await expect.poll(reports).toHaveLength(2);
    await workspace.keysmith.settle();
    await workspace.keysmith.settle();
    for (const person of [ada, ben]) {
      await person.waitForMessage('Keysmith', /found key `\w{12}` of `hourly-eval`/);
    }
    // Ben is the contact, and may act on his message.
    const sent = await ben.waitForMessage('Keysmith', 'of `hourly-eval`');
    await ben.click(sent, 'Revoke');
    await ben.waitForView('Revoke key');
    await ben.submit();
    await ben.waitForView('It no longer works');
    expect(await status(others[0] ?? '')).toBe(401);
  });

  test('says the same to others for an active key, a revoked one and one that doesn’t exist, and reports it afterwards', async () => {
    const [key, next] = [await newKey('paper-mill'), await newKey('paper-press')];
    const unknown = formatApiKey(drawApiKey((size) => new Uint8Array(size).fill(9)));
    const [, keyId = ''] = /^keysmith_(\w{12})/.exec(key) ?? [];
    const invented = formatApiKey({ keyId, secret: 'x'.repeat(34) });
    const [before, earlier] = [ada.messages('Keysmith').length, (await reports()).length];
    const reported = async () => (await reports()).slice(earlier).map(({ details }) => details.name);
    const replies = () => requestsToSlack(workspace, 'views.update').length;
    const texts = new Set<string>();
    for (const [who, text] of [
      [dee, unknown],
      [dee, invented],
      [ben, `look: ${key}`],
    ] as const) {
      const replied = replies();
      const release = holdResponse(workspace, 'views.update');
      await report(who, text);
      await expect.poll(replies).toBe(replied + 1);
      // Until the reply is shown: otherwise its time would depend on whether the key exists.
      expect(await reported()).toEqual([]);
      release();
      texts.add(visibleText(await who.waitForView('Thanks')));
      while (who.view()) await who.close();
    }
    expect([...texts]).toHaveLength(1);
    expect([...texts][0]).toContain(THANKS);

    await expect.poll(reported).toEqual(['paper-mill']);
    await workspace.keysmith.settle();
    await workspace.keysmith.settle();
    const sent = await ada.waitForMessage('Keysmith', `found key \`${keyId}\` of \`paper-mill\``);
    expect(visibleText(sent)).toContain(`<@${ben.id}>`);
    expect(visibleText(sent)).toContain('https://acme.slack.com/archives/C0MLPLAT01/p');
    expect(ada.messages('Keysmith').length).toBe(before + 1);
    expect((await reports()).slice(earlier)).toMatchObject([
      {
        actor: { slackUserId: ben.id },
        details: { key_id: keyId, name: 'paper-mill', channel: 'C0MLPLAT01' },
      },
    ]);

    // Once a day, also if another person reports it with another key after it.
    await report(dee, `again: ${key} and ${next}`);
    await dee.waitForView(THANKS);
    await expect.poll(reported).toEqual(['paper-mill', 'paper-press']);
    await dee.close();
    workspace.clock.advance(DAY_MS);
    await report(dee, `the next day: ${key}`);
    await dee.waitForView(THANKS);
    await expect.poll(reported).toEqual(['paper-mill', 'paper-press', 'paper-mill']);
  });

  test('says in both replies how many keys of a longer message it looked at', async () => {
    const key = await newKey('many-eval');
    const unknown = Array.from({ length: 20 }, (_, at) =>
      formatApiKey(drawApiKey((size) => new Uint8Array(size).fill(20 + at))),
    );
    const more = 'Keysmith looked only at the first 20 keys of this message.';
    await report(dee, unknown.join(' '));
    expect(visibleText(await dee.waitForView(THANKS))).not.toContain(more);
    await dee.close();
    await report(dee, [...unknown, key].join(' '));
    expect(visibleText(await dee.waitForView(THANKS))).toContain(more);
    await report(ada, [key, ...unknown].join(' '));
    expect(visibleText(await ada.waitForView('of `many-eval` in `ml-platform` works'))).toContain(more);
  });

  test('works from the direct message to the contact, where Revoke opens the form', async () => {
    const sent = await ada.waitForMessage('Keysmith', 'of `paper-mill`');
    await ada.click(sent, 'Revoke');
    await ada.waitForView('Revoke key');
  });

  test.each([
    ['a guest', { guest: 'multi_channel' as const }, 'Guests of this workspace can’t use Keysmith'],
    ['a person from Slack Connect', { stranger: true, teamId: 'T0OTHER001' }, 'belongs to another workspace'],
  ])('is refused to %s, whatever the message', async (_who, change, text) => {
    const key = await newKey('guest' in change ? 'guest-eval' : 'connect-eval');
    const count = (await reports()).length;
    workspace.slack.changePerson('Dee', change);
    await report(ada, `for Dee: ${key}`, dee);
    await dee.waitForView(text);
    expect((await reports()).length).toBe(count);
    expect(workspace.logs()).toContain('"action":"api_key.report_refused"');
    workspace.slack.changePerson('Dee', { guest: undefined as never, stranger: false, teamId: 'T0ACME0001' });
  });

  test('says what to do about a key of W&B, and that nothing was found in other text', async () => {
    await report(ben, `export WANDB_API_KEY=${'0123456789'.repeat(4)}`);
    await ben.waitForView('may be an API key of W&B');
    await ben.close();
    await report(ben, 'no key here');
    await ben.waitForView('found no key of its own in this message');
  });
});

test('“This is a key” thanks for a key of Keysmith, and explains W&B’s, with accounts on a W&B server', async () => {
  workspace = await startWorkspace({ backend: 'wandb' });
  const ada = workspace.slack.as('Ada');
  await report(ada, formatApiKey(drawApiKey((size) => new Uint8Array(size).fill(9))));
  await ada.waitForView(THANKS);
  await ada.close();
  const wandbKey = keyIn(await createAccount(ada, 'random', 'nightly-eval')) ?? '';
  await report(ada, `mine: ${wandbKey}`);
  await ada.waitForView('its owner has to delete it in W&B');
  await workspace.stop();
});
