import {
  type EditTeamOutcome,
  editTeam,
  listTeams,
  openTeamForm,
  showTeam,
  type TeamForm,
} from '../../../application/teams/manage-teams.ts';
import { code, escapeMarkup, type Message, notice } from '../../messages/blocks.ts';
import {
  adminText,
  editedTeamMessage,
  editFailureText,
  ROLE_NOUNS,
  readTeamsPage,
  TEAM_ACTIONS,
  teamListMessage,
  teamMessage,
  unavailableText,
} from '../../messages/teams/team-messages.ts';
import { editProblemText, teamFormProblemText } from '../../messages/teams/team-problem-text.ts';
import type { ReplyTo } from '../../web/reply.ts';
import type { ButtonClick, ListenerContext } from '../listener-context.ts';
import type { SlashCommandPayload, ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { openView } from '../views/open-account-form.ts';
import {
  type ModalContent,
  type ModalEnd,
  type ModalFrame,
  modalResponse,
  openModal,
} from '../views/open-modal.ts';
import { type SubmissionResponse, textResponse } from '../views/submission-response.ts';
import { readTeamSettings, teamSettingsForm } from './team-settings.ts';
import {
  NEW_TEAM_CALLBACK,
  newTeamView,
  readTeamForm,
  TEAM_MEMBERS_CALLBACK,
  teamFormTitle,
  teamMembersView,
} from './team-views.ts';

/** `/wandb team list` and `/wandb team show NAME`. */
export async function teamsMessage(
  { ports }: ListenerContext,
  command: { kind: 'team_list'; after?: string } | { kind: 'team_show'; name: string; after?: string },
  { slackUserId, requestId }: { slackUserId: string; requestId: string },
): Promise<Message> {
  const { after = '' } = command;
  if (command.kind === 'team_list') {
    return teamListMessage(await listTeams(ports, { slackUserId, after, requestId }), requestId);
  }
  const { name: teamName } = command;
  return teamMessage(await showTeam(ports, { slackUserId, teamName, after, requestId }), teamName, requestId);
}

/** `/wandb team new [NAME]`: opens the form while its trigger is valid. */
export async function openNewTeam(
  context: ListenerContext,
  opened: { command: SlashCommandPayload; replyTo: ReplyTo; requestId: string; name: string | undefined },
): Promise<void> {
  const { command, replyTo, requestId, name } = opened;
  const { slackUserId } = replyTo;
  const allowed = await openTeamForm(context.ports, { slackUserId, requestId });
  if (allowed.kind !== 'open') {
    await context.reply.ephemeral(replyTo, notice(unavailableText(allowed), requestId));
    return;
  }
  const view = await openView(context, command.trigger_id, newTeamView(name, slackUserId));
  if ('error' in view) await context.reply.ephemeral(replyTo, notice(NOT_OPENED, requestId));
}

const SETTINGS_FRAME = { callbackId: 'team_settings', title: 'Team settings' } as const;

const NOT_OPENED = 'The form didn’t open, and nothing was changed. Try again.';

/** *Show* in the list of teams. */
async function showTeamAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value, requestId } = click;
  const { slackUserId } = replyTo;
  const message = await teamsMessage(context, { kind: 'team_show', name: value }, { slackUserId, requestId });
  await context.reply.ephemeral(replyTo, message);
}

/** *Previous* and *Next* in the list of teams: the page replaces the one before. */
async function turnTeamsPage(
  context: ListenerContext,
  { replyTo, value, requestId }: ButtonClick,
): Promise<void> {
  const { slackUserId } = replyTo;
  const after = readTeamsPage(value);
  const message = await teamsMessage(context, { kind: 'team_list', after }, { slackUserId, requestId });
  await context.reply.replace(replyTo, message);
}

/** *Previous* and *Next* in the members of a team. */
async function turnMembersPage(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value, requestId } = click;
  const named = readMember(value);
  if (named === undefined) return refuseClick(context, click);
  const command = { kind: 'team_show', name: named.teamName, after: named.email } as const;
  const { slackUserId } = replyTo;
  await context.reply.replace(replyTo, await teamsMessage(context, command, { slackUserId, requestId }));
}

