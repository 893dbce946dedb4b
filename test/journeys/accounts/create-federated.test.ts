import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PageMessage } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ADA } from '../../slack/acme-people.ts';
import { markupOf } from '../../slack/ask.ts';
import { keyIn, openForm } from '../../world/new-account-form.ts';
import { BACKENDS, type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { chooseMethod, ending, PLACES } from '../steps.ts';

const GITHUB = 'https://token.actions.githubusercontent.com';
const SUBJECT = 'repo:acme/eval:ref:refs/heads/main';

async function submitFederated(person: SlackPerson, conversation: string, subject = SUBJECT): Promise<void> {
  await openForm(person, conversation, '/wandb sa new nightly-eval');
  await chooseMethod(person, 'federated');
  await person.fill('issuer', GITHUB);
  await person.fill('subject', subject);
  await person.fill('purpose', 'Evaluates every night');
  await person.fill('used_by', 'GitHub Actions');
  // A subject that looks like a pattern is accepted when it is submitted a second time.
  if (subject.includes('<')) expect(await person.submit()).toMatchObject({ ok: false });
  expect(await person.submit()).toEqual({ ok: true });
}

const preformatted = (message: PageMessage) =>
  message.blocks
    .filter(({ type }) => type === 'rich_text')
    .map((block) => visibleText({ ...message, blocks: [block] }).split('\n'));

describe.each(PLACES)('Creating a federated account over %s with the %s backend', (transport, backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  beforeEach(async () => {
    workspace = await startWorkspace({ transport, backend });
    ada = workspace.slack.as('Ada');
  });
  afterEach(() => workspace.stop());

  test('sends a message with what the workload needs, and no key anywhere', async () => {
    await submitFederated(ada, 'ml-platform');
    const message = await ada.waitForMessage('ml-platform', 'nightly-eval');
    await ada.waitUntilClosed();

    expect(message.ephemeral).toBe(true);
    const claims = [`issuer (iss)    ${GITHUB}`, `subject (sub)   ${SUBJECT}`, 'audience (aud)  acme'];
    const lines = [
      'WANDB_IDENTITY_TOKEN_FILE=/path/to/the/workload/token',
      'WANDB_ENTITY=ml-platform',
      `WANDB_BASE_URL=${workspace.workloadUrl}`,
    ];
    expect(preformatted(message)).toEqual(backend === 'wandb' ? [claims, lines] : [claims]);
    if (backend === 'builtin') {
      expect(visibleText(message)).not.toContain('WANDB_BASE_URL');
      expect(visibleText(message)).toContain(
        `for an access token at \`${workspace.workloadUrl}/oidc/token\``,
      );
    }
    expect(visibleText(message)).not.toContain('WANDB_API_KEY');
    expect(keyIn(message)).toBeUndefined();
    expect(workspace.slack.as('Ben').messages('ml-platform')).toEqual([]);
    expect(JSON.stringify(workspace.slack.traffic)).not.toMatch(/keysmith_[0-9A-Za-z]{12}-/);
    for (const table of ['api_keys', 'deliveries', 'collections'])
      expect(workspace.rows(`select * from ${table}`)).toEqual([]);
  });

  test('stores and records the account with its issuer and subject', async () => {
    await submitFederated(ada, 'random');
    await ada.waitForMessage('random', 'nightly-eval');

    expect(
      workspace.rows(
        'select name, authentication_method as method, issuer, subject, purpose, used_by, contact, revoked_at_ms from service_accounts',
      ),
    ).toEqual([
      {
        name: 'nightly-eval',
        method: 'federated',
        issuer: GITHUB,
        subject: SUBJECT,
        purpose: 'Evaluates every night',
        used_by: 'GitHub Actions',
        contact: ADA,
        revoked_at_ms: null,
      },
    ]);
    expect((await workspace.audit()).at(-1)).toMatchObject({
      action: 'service_account.created',
      actor: { type: 'person', slackUserId: ADA, email: 'ada@acme.test' },
      details: {
        team: 'ml-platform',
        name: 'nightly-eval',
        method: 'federated',
        issuer: GITHUB,
        subject: SUBJECT,
      },
    });
  });
});

describe.each(BACKENDS)('A federated account of the %s backend', (backend) => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  beforeEach(async () => {
    workspace = await startWorkspace({ backend });
    ada = workspace.slack.as('Ada');
  });
  afterEach(() => workspace.stop());

  test.each(['repo:acme/_bold_', 'repo:acme/<!channel>', 'repo:acme/:key:', 'repo:acme/`code`'])(
    'shows the subject %s exactly, never as markup',
    async (subject) => {
      await submitFederated(ada, 'random', subject);
      const message = await ada.waitForMessage('random', 'nightly-eval');

      expect(preformatted(message)[0]).toContain(`subject (sub)   ${subject}`);
      expect(markupOf(message)).not.toContain(subject);
    },
  );

  /** Expects that no further direct message follows those that were sent. */
  const expectDirectMessages = async (count: number) => {
    await expect
      .poll(
        () => workspace.rows("select 1 from jobs where finished_at_ms is null and kind = 'notification'"),
        { timeout: 10_000 },
      )
      .toEqual([]);
    workspace.clock.advance(61_000);
    await workspace.keysmith.settle();
    expect(ada.messages('Keysmith')).toHaveLength(count);
  };

  test('is revoked from its message, which the outcome replaces', async () => {
    await submitFederated(ada, 'random');
    const message = await ada.waitForMessage('random', 'nightly-eval');

    const { confirm } = await ada.click(message, ending(backend).buttonInMessage);
    const replaced = await ada.waitForMessage('random', 'Its workloads can no longer sign in.');

    expect(confirm?.text).toContain(
      'Workloads using nightly-eval in ml-platform will no longer be able to sign in.',
    );
    expect(replaced.ts).toBe(message.ts);
    expect(workspace.rows('select revoked_at_ms is not null as revoked from service_accounts')).toEqual([
      { revoked: 1 },
    ]);
    expect((await workspace.audit()).at(-1)).toMatchObject({ action: 'service_account.revoked' });
    await expectDirectMessages(0);
  });

  test('is announced by direct message when the conversation rejects the message, since it contains no secret', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    await chooseMethod(ada, 'federated');
    await ada.fill('issuer', GITHUB);
    await ada.fill('subject', SUBJECT);
    workspace.slack.failures.set('response_url', { kind: 'status', status: 500 });

    expect(await ada.submit()).toEqual({ ok: true });
    const message = await ada.waitForMessage('Keysmith', SUBJECT);

    expect(message.ephemeral).toBe(false);
    const view = ada.view();
    expect(view && visibleText(view)).toContain('Setup instructions are in a direct message from Keysmith');
    expect(workspace.rows('select name from service_accounts')).toEqual([{ name: 'nightly-eval' }]);
    await expectDirectMessages(1);
  });

  test('is announced later when Slack accepts neither message, and says so', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    await chooseMethod(ada, 'federated');
    await ada.fill('issuer', GITHUB);
    await ada.fill('subject', SUBJECT);
    workspace.slack.failures.set('response_url', { kind: 'status', status: 500 }, { times: 1 });
    workspace.slack.failures.set('chat.postMessage', { kind: 'error', error: 'fatal_error' }, { times: 1 });

    await ada.submit();
    await ada.waitForView('Keysmith keeps trying to send them in a direct message');
    expect(ada.messages('Keysmith')).toEqual([]);
    await workspace.keysmith.settle();

    const message = visibleText(await ada.waitForMessage('Keysmith', SUBJECT));
    expect(message).toContain('Created `nightly-eval` in `ml-platform`.');
    await expectDirectMessages(1);
  });
});
