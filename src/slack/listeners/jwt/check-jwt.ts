import type { ModalView } from '@slack/types';
import { checkJwt, openJwtCheck } from '../../../application/authority/jwt/check-jwt.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { type Message, notice } from '../../messages/blocks.ts';
import { failureText } from '../../messages/failures/refusal-text.ts';
import {
  JWT_CHECK_CALLBACK,
  JWT_CHECK_TITLE,
  JWT_FIELD,
  jwtFormView,
  jwtNotCheckedText,
  jwtReportView,
  jwtTextView,
} from '../../messages/jwt/jwt-check-view.ts';
import type { ListenerContext } from '../listener-context.ts';
import type { SlashCommandPayload, ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import { openView, updateView } from '../views/open-account-form.ts';
import { type SubmissionResponse, textResponse } from '../views/submission-response.ts';

/**
 * `/wandb sa check`: opens the form *Check JWT* before its trigger expires. Returns a message where there is nothing to open. The form
 * shows nothing of the organization, so it also opens while Slack or the database is slow; the submission checks again.
 */
export async function openJwtForm(
  context: ListenerContext,
  { user_id: slackUserId, trigger_id: triggerId }: SlashCommandPayload,
  requestId: string,
): Promise<Message | undefined> {
  const opening = openJwtCheck(context.ports, { slackUserId, requestId });
  const early = await settledWithin(opening, context.timing.loadingAfterMs);
  if (early === undefined) opening.catch(() => {});
  else if (early.value.kind !== 'open') return notice(jwtNotCheckedText(early.value), requestId);
  const opened = await openView(context, triggerId, jwtFormView());
  if (!('error' in opened)) return undefined;
  return notice('The form didn’t open, and nothing was checked. Run the command again.', requestId);
}

/** *Check* in the form *Check JWT*: the outcome replaces the form. */
async function submitJwtForm(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const { view, user } = payload;
  const values = Object.entries(view.state?.values ?? {});
  const jwt = view.state?.values[JWT_FIELD]?.[JWT_FIELD]?.value;
  if (typeof jwt !== 'string' || values.length !== 1) {
    const refused = { slackUserId: user.id, reason: 'field_unknown', requestId } as const;
    return textResponse(
      context,
      payload,
      { title: JWT_CHECK_TITLE, text: await refuseInteraction(context, refused) },
      requestId,
    );
  }
  const checking = context.work.track(viewOf(context, { slackUserId: user.id, jwt, requestId }));
  const showResult = async () => {
    await updateView(context, { viewId: view.id }, await checking);
  };
  const early = await settledWithin(checking, context.timing.respondWithinMs);
  if (early !== undefined) return { kind: 'view', view: early.value, instead: showResult };
  const working = jwtTextView(':hourglass_flowing_sand: Checking the JWT…');
  return { kind: 'view', view: working, afterwards: showResult, instead: showResult };
}

/** Never throws, and logs nothing of the JWT. */
async function viewOf(
  { ports }: ListenerContext,
  request: { slackUserId: string; jwt: string; requestId: string },
): Promise<ModalView> {
  try {
    const result = await checkJwt(ports, request);
    return result.kind === 'checked'
      ? jwtReportView(result.report)
      : jwtTextView(jwtNotCheckedText(result), request.requestId);
  } catch (error) {
    ports.logger.error({ err: error }, 'JWT not checked');
    return jwtTextView(failureText(error), request.requestId);
  }
}

export const jwtSubmissions = { [JWT_CHECK_CALLBACK]: submitJwtForm };