/** *Settings* of a team. */
async function editSettingsAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value: teamName, requestId } = click;
  const { slackUserId } = replyTo;
  const building = showTeam(context.ports, { slackUserId, teamName, requestId }).then(
    (shown): ModalContent =>
      shown.kind !== 'shown' || shown.team.origin === 'file' || shown.team.isArchived
        ? { message: teamMessage(shown, teamName, requestId) }
        : { submit: 'Save', ...teamSettingsForm(shown.team) },
  );
  await openModal(context, click, SETTINGS_FRAME, building);
}

/** *Edit* of a team. */
async function editMembersAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const { replyTo, value: teamName, triggerId, requestId } = click;
  const { slackUserId } = replyTo;
  const shown = await showTeam(context.ports, { slackUserId, teamName, requestId });
  if (shown.kind !== 'shown' || shown.team.origin === 'file' || shown.team.isArchived) {
    await context.reply.ephemeral(replyTo, teamMessage(shown, teamName, requestId));
    return;
  }
  const view = triggerId && (await openView(context, triggerId, teamMembersView(teamName)));
  if (!view || 'error' in view) await context.reply.ephemeral(replyTo, notice(NOT_OPENED, requestId));
}

/** *Archive*, *Restore* or *Remove*: the team as it is afterwards takes the message's place. */
async function editAction(
  context: ListenerContext,
  { replyTo, requestId }: ButtonClick,
  form: TeamForm,
  done: string,
): Promise<void> {
  const { slackUserId } = replyTo;
  const outcome = await editTeam(context.ports, { slackUserId, form, requestId });
  await context.reply.replace(replyTo, editedTeamMessage(outcome, done, requestId));
}

const archiveAction = (context: ListenerContext, click: ButtonClick) =>
  editAction(context, click, { kind: 'archive', teamName: click.value }, `Archived ${code(click.value)}.`);

const restoreAction = (context: ListenerContext, click: ButtonClick) =>
  editAction(context, click, { kind: 'restore', teamName: click.value }, `Restored ${code(click.value)}.`);

async function removeAction(context: ListenerContext, click: ButtonClick): Promise<void> {
  const named = readMember(click.value);
  if (named === undefined) return refuseClick(context, click);
  const { teamName, email } = named;
  const done = `Removed ${escapeMarkup(email)} from ${code(teamName)}.`;
  await editAction(context, click, { kind: 'remove_member', teamName, email }, done);
}

/** A value that isn't Keysmith's. */
async function refuseClick(context: ListenerContext, { replyTo, requestId }: ButtonClick): Promise<void> {
  const { slackUserId } = replyTo;
  const text = await refuseInteraction(context, { slackUserId, reason: 'action_unknown', requestId });
  await context.reply.ephemeral(replyTo, notice(text, requestId));
}

function readMember(value: string): { teamName: string; email: string } | undefined {
  try {
    const [teamName, email]: unknown[] = JSON.parse(value);
    return typeof teamName === 'string' && typeof email === 'string' ? { teamName, email } : undefined;
  } catch {
    return undefined;
  }
}

/** *Create* in *New team*, and *Save* in *Edit team*. */
function submitTeamForm(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const { callback_id: callbackId } = payload.view;
  const frame = { callbackId, title: teamFormTitle(callbackId) };
  return submit(context, payload, { form: readTeamForm(payload.view), frame, requestId });
}

/** *Save* in *Team settings*. */
function submitSettings(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const form = readTeamSettings(payload.view);
  return submit(context, payload, { form, frame: SETTINGS_FRAME, requestId });
}

