import type { Checkboxes, ConversationsSelect, InputBlock, KnownBlock } from '@slack/types';
import type { ShownTeam, TeamForm } from '../../../application/teams/manage-teams.ts';
import {
  POLICY_FIELDS,
  type PolicyField,
  type PolicyValues,
  policyValues,
} from '../../../application/teams/policy-choices.ts';
import { settingsVersion } from '../../../domain/organization/team-edits.ts';
import { code, option, plainText } from '../../messages/blocks.ts';
import { dayChoices, POLICY_CHOICES, POLICY_TEXT_LABELS } from '../../messages/teams/policy-lines.ts';
import type { ViewPayload } from '../payloads.ts';
import { ownMetadata } from '../views/form-metadata.ts';
import { SUBJECTS_HINT, subjectLines } from './team-views.ts';

/** The value of a choice that leaves an entry to the organization's policy. */
const INHERITED = 'inherited';
/** The value of the choice that leaves the channel for requests. */
const DIRECT = 'direct';
/** Slack's limits for a text field and for the value of a choice. */
const MAX_TEXT_LENGTH = 3_000;
const MAX_VALUE_LENGTH = 150;

/** The entries that are typed. */
const TEXTS: Partial<Record<PolicyField, { label: string; hint: string; multiline?: true; max: number }>> = {
  name_pattern: {
    label: POLICY_TEXT_LABELS.name_pattern,
    hint: 'Such as ml-*. * matches any characters. Empty: as in the organization’s policy.',
    max: 64,
  },
  name_example: {
    label: POLICY_TEXT_LABELS.name_example,
    hint: 'Shown beside the pattern, such as ml-eval.',
    max: 64,
  },
  approvers: {
    label: POLICY_TEXT_LABELS.approvers,
    hint: 'One per line: team_admins, organization_admins or an email address. Empty: as in the organization’s policy.',
    multiline: true,
    max: MAX_TEXT_LENGTH,
  },
};

/** Returns the blocks and the metadata of the form *Team settings*. A field that would be too long for Slack isn't in it. */
export function teamSettingsForm(team: ShownTeam): { blocks: KnownBlock[]; metadata: string } {
  const { name, subjects, policy = {}, channel } = team;
  const values = policyValues(policy);
  const subjectsText = subjects.join('\n');
  return {
    metadata: JSON.stringify([name, settingsVersion(team)]),
    blocks: [
      {
        type: 'section',
        text: {
          type: 'mrkdwn',
          text: `*${code(name)}*\nA policy applies to new keys, accounts and requests.${subjectsText.length > MAX_TEXT_LENGTH ? ' The team has too many subjects to edit them here.' : ''}`,
        },
      },
      ...textField('subjects', subjectsText, {
        label: 'Subjects',
        hint: SUBJECTS_HINT,
        multiline: true,
        max: MAX_TEXT_LENGTH,
      }),
      ...channelFields(channel),
      ...POLICY_FIELDS.flatMap((field) => policyField(field, values[field])),
    ],
  };
}

/** Slack offers no way back from a chosen channel, so a team that has one also gets a checkbox. */
function channelFields(channel: string | undefined): InputBlock[] {
  const select: ConversationsSelect = {
    type: 'conversations_select',
    placeholder: plainText('Choose a channel'),
    filter: {
      include: ['public', 'private'],
      exclude_external_shared_channels: true,
      exclude_bot_users: true,
    },
    ...(channel !== undefined && { initial_conversation: channel }),
  };
  const hint =
    'Add Keysmith to the channel first. If it can’t post there, or if you choose none, the approvers get direct messages.';
  const leave: Checkboxes = {
    type: 'checkboxes',
    options: [option(DIRECT, 'Send requests in direct messages, not in the channel')],
  };
  return [
    { ...inputBlock('channel', 'Channel for requests', select), optional: true, hint: plainText(hint) },
    ...(channel === undefined
      ? []
      : [{ ...inputBlock('direct_messages', 'Direct messages', leave), optional: true }]),
  ];
}

function policyField(field: PolicyField, value: string): InputBlock[] {
  const typed = TEXTS[field];
  if (typed !== undefined) return textField(field, value, typed);
  const chosen = POLICY_CHOICES[field];
  if (chosen === undefined || value.length > MAX_VALUE_LENGTH) return [];
  const { label, choices } = chosen;
  // Also a number of days that isn't offered, as the teams file may have set it.
  const isOffered = value === '' || choices.some(([one]) => one === value);
  const all: [string, string][] = [
    [INHERITED, 'As in the organization’s policy'],
    ...choices,
    ...(isOffered ? [] : dayChoices(Number(value))),
  ];
  const options = all.map(([one, text]) => option(one, text));
  const initial = options.find((one) => one.value === (value || INHERITED));
  const element = { type: 'static_select' as const, options, ...(initial && { initial_option: initial }) };
  return [inputBlock(field, label, element)];
}

function textField(
  field: string,
  value: string,
  { label, hint, multiline, max }: { label: string; hint: string; multiline?: true; max: number },
): InputBlock[] {
  if (value.length > max) return [];
  const element = {
    type: 'plain_text_input' as const,
    max_length: max,
    ...(multiline && { multiline }),
    ...(value !== '' && { initial_value: value }),
  };
  return [{ ...inputBlock(field, label, element), optional: true, hint: plainText(hint) }];
}

function inputBlock(field: string, label: string, element: InputBlock['element']): InputBlock {
  return {
    type: 'input',
    block_id: field,
    label: plainText(label),
    element: { ...element, action_id: field } as InputBlock['element'],
  };
}

/** Reads a submitted form. Undefined if it isn't one of Keysmith's. */
export function readTeamSettings(view: ViewPayload): TeamForm | undefined {
  const { state } = view;
  const named = readMetadata(ownMetadata(view));
  if (named === undefined || state === undefined) return undefined;
  const textOf = (field: string): string | undefined => {
    const element = state.values[field]?.[field];
    if (element === undefined) return undefined;
    const text = element.selected_option?.value ?? element.value ?? '';
    return text === INHERITED ? '' : text.slice(0, MAX_TEXT_LENGTH);
  };
  const channel = state.values.channel?.channel;
  if (channel === undefined) return undefined;
  const leaving = state.values.direct_messages?.direct_messages?.selected_options ?? [];
  const isLeaving = leaving.some(({ value }) => value === DIRECT);
  const policy: PolicyValues = {};
  for (const field of POLICY_FIELDS) {
    const text = textOf(field);
    if (text !== undefined) policy[field] = text;
  }
  const subjects = textOf('subjects');
  return {
    kind: 'change_settings',
    ...named,
    subjects: subjects === undefined ? undefined : subjectLines(subjects),
    channel: isLeaving ? '' : (channel.selected_conversation ?? undefined),
    policy,
  };
}

function readMetadata(text: string): { teamName: string; version: string } | undefined {
  try {
    const [teamName, version]: unknown[] = JSON.parse(text);
    return typeof teamName === 'string' && typeof version === 'string' ? { teamName, version } : undefined;
  } catch {
    return undefined;
  }
}
