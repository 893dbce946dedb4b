import type { KnownBlock } from '@slack/types';
import type { AccessRequest } from '../../../application/requests/access-request.ts';
import { FREE_TEXT_LENGTH } from '../../../domain/accounts/names.ts';
import { plainText } from '../../messages/blocks.ts';
import { requestSummary } from '../../messages/requests/request-card-message.ts';
import type { ViewPayload } from '../payloads.ts';
import { ownMetadata } from '../views/form-metadata.ts';

export const DENY_FRAME = { callbackId: 'deny_request', title: 'Deny request' };

/** Returns the form *Deny request*. Its metadata is only the request's ID, which a forged submission gains nothing by. */
export function denyBlocks(request: AccessRequest): KnownBlock[] {
  return [
    ...requestSummary(request),
    {
      type: 'input',
      block_id: 'reason',
      label: plainText('Why you deny it'),
      hint: plainText('The requester reads it, and so do the other approvers.'),
      element: {
        type: 'plain_text_input',
        action_id: 'reason',
        multiline: true,
        max_length: FREE_TEXT_LENGTH.reason,
        focus_on_load: true,
      },
    },
  ];
}

/** Reads the form, which comes from outside. */
export function readDenyForm(
  view: ViewPayload,
): { accessRequestId: string; denialReason: string } | undefined {
  const accessRequestId = ownMetadata(view);
  const fields = Object.keys(view.state?.values ?? {});
  const reason = view.state?.values.reason?.reason;
  if (accessRequestId === '' || fields.length !== 1 || reason === undefined) return undefined;
  return { accessRequestId, denialReason: reason.value ?? '' };
}