async function submit(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  submitted: { form: TeamForm | undefined; frame: ModalFrame; requestId: string },
): Promise<SubmissionResponse> {
  const { form, frame, requestId } = submitted;
  const slackUserId = payload.user.id;
  if (form === undefined) {
    const text = await refuseInteraction(context, { slackUserId, reason: 'field_unknown', requestId });
    return textResponse(context, payload, { title: frame.title, text }, requestId);
  }
  const ending = editTeam(context.ports, { slackUserId, form, requestId }).then((outcome): ModalEnd => {
    const { text, errors } = endOf(outcome, form);
    return errors === undefined
      ? { message: notice(text, outcome.kind === 'done' ? undefined : requestId) }
      : { errors };
  });
  return modalResponse(context, payload, { frame, requestId, waiting: 'Saving the team…' }, ending);
}

/** How a submission ended. `text`: markup. */
interface Ended {
  text: string;
  errors?: Record<string, string>;
}

function endOf(outcome: EditTeamOutcome, form: TeamForm): Ended {
  if (outcome.kind === 'done') {
    return { text: `${doneText(form, outcome)}${adminText(outcome)}` };
  }
  const text = editFailureText(outcome);
  if (outcome.kind === 'invalid') {
    const errors: Record<string, string> = {};
    for (const problem of outcome.problems) errors[problem.field] ??= teamFormProblemText(problem);
    return { text, errors };
  }
  if (outcome.kind === 'not_done' && outcome.problem === 'name_taken') {
    return { text, errors: { team_name: editProblemText(outcome.problem) } };
  }
  if (outcome.kind === 'not_done' && outcome.problem === 'too_few_approvers') {
    return { text, errors: { approvers: editProblemText(outcome.problem) } };
  }
  if (outcome.kind === 'not_done' && outcome.problem === 'username_taken') {
    return form.kind === 'create'
      ? { text, errors: { person: FIRST_ADMIN_TEXT } }
      : { text, errors: { username: editProblemText(outcome.problem) } };
  }
  return { text };
}

const FIRST_ADMIN_TEXT =
  'Another person has the same W&B username. Choose another first admin, and then add this person with their own username.';

function doneText(
  form: TeamForm,
  { team: { name }, hasChanged }: Extract<EditTeamOutcome, { kind: 'done' }>,
): string {
  const team = code(name);
  if (!hasChanged) {
    return form.kind === 'create'
      ? `:white_check_mark: The team ${team} was already created, with <@${form.admin}> as an admin. Run ${code(`/wandb team show ${name}`)} to add members.`
      : 'Nothing was left to change.';
  }
  switch (form.kind) {
    case 'create':
      return `:white_check_mark: Created the team ${team}, with <@${form.admin}> as its first admin. Run ${code(`/wandb team show ${name}`)} to add members.`;
    case 'set_member':
      return `:white_check_mark: <@${form.member}> is now in ${team} as ${ROLE_NOUNS[form.role]}.`;
    case 'remove_person':
      return `:white_check_mark: Removed <@${form.member}> from ${team}.`;
    case 'change_settings':
      return `:white_check_mark: Changed the settings of ${team}. They apply to new keys, accounts and requests; \`/wandb service-account list\` marks accounts with older keys that live longer.`;
    case 'remove_member':
    case 'archive':
    case 'restore':
      return `:white_check_mark: Changed ${team}.`;
  }
}

export const teamButtons = {
  [TEAM_ACTIONS.show]: showTeamAction,
  [TEAM_ACTIONS.editMembers]: editMembersAction,
  [TEAM_ACTIONS.editSettings]: editSettingsAction,
  [TEAM_ACTIONS.previousTeams]: turnTeamsPage,
  [TEAM_ACTIONS.nextTeams]: turnTeamsPage,
  [TEAM_ACTIONS.previousMembers]: turnMembersPage,
  [TEAM_ACTIONS.nextMembers]: turnMembersPage,
  [TEAM_ACTIONS.remove]: removeAction,
  [TEAM_ACTIONS.archive]: archiveAction,
  [TEAM_ACTIONS.restore]: restoreAction,
};

export const teamSubmissions = {
  [NEW_TEAM_CALLBACK]: submitTeamForm,
  [TEAM_MEMBERS_CALLBACK]: submitTeamForm,
  [SETTINGS_FRAME.callbackId]: submitSettings,
};
