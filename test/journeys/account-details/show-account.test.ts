import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ADA, acmeWith, BEN } from '../../slack/acme-people.ts';
import { ask, markupOf } from '../../slack/ask.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { ending, fillFederated } from '../steps.ts';

describe.each(BACKENDS)('All about an account with the %s backend', (backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  beforeAll(async () => {
    workspace = await startWorkspace({
      backend,
      seed: acmeWith([{ id: 'U0EVE00005', name: 'eve', email: 'eve@acme.test' }]),
    });
    ada = workspace.slack.as('Ada');
    await createAccount(ada, 'random', 'nightly-eval');
    await openForm(ada, 'random', '/wandb sa new weekly-eval');
    await ada.fill('purpose', '*Evaluates* <!channel>');
    await ada.fill('contact', BEN);
    expect(await ada.submit()).toEqual({ ok: true });
  });
  afterAll(() => workspace.stop());

  test('has its keys, its contact and who can change it', async () => {
    const shown = await ask(ada, 'random', '/wandb sa show Nightly-Eval');
    const [key] = workspace.rows<{ key_id: string; name: string }>(
      "select k.key_id, k.name from api_keys k join service_accounts a on a.id = k.account_id where a.name = 'nightly-eval'",
    );

    expect(shown.ephemeral).toBe(true);
    const text = visibleText(shown);
    expect(text).toContain('*`nightly-eval`* in `ml-platform`\nActive');
    expect(text).toContain(`Contact\n<@${ADA}>`);
    expect(text).toContain(`Key \`${key?.name}\` (\`${key?.key_id}\`)`);
    expect(text).toContain(`by <@${ADA}>`);
    expect(text.includes('Never used')).toBe(backend === 'builtin');
    expect(text.includes('Create key')).toBe(backend === 'builtin');
    expect(text.includes('managed in W&B, which has no call for single keys')).toBe(backend === 'wandb');
    expect(text).toMatch(
      backend === 'builtin'
        ? /\*History\*\n.* sent key `\w+` to <@U0ADA00001>\./
        : /\*History\*\n.* sent key/,
    );
    expect(text).not.toMatch(/History[\s\S]* of `nightly-eval` in/);
    expect(text).toContain('/wandb audit --account nightly-eval --team ml-platform');
    expect(text).toMatch(/Admins of `ml-platform` can change it: .*<@U0ADA00001>/);
  });

  test('has what its workloads need, in the words of the message about its creation', async () => {
    const shown = visibleText(await ask(ada, 'random', '/wandb sa show nightly-eval'));
    if (backend === 'builtin') {
      expect(shown).toContain(
        `Your own services check its keys with Keysmith, for example at \`${workspace.workloadUrl}/forward-auth\`. It can’t log W&B runs`,
      );
      expect(shown).not.toContain('WANDB_API_KEY');
    } else {
      expect(shown).toContain(
        `Set these in the job’s environment:\nWANDB_API_KEY=YOUR_API_KEY\nWANDB_ENTITY=ml-platform\nWANDB_BASE_URL=${workspace.workloadUrl}`,
      );
    }
    expect(/^In W&B\n`nightly-eval-ks[a-z2-7]{13}`/m.test(shown)).toBe(backend === 'wandb');

    await openForm(ada, 'random', '/wandb sa new gh-deploy');
    await fillFederated(ada, 'repo:acme/deploy');
    expect(await ada.submit()).toEqual({ ok: true });
    const created = visibleText(await ada.waitForMessage('random', 'Federated account `gh-deploy`'));
    const federated = visibleText(await ask(ada, 'random', '/wandb sa show gh-deploy'));
    const from = created.indexOf('It has no key.');
    const words = created.slice(from, created.lastIndexOf('\n'));
    expect(words).toContain('subject (sub)   repo:acme/deploy\naudience (aud)  acme\n');
    expect(words.includes('WANDB_IDENTITY_TOKEN_FILE=')).toBe(backend === 'wandb');
    expect(federated).toContain(words);
  });

  test('never shows what people typed as markup', async () => {
    const shown = await ask(ada, 'random', '/wandb sa show weekly-eval');
    expect(visibleText(shown)).toContain('*Evaluates* <!channel>');
    expect(markupOf(shown)).not.toContain('<!channel>');
  });

  test('lets its contact rotate and revoke its keys, and nothing else', async () => {
    const ben = workspace.slack.as('Ben');
    const shown = await ask(ben, 'random', '/wandb sa show weekly-eval');
    const text = visibleText(shown);
    expect(text.includes('Its contact can rotate and revoke its keys.')).toBe(backend === 'builtin');
    expect(text).not.toMatch(/Create key|Rename|Edit|Delete|History/);
    if (backend === 'wandb') return expect(text).not.toMatch(/^(Rotate|Revoke)$/m);
    await ben.click(shown, 'Rotate');
    await ben.waitForView(({ submit }) => submit === 'Rotate');
    await ben.close();
  });

  test('changes in place after each action that was started from it', async () => {
    const shown = await ask(ada, 'random', '/wandb sa show weekly-eval');
    const [{ id = '', keyId: first = '' } = {}] = workspace.rows<{ id: string; keyId: string }>(
      "select a.id, k.key_id as keyId from service_accounts a join api_keys k on k.account_id = a.id where a.name = 'weekly-eval'",
    );
    const shownCount = () =>
      ada.messages('random').filter((one) => visibleText(one).includes('*`weekly-eval`* in')).length;
    const before = shownCount();
    const current = () => ada.messages('random').find(({ ts }) => ts === shown.ts) ?? shown;
    const change = async (choice: string, fields: Record<string, string>, text: string | RegExp) => {
      await ada.click(current(), choice);
      await ada.waitForView(({ submit }) => submit !== undefined);
      for (const [field, value] of Object.entries(fields)) await ada.fill(field, value);
      expect(await ada.submit()).toEqual({ ok: true });
      if (ada.view() !== undefined) await ada.close();
      await ada.waitForMessage(
        'random',
        (one) => one.ts === shown.ts && new RegExp(text).test(visibleText(one)),
      );
    };

    await change('Edit', { purpose: 'Evaluates checkpoints' }, 'Evaluates checkpoints');
    if (backend === 'builtin') {
      await change(`rename ${id}:${first}`, { key_name: 'main' }, 'Key `main`');
      await change('Create key', { key_name: 'ci' }, 'Key `ci`');
      await change(`rotate ${id}:${first}`, {}, /Key `main-2`/);
      await change(`revoke ${id}:${first}`, {}, `Revoked keys: \`main\` \\(\`${first}\`\\)`);
    }
    // A response URL that has expired: the outcome is in the form, and no other message is sent.
    workspace.slack.failures.set('response_url', { kind: 'error', error: 'expired_url' });
    const messages = ada.messages('random').length;
    await ada.click(current(), 'Edit');
    await ada.waitForView(({ submit }) => submit === 'Save');
    await ada.fill('used_by', 'Airflow');
    expect(await ada.submit()).toEqual({ ok: true });
    await expect
      .poll(() => workspace.logs().includes('reply not accepted at the response URL'), { timeout: 10_000 })
      .toBe(true);
    await ada.close();
    workspace.slack.failures.clear();
    expect(ada.messages('random')).toHaveLength(messages);
    expect(visibleText(current())).not.toContain('Airflow');

    const { button, past } = ending(backend);
    await change(
      button === 'Revoke' ? `revoke:${id}` : button,
      { name: 'weekly-eval' },
      new RegExp(`:no_entry: ${past}`, 'i'),
    );

    expect(visibleText(current())).not.toMatch(/Create key|Rename|Edit/);
    // The new keys have messages of their own; *Show* in the message itself sends none.
    await ada.click(current(), 'Show');
    await workspace.keysmith.settle();
    expect(shownCount()).toBe(before);
  });

  test('comes from the list too, and shows when it was ended', async () => {
    const showOnly = async (list: PageMessage) => {
      await ada.click(list, 'Show');
      return ada.waitForMessage('random', ({ ts }) => ts > list.ts);
    };
    const list = await ask(ada, 'random', '/wandb sa list --name nightly');
    expect(visibleText(await showOnly(list))).toContain('Contact\n');
    const shown = await showOnly(await ask(ada, 'random', '/wandb sa list --status revoked'));

    expect(visibleText(shown)).toContain(`:no_entry: ${backend === 'builtin' ? 'Revoked' : 'Deleted'} `);
    expect(visibleText(shown)).not.toContain('Create key');
  });

  test('is shown to a member without actions, and to nobody outside the team', async () => {
    const shown = await ask(workspace.slack.as('Ben'), 'random', '/wandb sa show nightly-eval');
    expect(visibleText(shown)).toContain('*`nightly-eval`* in `ml-platform`');
    expect(visibleText(shown)).not.toMatch(/Create key|Rename|Revoke|Delete|History/);

    const eve = workspace.slack.as('Eve');
    const [theirs, none] = [
      await ask(eve, 'random', '/wandb sa show nightly-eval'),
      await ask(eve, 'random', '/wandb sa show another-eval'),
    ];
    expect(visibleText(theirs).replace('nightly', 'another')).toBe(visibleText(none));
  });
});
