import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/domain/keys/secret.ts';
import type { WandbFailure } from '../../../src/sandbox/wandb/wandb-failures.ts';
import type { SlackPerson } from '../../driver/person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

interface Told {
  name: string;
  failure: WandbFailure;
  /** The text for the failure. */
  words: string;
  /** Whether the account was certainly not created. */
  made: 'not' | 'unclear';
}

const FAILURES: Told[] = [
  {
    name: '401',
    failure: { kind: 'status', status: 401 },
    words: 'the W&B server doesn’t accept Keysmith’s API key.',
    made: 'not',
  },
  {
    name: '403',
    failure: { kind: 'status', status: 403 },
    words: 'the W&B server doesn’t allow Keysmith to do that.',
    made: 'not',
  },
  {
    name: '404 in the server’s own words',
    failure: { kind: 'status', status: 404 },
    words: 'the W&B server couldn’t find the team or account (`not found`).',
    made: 'not',
  },
  {
    name: '404 of what is no W&B server',
    failure: { kind: 'status', status: 404, page: true },
    words: 'there’s no W&B server at the configured address.',
    made: 'not',
  },
  {
    name: '409',
    failure: { kind: 'status', status: 409 },
    words: 'the W&B server reported a conflict, probably an account with the same name (`conflict`).',
    made: 'not',
  },
  {
    name: '429',
    failure: { kind: 'status', status: 429, retryAfter: 300 },
    words: 'the W&B server is limiting requests.',
    made: 'not',
  },
  {
    name: '5xx',
    failure: { kind: 'status', status: 500 },
    words: 'the W&B server returned an internal error.',
    made: 'unclear',
  },
  {
    name: 'HTML instead of JSON',
    failure: { kind: 'login_page' },
    words: 'a sign-in page or another server responded instead of the W&B server.',
    made: 'unclear',
  },
  {
    name: 'a redirect',
    failure: { kind: 'redirect', status: 307, location: 'https://login.acme.test/saml' },
    words: 'the W&B server redirects to `login.acme.test`, and Keysmith doesn’t follow redirects.',
    made: 'not',
  },
  {
    name: 'JSON of another shape',
    failure: { kind: 'json', body: { status: 'ok' } },
    words: 'the W&B server returned an unexpected response.',
    made: 'unclear',
  },
  {
    name: 'errors beside data',
    failure: { kind: 'errors', message: 'seat limit *reached*' },
    words: 'the W&B server rejected the request with `seat limit *reached*`.',
    made: 'not',
  },
  {
    name: 'a cut connection',
    failure: { kind: 'reset' },
    words: 'the connection to the W&B server was lost before it finished responding.',
    made: 'unclear',
  },
];

/** The failures for which the text links the team's page in W&B. */
const BY_HAND = ['401', '403', '404 in the server’s own words', '409', 'errors beside data'];

const DRIP: Pick<Told, 'failure' | 'words'> = {
  failure: { kind: 'drip', everyMs: 50 },
  words: 'the W&B server took longer than ten seconds to respond.',
};

let workspace: RunningWorkspace;
let ada: SlackPerson;
/** The texts that Ada saw, without their references, by failure. */
const told = new Map<string, string>();

beforeAll(async () => {
  workspace = await startWorkspace({ backend: 'wandb' });
  ada = workspace.slack.as('Ada');
});
beforeEach(() => workspace.wandb.failures.clear());
afterAll(() => workspace.stop());

const onServer = () => workspace.wandb.team('ml-platform').serviceAccounts();
const page = () => `${workspace.wandb.baseUrl}/ml-platform/service-accounts`;
const withoutReference = (text: string) => text.replace(/ks_\w+/g, 'ks_…');
const list = async () => visibleText(await ask(ada, 'random', '/wandb sa list'));

function expectUnread(name: string, said: string, words: string): void {
  told.set(name, withoutReference(said));
  expect(said).toContain(`Nothing was changed: ${words} `);
  expect(said).toMatch(/Reference ks_/);
}

describe('A list command while the W&B server can’t be read', () => {
  test.each(FAILURES)('says what happened and what to do ($name)', async ({ name, failure, words }) => {
    workspace.wandb.failures.set('*', failure);

    expectUnread(name, await list(), words);
  });
});

describe('A submission when the W&B server doesn’t create the account', () => {
  const titled = FAILURES.map((one, at) => ({ ...one, account: `nightly-eval-${at}` }));

  test.each(titled)(
    'says so, and says that nothing was created only when that is certain ($name)',
    async ({ name, failure, words, made, account }) => {
      await openForm(ada, 'random', `/wandb sa new ${account}`);
      workspace.wandb.failures.set('createServiceAccount', failure, { times: 1 });
      const looks =
        made === 'unclear' ? workspace.wandb.hold('createServiceAccount', { at: 'before' }) : undefined;
      const submitted = ada.submit();
      await looks?.reached;
      // When the response is lost, Keysmith reads the team, which must fail as well.
      if (looks !== undefined) workspace.wandb.failures.set('entity', failure);
      looks?.release();
      await submitted;
      const said = visibleText(await ada.waitForView(words));

      expect(said).toContain(
        made === 'not'
          ? `The account wasn’t created: ${words} `
          : `We don’t know yet whether the account was created: ${words} `,
      );
      expect(said.includes('wasn’t created')).toBe(made === 'not');
      expect(said.includes(`A team admin can do it manually in W&B: <${page()}>`)).toBe(
        BY_HAND.includes(name),
      );
      expect(said).toMatch(/Reference ks_/);
      expect(onServer()).toEqual([]);
      await ada.close();
    },
  );

  test('says that the server no longer shows the team, and creates nothing', async () => {
    await openForm(ada, 'random', '/wandb sa new nightly-eval');
    workspace.wandb.failures.set('entity', { kind: 'null' });
    await ada.submit();

    await ada.waitForView('You don’t have a team with that name. Nothing was changed.');
    expect(onServer()).toEqual([]);
    await ada.close();
  });
});

test('a team that the server no longer shows isn’t one of the person’s, who learns what to do', async () => {
  workspace.clock.advance(2 * 60_000);
  workspace.wandb.failures.set('entity', { kind: 'null' });
  const said = await list();

  told.set('entity: null', withoutReference(said));
  expect(said).toContain('You’re not in any W&B team that the W&B server shows to Keysmith.');
});

test('a response that drips in slowly is not waited for', async () => {
  const { baseUrl, apiKey } = workspace.wandb;
  await workspace.restartKeysmith({
    backend: { kind: 'wandb', baseUrl, apiKey: new Secret(apiKey), timeoutMs: 200 },
  });
  workspace.wandb.failures.set('*', DRIP.failure);

  expectUnread('a slow drip', await list(), DRIP.words);
});

test('a stopped server is reported as unreachable', async () => {
  await workspace.wandb.stop();

  expectUnread('out of reach', await list(), 'Keysmith couldn’t reach the W&B server.');
});

test('every failure has its own text, and neither the texts nor the log contain the API key', () => {
  expect(told.size).toBe(FAILURES.length + 3);
  expect(new Set(told.values()).size).toBe(told.size);
  const { apiKey } = workspace.wandb;
  const basic = Buffer.from(`api:${apiKey}`).toString('base64');
  const everything = [
    ...workspace.slack.traffic.map((exchange) => JSON.stringify(exchange)),
    ...told.values(),
    workspace.logs(),
  ].join('\n');
  for (const secret of [apiKey, basic, basic.slice(0, 30)]) expect(everything).not.toContain(secret);
});
