import type { KnownBlock } from '@slack/types';
import {
  type EditAccountResult,
  editServiceAccount,
  type OpenEditFormResult,
  openEditForm,
} from '../../../application/accounts/details/edit-service-account.ts';
import type { AccountReference } from '../../../application/accounts/details/find-named-account.ts';
import { FREE_TEXT_LENGTH } from '../../../domain/accounts/names.ts';
import type { ServiceAccount } from '../../../domain/accounts/service-account.ts';
import { editOutcomeText } from '../../messages/accounts/edit-text.ts';
import { notFoundMessage } from '../../messages/accounts/not-found-message.ts';
import { code, notice } from '../../messages/blocks.ts';
import { fieldProblemText } from '../../messages/failures/field-problem-text.ts';
import { refusalMessage } from '../../messages/failures/refusal-text.ts';
import type { ListenerContext } from '../listener-context.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { input } from '../views/account-form-fields.ts';
import { ownMetadata } from '../views/form-metadata.ts';
import {
  type ModalContent,
  type ModalEnd,
  type ModalFrame,
  type ModalOpener,
  modalResponse,
  openModal,
} from '../views/open-modal.ts';
import { type SubmissionResponse, textResponse } from '../views/submission-response.ts';

export const EDIT_FORM_CALLBACK = 'edit_service_account';

const FRAME: ModalFrame = { callbackId: EDIT_FORM_CALLBACK, title: 'Edit account' };

/** Opens the form *Edit account*. */
export async function openEditModal(
  context: ListenerContext,
  opener: ModalOpener,
  reference: AccountReference,
): Promise<void> {
  const { replyTo, requestId } = opener;
  const { slackUserId } = replyTo;
  const reading = openEditForm(context.ports, { slackUserId, reference, requestId });
  const building = reading.then((opened) => contentOf(context, opened, { reference, requestId }));
  await openModal(context, opener, FRAME, building);
}

function contentOf(
  context: ListenerContext,
  opened: OpenEditFormResult,
  { reference, requestId }: { reference: AccountReference; requestId: string },
): ModalContent {
  if (opened.kind === 'ended') {
    return { message: notice(editOutcomeText(opened, isOnServer(context)), requestId) };
  }
  if (opened.kind !== 'open') {
    return { message: notFoundMessage(opened, { verb: 'edit', reference, requestId }) };
  }
  const { account, version, hasContact } = opened;
  return {
    submit: 'Save',
    // Checked at the effect, like the ID in any button.
    metadata: `${account.id}:${version}`,
    blocks: editBlocks(account, hasContact),
  };
}

function editBlocks(
  { name, teamName, purpose, usedBy, contact }: ServiceAccount,
  hasContact: boolean,
): KnownBlock[] {
  const textInput = (value: string | undefined, max: number, multiline: boolean) => ({
    type: 'plain_text_input' as const,
    max_length: max,
    ...(multiline && { multiline }),
    ...(value && { initial_value: value }),
  });
  return [
    { type: 'section', text: { type: 'mrkdwn', text: `*${code(name)}* in ${code(teamName)}` } },
    input('purpose', 'Purpose', textInput(purpose, FREE_TEXT_LENGTH.purpose, true), { optional: true }),
    input('used_by', 'Used by', textInput(usedBy, FREE_TEXT_LENGTH.usedBy, false), { optional: true }),
    input('contact', 'Contact', { type: 'users_select', ...(hasContact && { initial_user: contact }) }),
  ];
}

/** *Save* in the form *Edit account*. */
export async function submitEditForm(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const { view, user } = payload;
  const [accountId = '', version = ''] = ownMetadata(view).split(':', 2);
  const contact = view.state?.values.contact?.contact;
  if (accountId === '' || contact === undefined) {
    const reason = accountId === '' ? 'metadata_invalid' : 'field_unknown';
    const text = await refuseInteraction(context, { slackUserId: user.id, reason, requestId });
    return textResponse(context, payload, { title: FRAME.title, text }, requestId);
  }
  const textOf = (field: string) => view.state?.values[field]?.[field]?.value ?? undefined;
  const editing = editServiceAccount(context.ports, {
    slackUserId: user.id,
    accountId,
    version,
    details: {
      purpose: textOf('purpose'),
      usedBy: textOf('used_by'),
      contact: contact.selected_user ?? '',
    },
    requestId,
  });
  const ending = editing.then((result) => endOf(context, result, requestId));
  return modalResponse(context, payload, { frame: FRAME, requestId, waiting: 'Saving…' }, ending);
}

function isOnServer({ ports }: ListenerContext): boolean {
  return ports.backend.administeredIn === 'wandb';
}

function endOf(context: ListenerContext, result: EditAccountResult, requestId: string): ModalEnd {
  switch (result.kind) {
    case 'invalid':
      return {
        errors: Object.fromEntries(
          result.problems.map((problem) => [problem.field, fieldProblemText(problem)]),
        ),
      };
    case 'refused':
      return { message: refusalMessage(result.refusal, requestId, undefined) };
    case 'edited':
    case 'unchanged':
      return { message: notice(editOutcomeText(result, isOnServer(context))) };
    default:
      return { message: notice(editOutcomeText(result, isOnServer(context)), requestId) };
  }
}
