import type { AccountReference } from '../../../application/accounts/details/find-named-account.ts';
import {
  type OpenRevokeFormResult,
  openRevokeForm,
} from '../../../application/accounts/revocation/open-revoke-form.ts';
import { revokeConfirmedAccount } from '../../../application/accounts/revoke-service-account.ts';
import { endNotification } from '../../../application/jobs/notification-jobs.ts';
import { ACCOUNT_NAME_LENGTH } from '../../../domain/accounts/names.ts';
import { notFoundMessage } from '../../messages/accounts/not-found-message.ts';
import { revocationPreviewBlocks, revocationText } from '../../messages/accounts/revoke-message.ts';
import { endVerb } from '../../messages/accounts/server-account-text.ts';
import { notice, plainText } from '../../messages/blocks.ts';
import type { ListenerContext } from '../listener-context.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
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

export const REVOKE_FORM_CALLBACK = 'revoke_service_account';
const NAME_FIELD = 'name';

/** Opens the form *Revoke account*. */
export async function openRevokeModal(
  context: ListenerContext,
  opener: ModalOpener,
  reference: AccountReference,
): Promise<void> {
  const { replyTo, requestId } = opener;
  const { slackUserId } = replyTo;
  const reading = openRevokeForm(context.ports, { slackUserId, reference, requestId });
  const building = reading.then((opened) => contentOf(context, opened, { reference, requestId }));
  await openModal(context, opener, frameOf(context), building);
}

function frameOf({ ports }: ListenerContext): ModalFrame {
  return {
    callbackId: REVOKE_FORM_CALLBACK,
    title: `${endVerb(ports.backend.administeredIn === 'wandb')} account`,
  };
}

function contentOf(
  { ports }: ListenerContext,
  opened: OpenRevokeFormResult,
  { reference, requestId }: { reference: AccountReference; requestId: string },
): ModalContent {
  const isOnServer = ports.backend.administeredIn === 'wandb';
  const isByButton = 'accountId' in reference;
  if (
    opened.kind === 'already_revoked' ||
    opened.kind === 'not_found' ||
    (opened.kind === 'refused' && isByButton)
  ) {
    return { message: notice(revocationText(opened, isOnServer), requestId) };
  }
  if (opened.kind !== 'open') {
    return { message: notFoundMessage(opened, { verb: 'revoke', reference, requestId }) };
  }
  return {
    submit: endVerb(isOnServer),
    // Checked at the effect, like the ID in any button.
    metadata: opened.account.id,
    blocks: [
      ...revocationPreviewBlocks(opened),
      {
        type: 'input',
        block_id: NAME_FIELD,
        label: plainText('Name of the account'),
        hint: plainText(`To confirm, type ${opened.account.name}.`),
        element: {
          type: 'plain_text_input',
          action_id: NAME_FIELD,
          max_length: 2 * ACCOUNT_NAME_LENGTH.max,
          focus_on_load: true,
        },
      },
    ],
  };
}

/** *Revoke* in the form *Revoke account*. */
export async function submitRevokeForm(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const { view, user } = payload;
  const typedName = view.state?.values[NAME_FIELD]?.[NAME_FIELD]?.value;
  const accountId = ownMetadata(view);
  if (typedName === undefined || accountId === '') {
    const reason = accountId === '' ? 'metadata_invalid' : 'field_unknown';
    const text = await refuseInteraction(context, { slackUserId: user.id, reason, requestId });
    return textResponse(context, payload, { title: frameOf(context).title, text }, requestId);
  }
  const isOnServer = context.ports.backend.administeredIn === 'wandb';
  const revoking = revokeConfirmedAccount(context.ports, {
    slackUserId: user.id,
    accountId,
    typedName: (typedName ?? '').trim(),
    requestId,
  });
  const ending = revoking.then((result): ModalEnd => {
    if (result.kind === 'name_differs') {
      return { errors: { [NAME_FIELD]: `Type the name exactly: ${result.account.name}` } };
    }
    const isDone = result.kind === 'revoked' || result.kind === 'already_revoked';
    return {
      message: notice(revocationText(result, isOnServer), isDone ? undefined : requestId),
      settle: async (options) => {
        if (result.kind === 'revoked') await endNotification(context.ports, result.notice, options);
      },
    };
  });
  const waiting = isOnServer ? 'Deleting the account from W&B…' : 'Revoking the account…';
  return modalResponse(context, payload, { frame: frameOf(context), requestId, waiting }, ending);
}
