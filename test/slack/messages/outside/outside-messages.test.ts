import { describe, expect, test } from 'vitest';
import { OUTSIDE_CHANGE_KINDS, type OutsideChange } from '../../../../src/domain/accounts/outside-change.ts';
import { teamChangesMessage } from '../../../../src/slack/messages/outside/team-changes-message.ts';
import {
  leftKeysBlocks,
  readAdoptChoice,
  unmanagedBlocks,
} from '../../../../src/slack/messages/outside/unmanaged-blocks.ts';
import { visibleText } from '../../../driver/visible-text.ts';

const change = (overrides: Partial<OutsideChange> = {}): OutsideChange => ({
  entryId: 'entry',
  teamName: 'ml-platform',
  kind: 'account_created',
  atMs: Date.UTC(2026, 10, 30),
  actor: 'eve@acme.test',
  userId: 'u-1',
  subject: 'by-hand',
  ...overrides,
});
const digest = (changes: OutsideChange[], more = 0) =>
  teamChangesMessage({
    message: 'team_changes',
    teamName: 'ml-platform',
    sinceMs: 0,
    changes,
    more,
    link: 'https://wandb.acme.test/ml-platform/service-accounts',
  });
const sections = ({ blocks }: ReturnType<typeof digest>) =>
  blocks.flatMap((block) => (block.type === 'section' ? [block.text?.text ?? ''] : []));

describe('The digest of a team', () => {
  test('says for every kind what was changed, when and by whom', () => {
    for (const kind of OUTSIDE_CHANGE_KINDS) {
      const text = sections(digest([change({ kind })]))[1];
      expect(text).toMatch(/^• <!date.*: .*by `eve@acme.test`$/);
      expect(text?.includes('`by-hand`')).toBe(kind !== 'team_deleted');
    }
    expect(sections(digest([change({ actor: undefined })]))[1]).toMatch(/created$/);
  });

  test('stays within Slack’s limits and shows markup from the log as text', () => {
    const hostile = `<!channel>&${'<@U0ADA>`*'.repeat(100)}`;
    const message = digest(Array(20).fill(change({ subject: hostile, actor: hostile })), 1234);
    expect(message.blocks.length).toBeLessThan(10);
    for (const text of sections(message)) {
      expect(text.length).toBeLessThan(3_000);
      expect(text.replaceAll(/<!date[^>]*>/g, '')).not.toMatch(/<[!@]/);
    }
    expect(visibleText({ ...message, ts: '1' } as never)).toContain('1,254 changes');
  });
});

describe('The accounts created outside Keysmith', () => {
  const account = {
    teamName: 'ml-platform',
    name: 'x'.repeat(300),
    memberId: 'u-1',
    isAdoptable: true,
    link: undefined,
  };

  test('have a button each for an admin, which carries the account', () => {
    const blocks = unmanagedBlocks({ accounts: [account, { ...account, isAdoptable: false }], total: 2 }, 3);
    const [button, ...others] = blocks.flatMap((block) => (block.type === 'actions' ? block.elements : []));
    expect(others).toEqual([]);
    if (button?.type !== 'button') throw new Error('No button');
    expect('text' in button.text && button.text.text.length).toBeLessThanOrEqual(75);
    expect(readAdoptChoice(button.value ?? '')).toEqual({ teamName: 'ml-platform', memberId: 'u-1' });
    expect(readAdoptChoice('["only one"]')).toBeUndefined();
    expect(readAdoptChoice('x')).toBeUndefined();
  });

  test('have no buttons where the message has no room for them', () => {
    const blocks = unmanagedBlocks({ accounts: [account], total: 1 }, 1);
    expect(blocks.map(({ type }) => type)).toEqual(['section']);
  });

  test('say who created them, where the log knows it', () => {
    const created = { actor: '<!channel>', atMs: Date.UTC(2026, 10, 30) };
    const [section] = unmanagedBlocks({ accounts: [{ ...account, name: 'ingest', created }], total: 1 }, 9);
    const text = section?.type === 'section' ? (section.text?.text ?? '') : '';
    expect(text).toMatch(/• `ingest` in `ml-platform`, created <!date.*> by `&lt;!channel&gt;`$/);
  });
});

test('The accounts with keys to delete are named in one block, if there is room for it', () => {
  const account = { teamName: 'ml-<!here>'.repeat(30) };
  const left = { serverAccountId: 'srv_1', serverName: '&'.repeat(300), goneAtMs: 0, account } as never;
  const [block, ...others] = leftKeysBlocks({ accounts: Array(5).fill(left), total: 7 }, 1);
  const [element] = block?.type === 'context' ? block.elements : [];
  const text = element && 'text' in element && typeof element.text === 'string' ? element.text : '';
  expect(others).toEqual([]);
  expect(text.length).toBeLessThan(3_000);
  expect(text).toContain(', 2 more.');
  expect(text).not.toContain('<!here>');
  expect(leftKeysBlocks({ accounts: [left], total: 1 }, 0)).toEqual([]);
  expect(leftKeysBlocks(undefined, 9)).toEqual([]);
});
