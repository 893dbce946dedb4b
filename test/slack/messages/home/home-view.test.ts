import type { KnownBlock } from '@slack/types';
import { describe, expect, test } from 'vitest';
import { COUNTED_ITEMS } from '../../../../src/application/home/home-store.ts';
import type { Home } from '../../../../src/application/home/read-home.ts';
import type { AccessRequest } from '../../../../src/application/requests/access-request.ts';
import { FREE_TEXT_LENGTH } from '../../../../src/domain/accounts/names.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../../../src/domain/organization/team-name.ts';
import { checkHomeView } from '../../../../src/sandbox/slack/block-kit/view.ts';
import { homeView } from '../../../../src/slack/messages/home/home-view.ts';
import { messageSettingsView } from '../../../../src/slack/messages/home/message-settings-view.ts';

const NOW_MS = Date.UTC(2026, 10, 30);
const teamName = '<&>'.repeat(100).slice(0, TEAM_NAME_MAX_LENGTH);
const account = { accountId: `sa_${'x'.repeat(14)}`, name: 'n'.repeat(64), teamName, scope: 'team' as const };
const key = { ...account, keyId: 'k'.repeat(12), keyName: '<&>'.repeat(20) };
const many = <Item>(item: Item) => ({
  items: Array.from({ length: 5 }, () => item),
  total: COUNTED_ITEMS + 1,
});

const typed = (length: number) => '<&>'.repeat(length).slice(0, length);
/** As large as a form allows. */
const request: AccessRequest = {
  id: 'form_1',
  teamId: 'team_1',
  teamName,
  isTeamArchived: false,
  person: { slackUserId: 'U1', email: 'ben@acme.test' },
  requested: {
    name: account.name,
    authentication: {
      method: 'federated',
      identity: { issuer: `https://${'i'.repeat(240)}`, subject: typed(FREE_TEXT_LENGTH.subject) },
    },
    purpose: typed(FREE_TEXT_LENGTH.purpose),
    usedBy: typed(FREE_TEXT_LENGTH.usedBy),
    contact: 'U1',
  },
  reason: typed(FREE_TEXT_LENGTH.reason),
  isUrgent: true,
  state: 'granted',
  createdAtMs: NOW_MS,
  remindedAtMs: NOW_MS,
  decidedAtMs: undefined,
  denialReason: undefined,
  accountId: account.accountId,
  confirmUntilMs: NOW_MS,
  decisions: [{ slackUserId: 'U2', email: 'ada@acme.test', decision: 'confirmed', atMs: NOW_MS }],
};

const full: Home = {
  own: Array.from({ length: 500 }, () => ({ name: teamName, role: 'view-only' as const })),
  isOrganizationAdmin: true,
  hasUnlistedTeams: true,
  collections: many({
    name: account.name,
    teamName,
    collection: {
      id: 'col_1',
      accountId: account.accountId,
      person: { slackUserId: 'U1', email: 'ada@acme.test' },
      keyName: 'key',
      keyExpiry: 'never' as const,
      expiresAtMs: NOW_MS,
      state: 'open' as const,
      rotationId: undefined,
      accessRequestId: undefined,
    },
  }),
  ownRequests: many({
    request: { ...request, state: 'open' as const },
    approvals: 2 as const,
    standing: [],
    link: undefined,
  }),
  care: {
    expiring: many({ ...key, expiresAtMs: NOW_MS, isManaged: true, mayRotate: true }),
    rotations: many({ ...key, rotationId: 'rot_1', overlapUntilMs: NOW_MS + 1 }),
    unowned: many({ ...account, sinceMs: NOW_MS }),
    unused: many({ ...key, lastUsedAtMs: undefined }),
    requests: many({ request, approvals: 2 as const, standing: request.decisions }),
  },
};

describe('The Home tab of a person with everything to care for and the longest names', () => {
  const view = homeView(full, NOW_MS);

  test('is accepted by Slack, within its limits', () => {
    expect(checkHomeView(view)).toMatchObject({ ok: true });
    expect(view.blocks.length).toBeGreaterThan(70);
    expect(view.blocks.length).toBeLessThanOrEqual(100);
    for (const text of sectionTexts(view.blocks)) expect(text.length).toBeLessThanOrEqual(3_000);
  });

  test('says that there are more than it counts, and how many it doesn’t show', () => {
    const text = JSON.stringify(view);
    expect(text).toContain('Unused keys (more than 100)');
    expect(text).toContain('And many more.');
    expect(text).toMatch(/and 49\d more/);
  });

  test('says since when an account has no contact, and when a key was last used', () => {
    const care = { ...full.care, unused: many({ ...key, lastUsedAtMs: NOW_MS }) };
    const texts = sectionTexts(homeView({ ...full, care }, NOW_MS).blocks).join('\n');
    expect(texts).toMatch(/: without a contact since <!date/);
    expect(texts).toMatch(/ was last used on <!date/);
  });

  test('names the day on which a key expires or stops, and the time only on the last day', () => {
    const textsAt = (atMs: number) => {
      const expiring = many({ ...full.care.expiring.items[0], expiresAtMs: atMs } as never);
      const rotations = many({ ...key, rotationId: 'rot_1', overlapUntilMs: atMs });
      const care = { ...full.care, expiring, rotations } as Home['care'];
      return sectionTexts(homeView({ ...full, care }, NOW_MS).blocks).join('\n');
    };
    const later = textsAt(NOW_MS + 7 * 24 * 60 * 60_000);
    expect(later).toMatch(/works until <!date\^\d+\^\{date\}\|/);
    expect(later).toMatch(/expires <!date\^\d+\^\{date\}\|/);
    const soon = textsAt(NOW_MS + 60 * 60_000);
    expect(soon).toMatch(/works until <!date\^\d+\^\{date_short_pretty\} at \{time\}\|/);
    expect(soon).toMatch(/expires <!date\^\d+\^\{date_short_pretty\} at \{time\}\|/);
  });

  test('shows no markup from names', () => {
    expect(sectionTexts(view.blocks).join()).not.toMatch(/<&>/);
  });
});

test('The settings of someone who turned everything off have no initial options, which Slack refuses if empty', () => {
  expect(JSON.stringify(messageSettingsView({ sent: ['unowned'], wanted: [] }))).not.toContain(
    'initial_options',
  );
});

function sectionTexts(blocks: readonly { type: string }[]): string[] {
  return (blocks as KnownBlock[]).flatMap((block) =>
    block.type === 'section' ? [block.text?.text ?? ''] : [],
  );
}
