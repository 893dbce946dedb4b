import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ADA, acmeWith } from '../../slack/acme-people.ts';
import { ask, markupOf } from '../../slack/ask.ts';
import { createAccount, openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { endAccount } from '../steps.ts';

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
    expect(text).toContain(`*Contact*\n<@${ADA}>`);
    expect(text).toContain(`Key \`${key?.name}\` (\`${key?.key_id}\`)`);
    expect(text).toContain(`by <@${ADA}>`);
    expect(text.includes('Never used')).toBe(backend === 'builtin');
    expect(text.includes('Create key')).toBe(backend === 'builtin');
    expect(text).toMatch(/\*History\*\n.* sent key/);
    expect(text).toContain('/wandb audit --account nightly-eval --team ml-platform');
    expect(text).toMatch(/Admins of `ml-platform` can change it: .*<@U0ADA00001>/);
  });

  test('never shows what people typed as markup', async () => {
    const shown = await ask(ada, 'random', '/wandb sa show weekly-eval');
    expect(visibleText(shown)).toContain('*Evaluates* <!channel>');
    expect(markupOf(shown)).not.toContain('<!channel>');
  });

  test('comes from the list too, and shows when it was ended', async () => {
    const showOnly = async (list: PageMessage) => {
      await ada.click(list, 'Show');
      return ada.waitForMessage('random', ({ ts }) => ts > list.ts);
    };
    const list = await ask(ada, 'random', '/wandb sa list --name nightly');
    expect(visibleText(await showOnly(list))).toContain('*Contact*');
    await endAccount(ada, 'random', '/wandb sa revoke weekly-eval');
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
