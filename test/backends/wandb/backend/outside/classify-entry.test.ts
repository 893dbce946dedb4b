import { describe, expect, test } from 'vitest';
import type { AuditLogEntry } from '../../../../../src/backends/wandb/audit-log/audit-log-entry.ts';
import {
  type KnownOrganization,
  keyEventOf,
  outsideChangesOf,
  shownMembers,
  userIdForms,
  userKey,
} from '../../../../../src/backends/wandb/backend/outside/classify-entry.ts';
import type { WandbTeam } from '../../../../../src/backends/wandb/client/queries/read-team.ts';

const KEY = `wandb_v1_${'a1B2'.repeat(19)}`;

const member = (id: string, rest: Partial<WandbTeam['members'][number]> = {}) => ({
  id,
  name: id,
  username: id,
  email: undefined,
  admin: false,
  pending: false,
  role: 'member',
  accountType: 'USER',
  oauthClients: undefined,
  ...rest,
});

const team = (name: string, members: WandbTeam['members']) => ({ name, members });

const known: KnownOrganization = {
  own: { id: 'u-keysmith', email: undefined },
  served: new Set(['ml-platform', 'vision']),
  shown: shownMembers([
    team('ml-platform', [
      member('u-by-hand', { name: 'by-hand', accountType: 'SERVICE' }),
      member('u-tagged', { name: 'eval-ksabc', accountType: 'SERVICE' }),
      member('u-ben', { email: 'Ben@acme.test', role: 'admin', pending: true }),
    ]),
    team('vision', [member('u-ben', { email: 'ben@acme.test' }), member('u-cy', { email: 'cy@acme.test' })]),
  ]),
  users: new Map([
    ['u-managed', { userId: 'u-managed', teamName: 'vision', name: 'nightly-ksxyz', isManaged: true }],
    ['u-left', { userId: 'u-left', teamName: 'vision', name: 'old', isManaged: false }],
    ['u-other', { userId: 'u-other', teamName: 'not-served', name: 'x', isManaged: false }],
  ]),
  managedNames: new Set(['eval-ksabc']),
};

const entry = (action: AuditLogEntry['action'], rest: Partial<AuditLogEntry> = {}): AuditLogEntry => ({
  id: 'entry',
  action,
  atMs: 1,
  actorId: 'u-ada',
  actorEmail: 'ada@acme.test',
  userId: undefined,
  userEmail: undefined,
  entityName: undefined,
  ...rest,
});

const changes = (...of: Parameters<typeof entry>) =>
  outsideChangesOf(entry(...of), known).map(({ teamName, kind, subject }) => [teamName, kind, subject]);

const platform = { entityName: 'ml-platform' };
const ben = { userId: 'u-ben', userEmail: 'ben@acme.test' };

test('A text that a key makes too long is shortened after the key was removed from it', () => {
  const cut = `${'x'.repeat(155)} local-${'0123456789abcdef'.repeat(3).slice(0, 40)}`;
  const [change] = outsideChangesOf(entry('user:deactivate', { ...ben, actorEmail: cut }), known);
  expect(change?.actor).toBe(`${'x'.repeat(155)} [key]`);
});

