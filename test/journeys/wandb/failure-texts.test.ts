import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Secret } from '../../../src/domain/keys/secret.ts';
import type { WandbFailure } from '../../../src/sandbox/wandb/wandb-failures.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { visibleText } from '../../driver/visible-text.ts';
import { ask } from '../../slack/ask.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

interface FailureCase {
  name: string;
  failure: WandbFailure;
  /** The text for the failure. */
  explanation: string;
  /** Whether the account may exist on the server. */
  created: 'no' | 'unknown';
}

const FAILURES: FailureCase[] = [
  {
    name: '401',
    failure: { kind: 'status', status: 401 },
    explanation: 'the W&B server doesn’t accept Keysmith’s API key.',
    created: 'no',
  },
  {
    name: '403',
    failure: { kind: 'status', status: 403 },
    explanation: 'the W&B server doesn’t allow Keysmith to do that.',
    created: 'no',
  },
  {
    name: '404 of the W&B server',
    failure: { kind: 'status', status: 404 },
    explanation: 'the W&B server couldn’t find the team or account (`not found`).',
    created: 'no',
  },
  {
    name: '404 of another server',
    failure: { kind: 'status', status: 404, page: true },
    explanation: 'there’s no W&B server at the configured address.',
    created: 'no',
  },
  {
    name: '409',
    failure: { kind: 'status', status: 409 },
    explanation: 'the W&B server reported a conflict with something that already exists (`conflict`).',
    created: 'no',
  },
  {
    name: '429',
    failure: { kind: 'status', status: 429, retryAfter: 300 },
    explanation: 'the W&B server is limiting requests.',
    created: 'no',
  },
  {
    name: '5xx',
    failure: { kind: 'status', status: 500 },
    explanation: 'the W&B server returned an internal error.',
    created: 'unknown',
  },
  {
    name: 'HTML instead of JSON',
    failure: { kind: 'login_page' },
    explanation: 'a sign-in page or another server responded instead of the W&B server.',
    created: 'unknown',
  },
  {
    name: 'a redirect',
    failure: { kind: 'redirect', status: 307, location: 'https://login.acme.test/saml' },
    explanation: 'the W&B server redirects to `login.acme.test`, and Keysmith doesn’t follow redirects.',
    created: 'no',
  },
  {
    name: 'JSON of another shape',
    failure: { kind: 'json', body: { status: 'ok' } },
    explanation: 'the W&B server returned an unexpected response.',
    created: 'unknown',
  },
  {
    name: 'errors beside data',
    failure: { kind: 'errors', message: 'seat limit *reached*' },
    explanation: 'the W&B server rejected the request with `seat limit *reached*`.',
    created: 'no',
  },
  {
    name: 'a broken connection',
    failure: { kind: 'reset' },
    explanation: 'the connection to the W&B server was lost before it finished responding.',
    created: 'unknown',
  },
];

/** The failures for which the text links the team's page in W&B. */
const MANUAL_STEPS = ['401', '403', '404 of the W&B server', '409', 'errors beside data'];

const DRIP: Pick<FailureCase, 'failure' | 'explanation'> = {
  failure: { kind: 'drip', everyMs: 50 },
  explanation: 'the W&B server took longer than ten seconds to respond.',
};

let workspace: RunningWorkspace;
let ada: SlackPerson;
/** The texts that Ada saw, without their references, by failure. */
const texts = new Map<string, string>();

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

function expectUnread(name: string, text: string, explanation: string): void {
  texts.set(name, withoutReference(text));
  expect(text).toContain(`Nothing was changed: ${explanation} `);
  expect(text).toMatch(/Reference ks_/);
}

describe('A list command while the W&B server can’t be read', () => {
  test.each(FAILURES)('says what happened and what to do ($name)', async ({ name, failure, explanation }) => {
    workspace.wandb.failures.set('*', failure);

    expectUnread(name, await list(), explanation);
  });
});

describe('A submission when the W&B server doesn’t create the account', () => {
  const titled = FAILURES.map((one, at) => ({ ...one, account: `nightly-eval-${at}` }));

  test.each(titled)(
    'says so, or offers the key where the account may have been created ($name)',
    async ({ name, failure, explanation, created, account }) => {
      await openForm(ada, 'random', `/wandb sa new ${account}`);
      workspace.wandb.failures.set('createServiceAccount', failure, { times: 1 });
      const hold =
        created === 'unknown' ? workspace.wandb.hold('createServiceAccount', { at: 'before' }) : undefined;
      const submitted = ada.submit();
      await hold?.reached;
      // When the response is lost, Keysmith reads the team, which must fail as well.
      if (hold !== undefined) workspace.wandb.failures.set('entity', failure);
      hold?.release();
      await submitted;
      const text = visibleText(await ada.waitForView(explanation));

      expect(text).toContain(
        created === 'no'
          ? `The account wasn’t created: ${explanation} `
          : `\`${account}\` in \`ml-platform\` has no key yet: ${explanation} Open the direct message from Keysmith and press *Collect key*`,
      );
      expect(text.includes('wasn’t created')).toBe(created === 'no');
      expect(text.includes(`A team admin can do it manually in W&B: <${page()}>`)).toBe(
        MANUAL_STEPS.includes(name),
      );
      expect(text).toMatch(/Reference ks_/);
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
  const text = await list();

  texts.set('entity: null', withoutReference(text));
  expect(text).toContain('You’re not in any W&B team that the W&B server shows to Keysmith.');
});

test('a response that drips in slowly is not waited for', async () => {
  const { baseUrl, apiKey } = workspace.wandb;
  await workspace.restartKeysmith({
    backend: { kind: 'wandb', baseUrl, apiKey: new Secret(apiKey), timeoutMs: 200 },
  });
  workspace.wandb.failures.set('*', DRIP.failure);

  expectUnread('a slow drip', await list(), DRIP.explanation);
});

test('a stopped server is reported as unreachable', async () => {
  await workspace.wandb.stop();

  expectUnread('out of reach', await list(), 'Keysmith couldn’t reach the W&B server.');
});

test('every failure has its own text, and neither the texts nor the log contain the API key', () => {
  expect(texts.size).toBe(FAILURES.length + 3);
  expect(new Set(texts.values()).size).toBe(texts.size);
  const { apiKey } = workspace.wandb;
  const basic = Buffer.from(`api:${apiKey}`).toString('base64');
  const everything = [
    ...workspace.slack.traffic.map((exchange) => JSON.stringify(exchange)),
    ...texts.values(),
    workspace.logs(),
  ].join('\n');
  for (const secret of [apiKey, basic, basic.slice(0, 30)]) expect(everything).not.toContain(secret);
});
