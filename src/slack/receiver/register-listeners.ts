import type { AckFn, App, ViewResponseAction } from '@slack/bolt';
import { z } from 'zod';
import { currentRequest, runInRequest } from '../../log/create-logger.ts';
import { settledWithin } from '../../net/deadline.ts';
import { refreshOriginOf } from '../listeners/accounts/refresh-message.ts';
import type { ListenerContext } from '../listeners/listener-context.ts';
import type { Listeners } from '../listeners/listeners.ts';
import {
  type ActionPayload,
  type BlockActionsPayload,
  blockActions,
  blockSuggestion,
  globalShortcut,
  messageShortcut,
  slashCommand,
  viewSubmission,
} from '../listeners/payloads.ts';
import { refuseInteraction, type UnknownInteraction } from '../listeners/refuse-interaction.ts';
import { textView } from '../listeners/views/account-form-view.ts';
import { type SubmissionResponse, textResponse } from '../listeners/views/submission-response.ts';
import { notice } from '../messages/blocks.ts';
import { failureText } from '../messages/failures/refusal-text.ts';
import type { ReplyTo } from '../web/reply.ts';
import { acknowledge } from './acknowledge.ts';
import { createEventFilter, receiveEvent } from './receive-event.ts';

const ANY = /[\s\S]*/;

/**
 * Registers the listeners with Bolt. Each request is acknowledged and its work tracked, and each failure ends in a message
 * to the person. An interaction without a listener is refused and recorded; Bolt would return 404 after three seconds.
 */
export function registerListeners(app: App, context: ListenerContext, listeners: Listeners): void {
  const { work } = context;
  app.use(async ({ next }) => {
    // Over HTTP, the request gate has already assigned an ID.
    await (currentRequest() ? next() : runInRequest({ requestId: context.ports.newId('ks') }, next));
  });
  const { logger } = context.ports;
  app.command(ANY, async ({ ack, body, context: request }) => {
    await acknowledge(ack, request, logger);
    await work.track(onCommand(context, listeners, body));
  });
  app.action(ANY, async ({ ack, body, context: request }) => {
    await acknowledge(ack, request, logger);
    await work.track(onActions(context, listeners, body));
  });
  app.view({ callback_id: ANY, type: 'view_submission' }, async ({ ack, body, context: request }) => {
    const respond = (response?: ViewResponseAction) =>
      acknowledge(() => (ack as AckFn<ViewResponseAction>)(response), request, logger);
    await work.track(onSubmission(context, listeners, body, respond));
  });
  app.view({ callback_id: ANY, type: 'view_closed' }, async ({ ack, context: request }) => {
    await acknowledge(ack, request, logger);
  });
  app.options(ANY, async ({ ack, body, context: request }) => {
    const options = await work.track(onOptions(context, listeners, body));
    await acknowledge(() => ack({ options }), request, logger);
  });
  app.shortcut(ANY, async ({ ack, body, context: request }) => {
    await acknowledge(ack, request, logger);
    await work.track(onShortcut(context, listeners, body));
  });
  const isNewEvent = createEventFilter();
  // Bolt acknowledges events itself.
  app.event(ANY, async ({ body }) => {
    await work.track(receiveEvent(context, listeners, body, isNewEvent));
  });
}

async function onCommand(context: ListenerContext, listeners: Listeners, body: unknown): Promise<void> {
  const payload = slashCommand.parse(body);
  const replyTo = {
    responseUrl: payload.response_url,
    channelId: payload.channel_id,
    slackUserId: payload.user_id,
  };
  await reportingFailure(context, replyTo, async (requestId) => {
    const listener = ownValue(listeners.commands, payload.command);
    if (listener !== undefined) return listener(context, payload, requestId);
    return refuse(context, replyTo, { reason: 'command_unknown', requestId, id: payload.command });
  });
}

async function onActions(context: ListenerContext, listeners: Listeners, body: unknown): Promise<void> {
  const payload = blockActions.parse(body);
  const replyTo = {
    responseUrl: payload.response_url,
    channelId: payload.channel?.id,
    slackUserId: payload.user.id,
    view: replyView(payload),
  };
  for (const action of payload.actions) {
    await reportingFailure(context, replyTo, (requestId) =>
      onAction(context, listeners, { payload, action, replyTo, requestId }),
    );
  }
}

function replyView({ view, trigger_id: triggerId }: BlockActionsPayload): ReplyTo['view'] {
  if (!view || triggerId === undefined) return undefined;
  return { triggerId, overViewId: view.type === 'modal' ? view.id : undefined };
}

async function onAction(
  context: ListenerContext,
  listeners: Listeners,
  received: { payload: BlockActionsPayload; action: ActionPayload; replyTo: ReplyTo; requestId: string },
): Promise<void> {
  const { payload, action, replyTo, requestId } = received;
  const viewAction = payload.view ? ownValue(listeners.viewActions, action.action_id) : undefined;
  if (viewAction !== undefined) return viewAction(context, payload, action, requestId);
  const button = ownValue(payload.view ? listeners.viewButtons : listeners.buttons, action.action_id);
  if (button === undefined) {
    return refuse(context, replyTo, { reason: 'action_unknown', requestId, id: action.action_id });
  }
  await button(context, {
    replyTo,
    value: action.selected_option?.value ?? action.value ?? '',
    requestId,
    triggerId: payload.trigger_id,
    blockId: payload.view?.type === 'home' ? undefined : action.block_id,
    isOnOwnMessage: !payload.view && payload.container.is_ephemeral !== true,
    view: payload.view ?? undefined,
  });
  await context.homes.refresh(replyTo.slackUserId);
}

