import type { KnownBlock } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { checkAccountForm } from '../../../src/application/accounts/account-form.ts';
import {
  type AccountFormOffer,
  SEARCH_ONLY_OFFER,
} from '../../../src/application/accounts/open-account-form.ts';
import type { BackendFeatures } from '../../../src/application/ports/backend.ts';
import { DEFAULT_POLICY } from '../../../src/domain/organization/policy.ts';
import type { TeamAccess } from '../../../src/domain/organization/team.ts';
import { checkView } from '../../../src/sandbox/slack/block-kit/view.ts';
import type { FieldValues } from '../../../src/slack/listeners/views/account-form-fields.ts';
import { accountFormView } from '../../../src/slack/listeners/views/account-form-view.ts';

const PAGE = 'https://wandb.acme.test/ml-platform/service-accounts';
const ALL: BackendFeatures = {
  keysExpire: false,
  apiKeys: { available: true },
  accountsWithoutKey: false,
  federated: { available: true },
};

function form(
  features: Partial<BackendFeatures>,
  values: FieldValues = {},
  offer?: Partial<AccountFormOffer>,
) {
  const view = accountFormView({
    offer: {
      teams: ['ml-platform'],
      asks: 'create',
      mayRequest: false,
      presetTeam: 'ml-platform',
      issuers: ['https://gitlab.acme.test'],
      features: { ...ALL, ...features },
      teamPage: PAGE,
      hasUnlistedTeams: false,
      administeredIn: 'wandb',
      policy: DEFAULT_POLICY,
      hasTeamPolicies: false,
      isOrganizationAdmin: false,
      runAccess: undefined,
      ...offer,
    },
    values: { contact: 'U0ADA00001', ...values },
    formId: 'form_1',
    privateMetadata: 'sealed',
  });
  expect(checkView(view)).toMatchObject({ ok: true });
  const blocks = view.blocks as KnownBlock[];
  const inputs = blocks.flatMap((block) => (block.type === 'input' ? [block] : []));
  const method = inputs.find(({ block_id }) => block_id === 'method')?.element as
    | { options: { value: string }[]; initial_option: { value: string } }
    | undefined;
  return {
    view,
    fields: inputs.map(({ block_id }) => block_id),
    methods: method?.options.map(({ value }) => value),
    chosen: method?.initial_option.value,
    notes: blocks.flatMap((block) => (block.type === 'context' ? block.elements : [])),
    hints: inputs.flatMap(({ hint }) => (hint ? [hint.text] : [])),
  };
}

const FIELDS = ['team', 'name', 'method', 'purpose', 'used_by', 'contact'];

describe('The form for a backend’s features', () => {
  test('has no Expires when keys don’t expire', () => {
    expect(form({}).fields).toEqual(FIELDS);
    expect(form({ keysExpire: true }).fields).toEqual([...FIELDS.slice(0, 3), 'expires', ...FIELDS.slice(3)]);
  });

  test('offers both methods without an explanation when the backend supports both', () => {
    expect(form({})).toMatchObject({ methods: ['api_key', 'federated'], chosen: 'api_key', notes: [] });
  });

  test('offers only federated identity without API keys, says why and links to the team’s page', () => {
    const shown = form({ apiKeys: { available: false, reason: 'not_supported' } });

    expect(shown).toMatchObject({ methods: ['federated'], chosen: 'federated' });
    expect(shown.fields).toContain('subject');
    expect(shown.notes).toEqual([
      {
        type: 'mrkdwn',
        text: `*Generate API key* isn’t available: this W&B server doesn’t let Keysmith create and delete accounts with API keys. A team admin can do it manually in W&B: <${PAGE}>`,
      },
    ]);
  });

  test('offers only API keys without federated identities, even when that method was chosen before', () => {
    const shown = form({ federated: { available: false, reason: 'not_supported' } }, { method: 'federated' });

    expect(shown).toMatchObject({ methods: ['api_key'], chosen: 'api_key' });
    expect(shown.fields).toEqual(FIELDS);
    expect(shown.notes).toMatchObject([
      { text: expect.stringContaining('*Federated identity* isn’t available') },
    ]);
    expect(shown.notes).toMatchObject([{ text: expect.stringContaining(`<${PAGE}>`) }]);
  });

  test('can’t be submitted, and says why, when neither method is supported', () => {
    const { view } = form({
      apiKeys: { available: false, reason: 'no_key_shown' },
      federated: { available: false, reason: 'not_supported' },
    });

    expect(view.submit).toBeUndefined();
    expect(JSON.stringify(view.blocks)).toContain(PAGE);
  });

  test('says below the method that no issuer is registered once federated identity is chosen', () => {
    const noIssuer = { federated: { available: false, reason: 'no_issuer' } } as const;
    const shown = form(noIssuer, { method: 'federated' }, { issuers: [] });

    expect(shown.methods).toEqual(['api_key', 'federated']);
    expect(JSON.stringify(shown.view.blocks)).toContain('ask an organization admin to register one in W&B');
    const ofFile: Partial<AccountFormOffer> = { issuers: [], administeredIn: 'teams_file' };
    expect(JSON.stringify(form(noIssuer, { method: 'federated' }, ofFile).view)).toContain(
      'add one to the teams file',
    );
  });

  test('says how to find teams that aren’t listed', () => {
    const shown = form({}, {}, { teams: undefined, hasUnlistedTeams: true });

    expect(shown.hints).toContain('Not listed? Type the team’s full name.');
  });

  test('offers everything when nothing is known yet, and says what to do about an empty search', () => {
    const shown = form({}, { method: 'federated', team: 'ml-platform' }, SEARCH_ONLY_OFFER);

    expect(shown.methods).toEqual(['api_key', 'federated']);
    expect(shown.hints.filter((hint) => hint.startsWith('No results?'))).toHaveLength(2);
  });
});

