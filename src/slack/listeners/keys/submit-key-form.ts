import { renameKey, revokeKey } from '../../../application/keys/change-key.ts';
import { createKey, type KeyFieldProblem } from '../../../application/keys/create-key.ts';
import { rotateKey } from '../../../application/keys/rotate-key.ts';
import type { Route } from '../../../application/ports/slack.ts';
import { readKeyExpiry } from '../../../domain/accounts/key-expiry.ts';
import { readOverlapMs } from '../../../domain/keys/rotation.ts';
import { settledWithin } from '../../../net/deadline.ts';
import { escapeMarkup, notice } from '../../messages/blocks.ts';
import { failureText } from '../../messages/failures/refusal-text.ts';
import {
  keyCreatedText,
  keyFieldProblemText,
  keyRenamedText,
  keyRevokedText,
} from '../../messages/keys/key-outcome-text.ts';
import { rotatedText } from '../../messages/keys/rotation-text.ts';
import { chooseRoute } from '../../web/response-url.ts';
import type { ListenerContext } from '../listener-context.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { refuseInteraction } from '../refuse-interaction.ts';
import type { FormMetadata } from '../views/form-metadata.ts';
import { updateView } from '../views/open-account-form.ts';
import { type SubmissionResponse, textResponse } from '../views/submission-response.ts';
import {
  KEY_FORMS,
  type KeyField,
  type KeyFormValues,
  keyFormTitle,
  keyTextView,
  keyWaitingView,
  readKeyForm,
  UNUSED,
} from './key-views.ts';

/** How a submission ended. `isShown`: another message shows the outcome, so the form closes. `text`: markup. */
type Ended = { text: string; isShown?: boolean; problems?: never } | { problems: readonly KeyFieldProblem[] };

interface Submitted {
  metadata: FormMetadata;
  about: NonNullable<FormMetadata['about']>;
  values: KeyFormValues;
  requestId: string;
}

/** The submissions of forms about keys, by `callback_id`. */
export const keySubmissions = Object.fromEntries(Object.values(KEY_FORMS).map((id) => [id, submitKeyForm]));

async function submitKeyForm(
  context: ListenerContext,
  payload: ViewSubmissionPayload,
  requestId: string,
): Promise<SubmissionResponse> {
  const { view, user } = payload;
  const metadata = await context.metadata.open(view, user.id);
  const values = readKeyForm(view);
  const about = metadata?.about;
  if (metadata === undefined || about === undefined || values === undefined) {
    const reason = values === undefined ? 'field_unknown' : 'metadata_invalid';
    const text = await refuseInteraction(context, { slackUserId: user.id, reason, requestId });
    return textResponse(context, payload, { title: keyFormTitle(view.callback_id), text }, requestId);
  }
  const working = context.work.track(
    endOf(context, { metadata, about, values, requestId }).catch((error: unknown): Ended => {
      context.ports.logger.error({ err: error }, 'view submission failed');
      return { text: failureText(error) };
    }),
  );
  const frame = { purpose: about.purpose, formId: metadata.formId, privateMetadata: view.private_metadata };
  const showResult = async () => {
    const ended = await working;
    const message = notice(textOf(ended), requestId);
    const shown = await updateView(context, { viewId: view.id }, keyTextView(frame, message));
    if (shown === 'updated' || ('isShown' in ended && ended.isShown === true)) return;
    const { slackUserId, channelId, responseUrl } = metadata;
    const to = { slackUserId, channelId: channelId || undefined, responseUrl: responseUrl || undefined };
    await context.reply.ephemeral(to, message);
  };
  const early = (await settledWithin(working, context.timing.respondWithinMs))?.value;
  if (early === undefined) {
    return { kind: 'view', view: keyWaitingView(frame), afterwards: showResult, instead: showResult };
  }
  if (early.problems !== undefined)
    return { kind: 'errors', errors: errorsOf(early.problems), instead: showResult };
  if (early.isShown) return { kind: 'close', instead: showResult };
  return { kind: 'view', view: keyTextView(frame, notice(early.text, requestId)), instead: showResult };
}

function errorsOf(problems: readonly KeyFieldProblem[]): Partial<Record<KeyField, string>> {
  const errors: Partial<Record<KeyField, string>> = {};
  for (const problem of problems) errors[problem.field] ??= keyFieldProblemText(problem);
  return errors;
}

function textOf(ended: Ended): string {
  if (ended.problems === undefined) return ended.text;
  return `Nothing was changed. ${escapeMarkup(ended.problems.map(keyFieldProblemText).join('\n'))}`;
}

async function endOf(
  context: ListenerContext,
  { metadata, about, values, requestId }: Submitted,
): Promise<Ended> {
  const { ports } = context;
  const { slackUserId, formId } = metadata;
  const { purpose, accountId, keyId = '' } = about;
  const request = { slackUserId, accountId, keyId, requestId };
  const name = values.key_name ?? '';
  switch (purpose) {
    case 'create': {
      const expiry = readKeyExpiry(values.key_expires, values.key_expires_on);
      const route = await routeOf(context, metadata);
      const result = await createKey(ports, { ...request, name, expiry, submissionId: formId, route });
      if (result.kind === 'invalid') return result;
      const isShown = result.kind === 'created' && result.key.kind === 'delivered';
      return { text: keyCreatedText(result, ports.backend.administeredIn === 'wandb'), isShown };
    }
    case 'rotate': {
      const overlapMs = readOverlapMs(values.key_overlap);
      if (overlapMs === undefined) return { problems: [{ field: 'key_overlap', reason: 'not_offered' }] };
      const result = await rotateKey(ports, {
        ...request,
        keyId: values.key_choice ?? '',
        expiry: readKeyExpiry(values.key_expires, values.key_expires_on),
        overlapMs,
        revokesUnused: values.key_unused === UNUSED,
        submissionId: formId,
        route: await routeOf(context, metadata),
      });
      if (result.kind === 'invalid') return result;
      const isShown = result.kind === 'rotated' && result.key.kind === 'delivered';
      return { text: rotatedText(result, ports.backend.administeredIn === 'wandb'), isShown };
    }
    case 'rename': {
      const result = await renameKey(ports, { ...request, name });
      return result.kind === 'invalid' ? result : { text: keyRenamedText(result) };
    }
    case 'revoke':
      return { text: keyRevokedText(await revokeKey(ports, request)) };
  }
}

/** A form that was opened in another view has no conversation, so its key goes to the direct messages of the app. */
async function routeOf(context: ListenerContext, metadata: FormMetadata): Promise<Route> {
  const { slackUserId, responseUrl, channelId, openedAtMs } = metadata;
  const from = { responseUrl, openedAtMs, slackUserId };
  const nowMs = context.ports.now();
  if (channelId !== '') return chooseRoute({ ...from, channelId }, context, nowMs);
  const opened = await context.web.conversations.open({ users: slackUserId }).catch((error: unknown) => {
    context.ports.logger.warn({ err: error }, 'direct messages not opened');
    return undefined;
  });
  return chooseRoute({ ...from, channelId: opened?.channel?.id ?? slackUserId }, context, nowMs);
}
