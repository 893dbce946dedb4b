import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Block } from '../../../src/sandbox/slack/protocol/page-protocol.ts';
import type { SlackPerson } from '../../driver/slack-person.ts';
import { openForm } from '../../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../../world/running-workspace.ts';

const issuers = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    url: `https://token-${String(index).padStart(3, '0')}.acme.test`,
  }));
const LONG = `https://long.acme.test/${'x'.repeat(127)}`;
const teams = [
  {
    name: 'ml-platform',
    members: [
      { email: 'ada@acme.test', username: 'ada', role: 'admin' as const },
      { email: 'ben@acme.test', username: 'ben', role: 'member' as const },
    ],
    subjects: ['repo:acme/*'],
    projects: [],
  },
];

const issuerElement = (person: SlackPerson) => {
  const block = person.view()?.blocks.find(({ block_id }) => block_id === 'issuer');
  return (block as (Block & { element: { type: string; options?: object[] } }) | undefined)?.element;
};

async function openFederated(person: SlackPerson): Promise<void> {
  await openForm(person, 'random', '/wandb sa new nightly-eval');
  await person.fill('method', 'federated');
  await person.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'issuer'));
}

test('A form with exactly 100 issuers lists them, none of them preselected', async () => {
  const workspace = await startWorkspace({ organization: { teams, issuers: issuers(100) } });
  const ada = workspace.slack.as('Ada');

  await openFederated(ada);

  expect(issuerElement(ada)).toMatchObject({ type: 'static_select' });
  expect(issuerElement(ada)?.options).toHaveLength(100);
  expect(ada.values().issuer).toBeNull();
  await workspace.stop();
});

test('A form with long issuers tells them apart, and registers a subject of 1,024 characters of the longest', async () => {
  const urls = [
    `https://eastus.oic.prod-aks.azure.com/${'a'.repeat(36)}/${'b'.repeat(36)}/`,
    `https://eastus.oic.prod-aks.azure.com/${'a'.repeat(36)}/${'c'.repeat(36)}/`,
    ...['x', 'y'].map((middle) => `https://idp.acme.test/${'a'.repeat(245)}${middle}${'a'.repeat(244)}`),
  ];
  expect(urls.at(-1)).toHaveLength(512);
  const workspace = await startWorkspace({
    organization: { teams, issuers: urls.map((url) => ({ url })) },
  });
  const ada = workspace.slack.as('Ada');
  await openFederated(ada);
  const options = issuerElement(ada)?.options as { text: { text: string }; value: string }[];
  expect(new Set(options.map(({ text }) => text.text)).size).toBe(4);
  const subject = `repo:acme/${'x'.repeat(1_014)}`;

  await ada.fill('issuer', options[3]?.value ?? '');
  await ada.fill('subject', subject);
  await ada.fill('method', 'api_key');
  await ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'expires'));
  await ada.fill('method', 'federated');
  await ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'issuer'));
  expect(ada.values()).toMatchObject({ issuer: options[3]?.value, subject });
  expect(await ada.submit()).toEqual({ ok: true });

  await ada.waitForMessage('random', subject);
  await ada.waitForMessage('random', urls[3] ?? '');
  expect(workspace.rows('select issuer, subject from service_accounts')).toEqual([
    { issuer: urls[3], subject },
  ]);
  await workspace.stop();
});

describe('A form with 150 issuers', () => {
  let workspace: RunningWorkspace;
  let ada: SlackPerson;
  beforeAll(async () => {
    const organization = { teams, issuers: [...issuers(149), { url: LONG }] };
    workspace = await startWorkspace({ organization });
    ada = workspace.slack.as('Ada');
  });
  afterEach(async () => {
    if (ada.view()) await ada.close();
  });
  afterAll(() => workspace.stop());

  const search = async (query: string) => {
    const { options, error } = await ada.options('issuer', query);
    expect(error).toBeUndefined();
    return options.map(({ value }) => value);
  };

  test('searches them by any part of the URL, and shows at most 100', async () => {
    await openFederated(ada);

    expect(issuerElement(ada)).toMatchObject({ type: 'external_select', min_query_length: 0 });
    expect(ada.values().issuer).toBeNull();
    expect(await search('')).toHaveLength(100);
    expect(await search(' Token-14 ')).toHaveLength(9);
    expect(await search('token-148')).toEqual(['https://token-148.acme.test']);
    expect(await search('no such issuer')).toEqual([]);
  });

  test('offers an issuer that is longer than Slack shows, and keeps its full URL', async () => {
    await openFederated(ada);

    expect(await search('long')).toEqual([LONG]);
    await ada.fill('issuer', LONG);
    expect(ada.values().issuer).toBe(LONG);
  });

  test('keeps the issuer that was found when the method changes, and registers the account with it', async () => {
    await openFederated(ada);
    await ada.fill('issuer', 'https://token-148.acme.test');
    await ada.fill('subject', 'repo:acme/train');
    await ada.fill('method', 'api_key');
    await ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'expires'));
    await ada.fill('method', 'federated');
    await ada.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'issuer'));
    expect(ada.values()).toMatchObject({
      issuer: 'https://token-148.acme.test',
      subject: 'repo:acme/train',
    });

    expect(await ada.submit()).toEqual({ ok: true });
    await ada.waitForMessage('random', 'https://token-148.acme.test');
    expect(workspace.rows('select name, issuer from service_accounts')).toEqual([
      { name: 'nightly-eval', issuer: 'https://token-148.acme.test' },
    ]);
  });

  test('returns no issuers to Dee, who is in no team', async () => {
    const payload = { type: 'block_suggestion', action_id: 'issuer', block_id: 'issuer', value: '' };

    expect(await workspace.slack.deliver({ payload }, { as: 'Dee' })).toMatchObject({
      status: 200,
      body: '{"options":[]}',
    });
  });
});