describe('The form for a W&B server that doesn’t return new keys', () => {
  const noKeyShown = {
    apiKeys: { available: false, reason: 'no_key_shown' },
    accountsWithoutKey: true,
  } as const;
  const WHY = {
    type: 'mrkdwn',
    text: '*Generate API key* isn’t available: this W&B server doesn’t return new API keys. Keys that Keysmith issues and revokes need the gateway: see docs/wandb.md in the Keysmith repository.',
  };

  test('says so and preselects a federated identity, with an account without a key as the other choice', () => {
    const shown = form(noKeyShown);

    expect(shown).toMatchObject({ methods: ['federated', 'api_key_on_server'], chosen: 'federated' });
    expect(shown.notes).toEqual([WHY]);
    expect(JSON.stringify(shown.view.blocks)).toContain('API key created in W&B (Built-in)');
  });

  test('links to the page where an admin creates the key once that is chosen, and needs nothing else', () => {
    const shown = form(noKeyShown, { method: 'api_key_on_server' });

    expect(shown.chosen).toBe('api_key_on_server');
    expect(shown.fields).toEqual(FIELDS);
    expect(shown.notes).toEqual([
      WHY,
      {
        type: 'mrkdwn',
        text: `Keysmith creates the account without a key. A team admin then creates its key in W&B: <${PAGE}>`,
      },
    ]);
  });

  test('preselects the account without a key where no federated account can be created', () => {
    const noIssuer = { federated: { available: false, reason: 'no_issuer' } } as const;
    const notSupported = { federated: { available: false, reason: 'not_supported' } } as const;

    expect(form({ ...noKeyShown, ...noIssuer })).toMatchObject({
      methods: ['api_key_on_server', 'federated'],
      chosen: 'api_key_on_server',
    });
    expect(form({ ...noKeyShown, ...notSupported })).toMatchObject({ methods: ['api_key_on_server'] });
  });

  test('stays within Slack’s limits with the longest names', () => {
    const teamPage = `https://wandb.acme.test/${encodeURIComponent('チ'.repeat(128))}/service-accounts`;
    const shown = form(noKeyShown, { method: 'api_key_on_server' }, { teamPage });
    expect(shown.chosen).toBe('api_key_on_server');
  });

  const team = { id: 'team_1', name: 'ml-platform', subjects: [] };
  const check = (features: Partial<BackendFeatures>) =>
    checkAccountForm(
      {
        teamName: 'ml-platform',
        name: 'nightly-eval',
        method: 'api_key_on_server',
        expiry: undefined,
        issuer: undefined,
        subject: undefined,
        purpose: undefined,
        usedBy: undefined,
        contact: 'U0ADA00001',
      },
      { team, role: 'admin', isOrganizationAdmin: false } as unknown as TeamAccess,
      {
        issuers: [],
        features: { ...ALL, ...features },
        isIdentityConfirmed: false,
        policy: DEFAULT_POLICY,
        nowMs: 1,
      },
    );

  test('accepts an account without a key only where the server can create one', () => {
    expect(check(noKeyShown)).toMatchObject({ ok: true, authentication: { method: 'api_key_on_server' } });
    expect(check({ accountsWithoutKey: false })).toEqual({
      ok: false,
      problems: [{ field: 'method', reason: 'not_offered' }],
    });
  });
});
