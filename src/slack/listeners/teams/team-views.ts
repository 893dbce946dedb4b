import type { InputBlock, ModalView } from '@slack/types';
import type { TeamForm } from '../../../application/teams/manage-teams.ts';
import { FREE_TEXT_LENGTH } from '../../../domain/accounts/names.ts';
import type { Role } from '../../../domain/organization/team.ts';
import { TEAM_NAME_MAX_LENGTH } from '../../../domain/organization/team-name.ts';
import { code, notice, option, plainText } from '../../messages/blocks.ts';
import { ROLE_LABELS } from '../../messages/teams/team-messages.ts';
import type { ViewPayload } from '../payloads.ts';

export const NEW_TEAM_CALLBACK = 'new_team';
export const TEAM_MEMBERS_CALLBACK = 'team_members';

export const SUBJECTS_HINT =
  'External identities that the team’s admins can register, one pattern per line. * matches any characters.';

export function subjectLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

type TeamFormKind = 'create' | 'members';

/** Removes the person instead of giving them a role. */
const REMOVE = 'remove';

/** Returns the form *New team*. */
export function newTeamView(name: string | undefined, slackUserId: string): ModalView {
  return {
    ...frame('create', ''),
    submit: plainText('Create'),
    close: plainText('Cancel'),
    blocks: [
      input(
        'team_name',
        'Name',
        {
          type: 'plain_text_input',
          max_length: TEAM_NAME_MAX_LENGTH,
          ...(name && { initial_value: name.slice(0, TEAM_NAME_MAX_LENGTH).toWellFormed() }),
        },
        { hint: 'Exactly as in W&B: capital letters and spaces count.' },
      ),
      input(
        'subjects',
        'Subjects',
        { type: 'plain_text_input', multiline: true, max_length: 3000 },
        {
          optional: true,
          hint: SUBJECTS_HINT,
        },
      ),
      input('person', 'First admin', { type: 'users_select', initial_user: slackUserId }),
    ],
  };
}

/** Returns the form in which a member of the team is added, changed or removed. */
export function teamMembersView(teamName: string): ModalView {
  const roles = (Object.keys(ROLE_LABELS) as Role[]).map((role) => option(role, ROLE_LABELS[role]));
  const member = roles.find(({ value }) => value === 'member');
  return {
    ...frame('members', teamName),
    submit: plainText('Save'),
    close: plainText('Cancel'),
    blocks: [
      ...notice(`Add a person to ${code(teamName)}, change their role, or remove them.`).blocks,
      input('person', 'Person', { type: 'users_select' }),
      input('role', 'Role', {
        type: 'static_select',
        options: [...roles, option(REMOVE, 'Remove from the team')],
        ...(member && { initial_option: member }),
      }),
      input(
        'username',
        'W&B username',
        { type: 'plain_text_input', max_length: 128 },
        {
          optional: true,
          hint: 'If empty, Keysmith uses the one in their other teams, or their email address up to the @.',
        },
      ),
    ],
  };
}

/** By the form’s `callback_id`. */
export function teamFormTitle(callbackId: string): string {
  return callbackId === NEW_TEAM_CALLBACK ? 'New team' : 'Edit team';
}

function frame(kind: TeamFormKind, metadata: string) {
  const callbackId = kind === 'create' ? NEW_TEAM_CALLBACK : TEAM_MEMBERS_CALLBACK;
  return {
    type: 'modal' as const,
    callback_id: callbackId,
    private_metadata: metadata,
    title: plainText(teamFormTitle(callbackId)),
  };
}

type TeamField = 'team_name' | 'subjects' | 'person' | 'role' | 'username';

function input(
  field: TeamField,
  label: string,
  element: InputBlock['element'],
  { optional, hint }: { optional?: true; hint?: string } = {},
): InputBlock {
  return {
    type: 'input',
    block_id: field,
    label: plainText(label),
    element: { ...element, action_id: field } as InputBlock['element'],
    ...(optional && { optional }),
    ...(hint !== undefined && { hint: plainText(hint) }),
  };
}

/** Reads a submitted form. Undefined if it isn't one of Keysmith's. */
export function readTeamForm(view: ViewPayload): TeamForm | undefined {
  const values = new Map<string, string>();
  for (const [blockId, elements] of Object.entries(view.state?.values ?? {})) {
    const element = elements[blockId];
    if (element === undefined) return undefined;
    const { value, selected_option: chosen, selected_user: user } = element;
    const text = value?.trim() ?? chosen?.value ?? user ?? undefined;
    if (text) values.set(blockId, text);
  }
  const person = values.get('person');
  if (person === undefined) return undefined;
  if (view.callback_id === NEW_TEAM_CALLBACK) {
    const subjects = subjectLines((values.get('subjects') ?? '').slice(0, 3 * FREE_TEXT_LENGTH.subject));
    return { kind: 'create', teamName: values.get('team_name') ?? '', subjects, admin: person };
  }
  const teamName = view.private_metadata;
  const role = values.get('role');
  if (role === REMOVE) return { kind: 'remove_person', teamName, member: person };
  if (role === undefined || !Object.hasOwn(ROLE_LABELS, role)) return undefined;
  return {
    kind: 'set_member',
    teamName,
    member: person,
    role: role as Role,
    username: values.get('username'),
  };
}