describe('An entry of the audit log', () => {
  test.each<[string, Parameters<typeof entry>, unknown]>([
    [
      'an account',
      ['team:create_service_account', { ...platform, userId: 'u-by-hand' }],
      [['ml-platform', 'account_created', 'by-hand']],
    ],
    [
      'an account that has gone since',
      ['team:create_service_account', { ...platform, userId: 'u-1' }],
      [['ml-platform', 'account_created', 'u-1']],
    ],
    [
      'a key of an unmanaged account',
      ['user:create_api_key', { userId: 'u-by-hand' }],
      [['ml-platform', 'key_created', 'by-hand']],
    ],
    [
      'a key of a managed account',
      ['user:delete_api_key', { userId: 'u-managed' }],
      [['vision', 'key_deleted', 'nightly-ksxyz']],
    ],
    [
      'a deleted account',
      ['team:uninvite', { entityName: 'vision', userId: 'u-left' }],
      [['vision', 'account_deleted', 'old']],
    ],
    [
      'a removed person',
      ['team:uninvite', { ...platform, ...ben }],
      [['ml-platform', 'person_removed', 'ben@acme.test']],
    ],
    [
      'an invited admin',
      ['team:invite_user', { ...platform, ...ben }],
      [['ml-platform', 'admin_invited', 'ben@acme.test']],
    ],
    [
      'a deactivated person of two teams',
      ['user:deactivate', ben],
      [
        ['ml-platform', 'person_deactivated', 'ben@acme.test'],
        ['vision', 'person_deactivated', 'ben@acme.test'],
      ],
    ],
    [
      'another role',
      ['organization:update_member', { userEmail: 'cy@acme.test' }],
      [['vision', 'organization_role_changed', 'cy@acme.test']],
    ],
    ['a deleted team', ['team:delete', { entityName: 'vision' }], [['vision', 'team_deleted', undefined]]],
  ])('about %s is a change', (_, of, expected) => {
    expect(changes(...of)).toEqual(expected);
  });

  test.each([
    ['a person', { actorId: 'u-ada', actorEmail: 'ada@acme.test' }, 'ada@acme.test'],
    ['a service account', { actorId: 'u-managed', actorEmail: undefined }, 'nightly-ksxyz'],
    ['an unknown user', { actorId: 'u-9', actorEmail: undefined }, 'u-9'],
  ])('names %s who acted as people know them', (_, by, actor) => {
    const logged = entry('user:delete_api_key', { ...by, userId: 'u-managed' });
    expect(outsideChangesOf(logged, known)).toMatchObject([{ kind: 'key_deleted', actor }]);
  });

  test.each<[string, Parameters<typeof entry>]>([
    [
      'Keysmith’s own doing',
      ['team:create_service_account', { ...platform, actorId: 'u-keysmith', userId: 'u-1' }],
    ],
    ['an account of Keysmith', ['team:create_service_account', { ...platform, userId: 'u-managed' }]],
    [
      'an account with a tag of Keysmith',
      [
        'team:create_service_account',
        { ...platform, actorId: undefined, actorEmail: undefined, userId: 'u-tagged' },
      ],
    ],
    [
      'a team that Keysmith doesn’t serve',
      ['team:create_service_account', { entityName: 'not-served', userId: 'u-1' }],
    ],
    ['a key of a person', ['user:create_api_key', ben]],
    ['a key of an account of another team', ['user:create_api_key', { userId: 'u-other' }]],
    ['a key without an owner', ['user:create_api_key']],
    ['an invited member', ['team:invite_user', { entityName: 'vision', ...ben }]],
    ['a person of no served team', ['user:deactivate', { userEmail: 'dee@acme.test' }]],
    ['a new person', ['user:create', ben]],
  ])('about %s isn’t one', (_, of) => {
    expect(changes(...of)).toEqual([]);
  });

  test('about the deletion of an account is the same change, whatever the log calls it', () => {
    const ids = (['team:uninvite', 'user:permanently_delete'] as const).map(
      (action) => outsideChangesOf(entry(action, { id: action, userId: 'u-left' }), known)[0]?.entryId,
    );
    expect(ids).toEqual(['deleted:u-left', 'deleted:u-left']);
  });

  test('has its texts bounded and without credentials', () => {
    const [change] = outsideChangesOf(
      entry('team:uninvite', { ...platform, userEmail: `${KEY}@acme.test`, actorEmail: 'x'.repeat(5_000) }),
      known,
    );
    expect(JSON.stringify(change)).not.toContain(KEY);
    expect(change?.actor).toHaveLength(200);
  });

  test('names users in whatever form their IDs are stored', () => {
    const encoded = Buffer.from('User:20').toString('base64');
    expect([encoded, '20'].map(userKey)).toEqual(['20', '20']);
    expect([userIdForms('20').sort(), userIdForms(encoded).sort()]).toEqual(Array(2).fill(['20', encoded]));
    expect(userIdForms('u-1')).toEqual(['u-1']);
    const own = { ...known, own: { id: encoded, email: undefined } };
    const created = entry('team:create_service_account', { ...platform, userId: 'u-1' });
    expect(outsideChangesOf({ ...created, actorId: '20' }, own)).toEqual([]);
    expect(outsideChangesOf({ ...created, actorId: '21' }, own)).toHaveLength(1);
  });

  test('recognizes Keysmith by its address where the log or the server has no ID', () => {
    const own = { id: undefined, email: 'Keysmith@acme.test' };
    const event = (rest: Partial<AuditLogEntry>) =>
      keyEventOf(entry('user:create_api_key', { userId: 'u-1', ...rest }), own)[0]?.isOwn;
    expect(event({ actorEmail: 'keysmith@acme.test' })).toBe(true);
    expect(event({ actorEmail: undefined, actorId: undefined })).toBe(false);
  });
});
