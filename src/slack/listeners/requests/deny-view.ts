import type { ModalView } from '@slack/types';
import { FREE_TEXT_LENGTH } from '../../../domain/accounts/names.ts';
import { notice, plainText } from '../../messages/blocks.ts';
import type { ViewPayload } from '../payloads.ts';

export const DENY_REQUEST_CALLBACK = 'deny_request';
export const DENY_TITLE = 'Deny request';

/** Returns the modal *Deny request*. Its metadata is only the request's ID, which a forged submission gains nothing by. */
export function denyView(accessRequestId: string): ModalView {
  return {
    type: 'modal',
    callback_id: DENY_REQUEST_CALLBACK,
    private_metadata: accessRequestId,
    title: plainText(DENY_TITLE),
    submit: plainText('Deny'),
    close: plainText('Cancel'),
    blocks: [
      {
        type: 'input',
        block_id: 'reason',
        label: plainText('Reason'),
        hint: plainText('The requester reads it, and so do the other approvers.'),
        element: {
          type: 'plain_text_input',
          action_id: 'reason',
          multiline: true,
          max_length: FREE_TEXT_LENGTH.reason,
          focus_on_load: true,
        },
      },
    ],
  };
}

/** Reads the modal, which comes from outside. */
export function readDenyView({
  private_metadata: accessRequestId,
  state,
}: ViewPayload): { accessRequestId: string; denialReason: string } | undefined {
  const fields = Object.keys(state?.values ?? {});
  const reason = state?.values.reason?.reason;
  if (accessRequestId === '' || fields.length !== 1 || reason === undefined) return undefined;
  return { accessRequestId, denialReason: reason.value ?? '' };
}

/** Returns the view that replaces the modal at its end. */
export function denyTextView(markup: string, reference?: string): ModalView {
  return {
    type: 'modal',
    title: plainText(DENY_TITLE),
    close: plainText('Close'),
    blocks: notice(markup, reference).blocks,
  };
}
