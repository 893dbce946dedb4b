import { describe, expect, it } from 'vitest';
import type { CurrentTeam } from '../../../src/domain/organization/organization-changes.ts';
import {
  decideTeamEdit,
  settingsVersion,
  type TeamEdit,
} from '../../../src/domain/organization/team-edits.ts';

const ada = { email: 'ada@acme.test', username: 'ada', role: 'admin' } as const;
const ben = { email: 'ben@acme.test', username: 'ben', role: 'member' } as const;
const team: CurrentTeam = {
  name: 'research',
  subjects: [],
  projects: [],
  members: [ada],
  isArchived: false,
  origin: 'slack',
};
const name = 'research';
const archived = { ...team, isArchived: true };
const settings: TeamEdit = {
  kind: 'change_settings',
  name,
  subjects: ['repo:acme/*'],
  version: settingsVersion(team),
};
const ofFile = { ...team, origin: 'file' as const };

describe('An edit of a team in Slack', () => {
  it.each<[string, CurrentTeam | undefined, TeamEdit, string[]]>([
    [
      'creates the team with its first admin',
      undefined,
      { kind: 'create', name, subjects: [], admin: ada },
      ['team.created', 'team_member.added'],
    ],
    ['creates nothing twice', team, { kind: 'create', name, subjects: [], admin: ada }, []],
    ['adds a member', team, { kind: 'set_member', name, member: ben }, ['team_member.added']],
    [
      'changes a role',
      team,
      { kind: 'set_member', name, member: { ...ada, role: 'member' } },
      ['team_member.changed'],
    ],
    ['leaves a member as they are', team, { kind: 'set_member', name, member: ada }, []],
    ['removes a member', team, { kind: 'remove_member', name, email: ada.email }, ['team_member.removed']],
    ['removes nobody twice', team, { kind: 'remove_member', name, email: ben.email }, []],
    ['changes the settings', team, settings, ['team.changed']],
    ['changes no settings twice', { ...team, subjects: ['repo:acme/*'] }, settings, []],
    ['archives', team, { kind: 'archive', name }, ['team.archived']],
    ['archives nothing twice', archived, { kind: 'archive', name }, []],
    ['restores', archived, { kind: 'restore', name }, ['team.restored']],
    ['restores nothing twice', team, { kind: 'restore', name }, []],
    [
      'takes over a team that the teams file no longer has',
      { ...ofFile, isArchived: true },
      { kind: 'restore', name },
      ['team.moved', 'team.restored'],
    ],
  ])('%s', (_, current, edit, actions) => {
    const decision = decideTeamEdit(current, edit);
    expect(decision.ok && decision.changes.map(({ action }) => action)).toEqual(actions);
  });

  it.each<[string, CurrentTeam | undefined, TeamEdit]>([
    ['name_taken', team, { kind: 'create', name, subjects: ['repo:acme/*'], admin: ada }],
    ['name_taken', team, { kind: 'create', name, subjects: [], admin: ben }],
    ['name_taken', ofFile, { kind: 'create', name, subjects: [], admin: ada }],
    ['name_taken', archived, { kind: 'create', name, subjects: [], admin: ada }],
    ['unknown_team', undefined, { kind: 'archive', name }],
    ['unknown_team', undefined, { kind: 'restore', name }],
    ['of_file', ofFile, { kind: 'archive', name }],
    ['of_file', ofFile, { kind: 'set_member', name, member: ben }],
    ['of_file', ofFile, { kind: 'remove_member', name, email: ada.email }],
    ['archived', archived, { kind: 'set_member', name, member: ben }],
    ['archived', archived, { kind: 'remove_member', name, email: ada.email }],
    ['of_file', ofFile, settings],
    ['archived', archived, settings],
    ['changed_meanwhile', team, { ...settings, version: 'older' }],
  ])('is refused as %s: %#', (problem, current, edit) => {
    expect(decideTeamEdit(current, edit)).toEqual({ ok: false, problem });
  });

  it.each<[CurrentTeam | undefined, TeamEdit]>([
    [undefined, { kind: 'create', name, subjects: [], admin: ada }],
    [team, { kind: 'set_member', name, member: ben }],
  ])('is refused where another person has the username: %#', (current, edit) => {
    const taken = decideTeamEdit(current, edit, {}, true);
    expect(taken).toEqual({ ok: false, problem: 'username_taken' });
  });
});
