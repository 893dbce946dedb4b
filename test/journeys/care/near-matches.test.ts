import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { button, clickForged } from '../../security/forged-click.ts';
import { FORM, send } from '../../send-request.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';
import { chooseMethod } from '../steps.ts';

const ISSUER = 'https://issuer.acme.test';
const DAY_MS = 24 * 60 * 60_000;

let workspace: RunningWorkspace;
let ada: SlackPerson;
let ben: SlackPerson;
let exchange: (subject: string) => Promise<number>;
beforeAll(async () => {
  const { publicKey, privateKey } = await generateKeyPair('ES256');
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'ci', alg: 'ES256' }] };
  workspace = await startWorkspace({ organization: { issuers: [{ url: ISSUER, jwks }] } });
  [ada, ben] = [workspace.slack.as('Ada'), workspace.slack.as('Ben')];
  exchange = async (subject) => {
    const assertion = await new SignJWT({ aud: 'acme' })
      .setProtectedHeader({ alg: 'ES256', kid: 'ci' })
      .setIssuer(ISSUER)
      .setSubject(subject)
      .setIssuedAt(Math.floor(workspace.clock.nowMs / 1000))
      .setExpirationTime(Math.floor(workspace.clock.nowMs / 1000) + 600)
      .sign(privateKey);
    const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    const body = `grant_type=${grant}&assertion=${assertion}`;
    return (await send(`${workspace.keysmith.url}/oidc/token`, { headers: { 'content-type': FORM }, body }))
      .status;
  };
});
afterAll(() => workspace.stop());

/** Creates a federated account whose contact is a member of the team who isn't an admin. */
async function create(name: string): Promise<string> {
  const subject = `repo:acme/${name}:ref:refs/heads/main`;
  await openForm(ada, 'random', `/wandb sa new ${name}`);
  await chooseMethod(ada, 'federated');
  await ada.fill('subject', subject);
  await ada.fill('contact', ben.id);
  await ada.submit();
  await ada.waitForMessage('random', (message) => visibleText(message).includes(subject));
  return subject;
}

const matches = () =>
  workspace.rows<{ subject: string; state: string }>('select subject, state from near_matches');
async function sendUntilShown(subject: string): Promise<void> {
  expect(await exchange(subject)).toBe(400);
  await vi.waitFor(() => expect(matches().map((match) => match.subject)).toContain(subject));
  await workspace.keysmith.settle();
  await workspace.keysmith.settle();
}
const cardOf = (person: SlackPerson, text: string) => person.waitForMessage('Keysmith', text);

test('The contact and the admins see both subjects; an admin uses the new one, and the card changes for both', async () => {
  const old = await create('eval');
  const immutable = 'repo:acme@1234567/eval@7654321:ref:refs/heads/main';
  await sendUntilShown(immutable);
  const card = await cardOf(ada, 'Keysmith refused a workload that may belong to `eval`');
  expect(visibleText(card)).toContain('7654321');
  expect(visibleText(card)).toContain('Compare them with yours on GitHub');
  const own = await cardOf(ben, 'Keysmith refused a workload that may belong to `eval`');
  await ben.click(own, 'Use this subject');
  await ben.waitForMessage('Keysmith', 'Only admins of `ml-platform` can do this.');
  expect(await exchange(immutable)).toBe(400);

  await ada.click(card, 'Use this subject');
  await workspace.keysmith.settle();
  await cardOf(ada, 'The subject of `eval` in `ml-platform` was replaced');
  await cardOf(ben, 'The subject of `eval` in `ml-platform` was replaced');
  expect([await exchange(immutable), await exchange(old)]).toEqual([200, 400]);
  const changes = (await workspace.audit()).filter(
    ({ action }) => action === 'service_account.subject_changed',
  );
  expect(changes).toMatchObject([{ details: { subject: immutable, earlier_subject: old } }]);
});

test('The contact can ignore a subject, which is then never shown again', async () => {
  await create('nightly');
  const branch = 'repo:acme/nightly:ref:refs/heads/next';
  await sendUntilShown(branch);
  await ben.click(await cardOf(ben, 'may belong to `nightly`'), 'Ignore');
  await workspace.keysmith.settle();
  await cardOf(ada, 'A subject that resembles that of `nightly` in `ml-platform` was ignored');
  workspace.clock.advance(40 * DAY_MS);
  await exchange(branch);
  await workspace.keysmith.settle();
  expect(matches().filter(({ subject }) => subject === branch)).toEqual([
    { subject: branch, state: 'ignored' },
  ]);
});

test('A button of a card is refused to people outside the team, and for a card that doesn’t exist', async () => {
  await create('weekly');
  await sendUntilShown('repo:acme/weekly:ref:refs/heads/next');
  await cardOf(ada, 'may belong to `weekly`');
  const [row] = workspace.rows<{ id: string }>("select id from near_matches where state = 'open'");
  const dee = workspace.slack.as('Dee');
  for (const value of [row?.id ?? '', 'near_nothing', '']) {
    for (const action of ['use_subject', 'ignore_subject']) {
      await clickForged(workspace, [button(action, value)], { as: dee.id });
    }
  }
  await workspace.keysmith.settle();
  expect(matches().filter(({ state }) => state === 'open')).toHaveLength(1);
});
