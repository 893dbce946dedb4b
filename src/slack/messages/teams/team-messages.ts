import type { Button, KnownBlock } from '@slack/types';
import type {
  EditTeamOutcome,
  ListTeamsResult,
  ShownTeam,
  ShowTeamResult,
  TeamsUnavailable,
} from '../../../application/teams/manage-teams.ts';
import type { ManagedTeam } from '../../../application/teams/team-store.ts';
import type { Role } from '../../../domain/organization/team.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../../domain/organization/team-name.ts';
import {
  code,
  escapeMarkup,
  link,
  type Message,
  notice,
  plainNotice,
  plainText,
  shortened,
  suggestion,
} from '../blocks.ts';
import { refusalText } from '../failures/refusal-text.ts';
import { policyLines } from './policy-lines.ts';
import { editProblemText, teamFormProblemText } from './team-problem-text.ts';

export const TEAM_ACTIONS = {
  show: 'show_team',
  editMembers: 'edit_team_members',
  editSettings: 'edit_team_settings',
  previousTeams: 'previous_teams',
  nextTeams: 'next_teams',
  previousMembers: 'previous_members',
  nextMembers: 'next_members',
  remove: 'remove_team_member',
  archive: 'archive_team',
  restore: 'restore_team',
} as const;

export const ROLE_LABELS: Record<Role, string> = {
  admin: 'Admin',
  member: 'Member',
  'view-only': 'View only',
};

/** What a person is in a team, in a sentence. */
export const ROLE_NOUNS: Record<Role, string> = {
  admin: 'an admin',
  member: 'a member',
  'view-only': 'a view-only member',
};

export function teamListMessage(result: ListTeamsResult, reference: string): Message {
  if (result.kind !== 'listed') return unavailableMessage(result, reference);
  const { page, total } = result;
  if (total === 0) {
    return notice('There are no teams yet. Run `/wandb team new` to create one.');
  }
  const { items, previous, next } = page;
  return {
    text: 'Your organization’s teams.',
    blocks: [
      section(`*Teams* · ${total.toLocaleString('en')}`),
      ...items.map((team) => ({
        ...section(`${code(team.name)}${statusText(team)} · ${count(team.memberCount)}`),
        accessory: button(TEAM_ACTIONS.show, 'Show', team.name),
      })),
      ...pageBlocks([
        [TEAM_ACTIONS.previousTeams, 'Previous', teamsPageValue(previous)],
        [TEAM_ACTIONS.nextTeams, 'Next', teamsPageValue(next)],
      ]),
    ],
  };
}

/** Returns the buttons to other pages. A value that is undefined has none. */
function pageBlocks(pages: [actionId: string, label: string, value: string | undefined][]): KnownBlock[] {
  const elements = pages.flatMap(([actionId, label, value]) =>
    value === undefined ? [] : [button(actionId, label, value)],
  );
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}

const PAGE_PREFIX = 'after:';

function teamsPageValue(after: string | undefined): string | undefined {
  return after === undefined ? undefined : `${PAGE_PREFIX}${after}`;
}

/** Returns the key after which a page of teams starts. Any other text leads to the first page. */
export function readTeamsPage(value: string): string {
  return value.startsWith(PAGE_PREFIX) ? value.slice(PAGE_PREFIX.length) : '';
}

function statusText({ origin, isArchived }: ManagedTeam): string {
  return `${isArchived ? ' (archived)' : ''}${origin === 'file' ? ' · from the teams file' : ''}`;
}

function count(members: number): string {
  return members === 1 ? '1 member' : `${members} members`;
}

export function teamMessage(result: ShowTeamResult, teamName: string, reference: string): Message {
  switch (result.kind) {
    case 'shown':
      return shownTeamMessage(result.team);
    case 'unknown_team': {
      const { nearest } = result;
      const text = `There is no team named “${shortened(teamName, TEAM_NAME_MAX_LENGTH)}”. Run /wandb team list to see all teams.`;
      const message = plainNotice(text, reference);
      const hints = nearest === undefined ? [] : [suggestion(nearest, `/wandb team show ${nearest}`)];
      return { ...message, blocks: message.blocks.toSpliced(1, 0, ...hints) };
    }
    default:
      return unavailableMessage(result, reference);
  }
}