/** @param respond resolves with whether Slack received the response */
async function onSubmission(
  context: ListenerContext,
  listeners: Listeners,
  body: unknown,
  respond: (response?: ViewResponseAction) => Promise<boolean>,
): Promise<void> {
  const response = await submissionResponse(context, listeners, body);
  const isReceived = await respond(responseAction(response));
  if (isReceived) await response.afterwards?.();
  // The form is still open, and Slack shows an error of its own in it.
  else await response.instead();
  const submitted = viewSubmission.safeParse(body);
  if (!submitted.success) return;
  if (response.kind !== 'errors') await refreshOriginOf(context, submitted.data, requestIdOf(context));
  await context.homes.refresh(submitted.data.user.id);
}

function responseAction(response: SubmissionResponse): ViewResponseAction | undefined {
  switch (response.kind) {
    case 'close':
      return undefined;
    case 'errors':
      return { response_action: 'errors', errors: response.errors as Record<string, string> };
    case 'view':
      return { response_action: 'update', view: response.view };
  }
}

/** Where no form is known that a text replaces. */
const APP_TITLE = 'Keysmith';

async function submissionResponse(
  context: ListenerContext,
  listeners: Listeners,
  body: unknown,
): Promise<SubmissionResponse> {
  const requestId = requestIdOf(context);
  const parsed = viewSubmission.safeParse(body);
  try {
    const payload = parsed.success ? parsed.data : viewSubmission.parse(body);
    const { callback_id: id } = payload.view;
    const listener = ownValue(listeners.submissions, id);
    if (listener !== undefined) return await listener(context, payload, requestId);
    const slackUserId = payload.user.id;
    const text = await refuseInteraction(context, {
      slackUserId,
      reason: 'callback_unknown',
      requestId,
      id,
    });
    return textResponse(context, payload, { title: APP_TITLE, text }, requestId);
  } catch (error) {
    context.ports.logger.error({ err: error }, 'view submission failed');
    const text = failureText(error);
    return parsed.success
      ? textResponse(context, parsed.data, { title: APP_TITLE, text }, requestId)
      : { kind: 'view', view: textView(text, requestId, APP_TITLE), instead: async () => {} };
  }
}

async function onOptions(context: ListenerContext, listeners: Listeners, body: unknown) {
  try {
    const payload = blockSuggestion.parse(body);
    const { action_id: id } = payload;
    const listener = ownValue(listeners.options, id);
    if (listener !== undefined) {
      // Slack waits three seconds; without options, the menu shows that nothing was found.
      const options = await settledWithin(listener(context, payload), context.timing.respondWithinMs);
      return options?.value ?? [];
    }
    const requestId = requestIdOf(context);
    await refuseInteraction(context, {
      slackUserId: payload.user.id,
      reason: 'action_unknown',
      requestId,
      id,
    });
  } catch (error) {
    context.ports.logger.error({ err: error }, 'options request failed');
  }
  return [];
}

async function onShortcut(context: ListenerContext, listeners: Listeners, body: unknown): Promise<void> {
  const payload = z.discriminatedUnion('type', [globalShortcut, messageShortcut]).parse(body);
  const { callback_id: id } = payload;
  const isOnMessage = payload.type === 'message_action';
  const replyTo = {
    responseUrl: isOnMessage ? payload.response_url : undefined,
    channelId: isOnMessage ? payload.channel?.id : undefined,
    slackUserId: payload.user.id,
  };
  await reportingFailure(context, replyTo, async (requestId) => {
    if (isOnMessage) {
      const listener = ownValue(listeners.messageShortcuts, id);
      if (listener !== undefined) return listener(context, payload, requestId);
    } else {
      const listener = ownValue(listeners.shortcuts, id);
      if (listener !== undefined) return listener(context, payload, requestId);
    }
    return refuse(context, replyTo, { reason: 'callback_unknown', requestId, id });
  });
}

/** Runs work that Slack has already acknowledged. A failure is logged and sent to the person, never thrown. */
async function reportingFailure(
  context: ListenerContext,
  replyTo: ReplyTo,
  work: (requestId: string) => Promise<void>,
): Promise<void> {
  const requestId = requestIdOf(context);
  try {
    await work(requestId);
  } catch (error) {
    context.ports.logger.error({ err: error }, 'interaction failed');
    await context.reply.ephemeral(replyTo, notice(failureText(error), requestId));
  }
}

async function refuse(
  context: ListenerContext,
  replyTo: ReplyTo,
  unknown: { reason: UnknownInteraction; requestId: string; id: string },
): Promise<void> {
  const text = await refuseInteraction(context, { slackUserId: replyTo.slackUserId, ...unknown });
  await context.reply.ephemeral(replyTo, notice(text, unknown.requestId));
}

function requestIdOf(context: ListenerContext): string {
  return currentRequest()?.requestId ?? context.ports.newId('ks');
}

/** Names come from outside: `constructor` must not find what every object inherits. */
function ownValue<Value>(table: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