function shownTeamMessage(team: ShownTeam, lead?: string): Message {
  const { name, origin, isArchived, subjects, members, memberCount } = team;
  const pageValue = (after: string | undefined) =>
    after === undefined ? undefined : JSON.stringify([name, after]);
  const isEditable = origin === 'slack' && !isArchived;
  const subjectsText =
    subjects.length === 0
      ? 'Only organization admins can register external identities.'
      : `Subjects that its admins can register: ${subjects
          .slice(0, 10)
          .map((pattern) => code(shortened(pattern, 100)))
          .join(', ')}${subjects.length > 10 ? ` and ${subjects.length - 10} more` : ''}`;
  const blocks: KnownBlock[] = [
    ...(lead === undefined ? [] : [section(lead)]),
    section(`*${code(name)}*${isArchived ? ' is archived: its accounts don’t work.' : ''}\n${subjectsText}`),
    ...settingsBlocks(team),
    ...(origin === 'file'
      ? [
          section(
            'This team comes from the teams file, so its members, roles and settings can only be changed there.',
          ),
        ]
      : []),
    section(`*Members* · ${memberCount}`),
    ...members.items.map(({ email, username, role }) => ({
      ...section(`${escapeMarkup(email)} · ${ROLE_LABELS[role]} · ${escapeMarkup(shortened(username, 100))}`),
      ...(isEditable && { accessory: removeButton(name, email) }),
    })),
    ...pageBlocks([
      [TEAM_ACTIONS.previousMembers, 'Previous', pageValue(members.previous)],
      [TEAM_ACTIONS.nextMembers, 'Next', pageValue(members.next)],
    ]),
    ...actions(team),
  ];
  return { text: `The team ${name}.`, blocks };
}

/** Returns the channel of a team and its policy, each entry in a line. */
function settingsBlocks({ policy = {}, channel }: ShownTeam): KnownBlock[] {
  const entries = policyLines(policy).map((line) => `• ${line}`);
  const lines = [
    ...(channel === undefined ? [] : [`Channel for requests: <#${channel}>`]),
    ...(entries.length === 0 ? [] : ['Policy:', ...entries]),
  ];
  return lines.length === 0 ? [] : [section(lines.join('\n'))];
}

function actions({ name, origin, isArchived }: ShownTeam): KnownBlock[] {
  if (isArchived) {
    return [{ type: 'actions', elements: [button(TEAM_ACTIONS.restore, 'Restore', name)] }];
  }
  if (origin === 'file') return [];
  const archive: Button = {
    ...button(TEAM_ACTIONS.archive, 'Archive', name),
    style: 'danger',
    confirm: {
      title: plainText('Archive team'),
      text: plainText(
        `Archive ${name}? All keys of its accounts stop working at once. Nothing is deleted, and you can restore the team.`,
      ),
      confirm: plainText('Archive'),
      deny: plainText('Cancel'),
      style: 'danger',
    },
  };
  return [
    {
      type: 'actions',
      elements: [
        button(TEAM_ACTIONS.editMembers, 'Edit', name),
        button(TEAM_ACTIONS.editSettings, 'Settings', name),
        archive,
      ],
    },
  ];
}

function removeButton(teamName: string, email: string): Button {
  return {
    ...button(TEAM_ACTIONS.remove, 'Remove', JSON.stringify([teamName, email])),
    confirm: {
      title: plainText('Remove member'),
      text: plainText(`Remove ${shortened(email, 150)} from ${teamName}?`),
      confirm: plainText('Remove'),
      deny: plainText('Cancel'),
      style: 'danger',
    },
  };
}

function button(actionId: string, label: string, value: string): Button {
  return { type: 'button', action_id: actionId, text: plainText(label), value };
}

function section(markup: string) {
  return { type: 'section' as const, text: { type: 'mrkdwn' as const, text: markup } };
}

/** Returns the team after a click, or why it wasn't changed. */
export function editedTeamMessage(outcome: EditTeamOutcome, done: string, reference: string): Message {
  if (outcome.kind === 'done') {
    const lead = outcome.hasChanged ? `:white_check_mark: ${done}` : 'Nothing was left to change.';
    return shownTeamMessage(outcome.team, `${lead}${adminText(outcome)}`);
  }
  return notice(editFailureText(outcome), reference);
}

/** Returns a sentence where a team is left without an admin; otherwise nothing. */
export function adminText({ lacksAdmin }: Extract<EditTeamOutcome, { kind: 'done' }>): string {
  return lacksAdmin
    ? ' The team has no admin now, so organization admins decide on its requests and manage its accounts.'
    : '';
}

/** Markup. */
export function editFailureText(outcome: Exclude<EditTeamOutcome, { kind: 'done' }>): string {
  switch (outcome.kind) {
    case 'not_done':
      return `Nothing was changed. ${editProblemText(outcome.problem)}`;
    case 'invalid':
      return `Nothing was changed. ${escapeMarkup(outcome.problems.map(teamFormProblemText).join(' '))}`;
    default:
      return unavailableText(outcome);
  }
}

function unavailableMessage(result: TeamsUnavailable, reference: string): Message {
  return notice(unavailableText(result), result.kind === 'refused' ? reference : undefined);
}

/** Markup. */
export function unavailableText(result: TeamsUnavailable): string {
  if (result.kind === 'refused') return refusalText(result.refusal);
  const place = result.link === undefined ? '' : `: ${link(result.link)}`;
  return `Teams, members and roles live on the W&B server, so they can only be changed there${place}`;
}
