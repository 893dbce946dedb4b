import type { AckFn, App, ViewResponseAction } from '@slack/bolt';
import { currentRequest, runInRequest } from '../../log/create-logger.ts';
import { settledWithin } from '../../net/deadline.ts';
import type { ButtonUsed, SlackEdge } from '../listeners/edge.ts';
import type { Listeners } from '../listeners/listeners.ts';
import {
  type ActionPayload,
  type BlockActionsPayload,
  blockActions,
  blockSuggestion,
  shortcut,
  slashCommand,
  viewSubmission,
} from '../listeners/payloads.ts';
import { type ForeignInteraction, refuseInteraction } from '../listeners/refuse-interaction.ts';
import { textView } from '../listeners/views/account-form-view.ts';
import type { SubmissionAnswer } from '../listeners/views/submit-account-form.ts';
import { notice } from '../messages/blocks.ts';
import { failureText } from '../messages/refusal-text.ts';
import type { ReplyTo } from '../web/reply.ts';

const ANYTHING = /[\s\S]*/;

/**
 * Registers the listeners with Bolt. Whatever arrives is acknowledged, runs tracked, and ends in words where it fails; what
 * nobody listens to is refused and recorded, instead of Bolt's 404 after three seconds.
 */
export function registerListeners(app: App, edge: SlackEdge, listeners: Listeners): void {
  app.use(async ({ next }) => {
    // Over HTTP the gate has given the request its ID already.
    await (currentRequest() ? next() : runInRequest({ requestId: edge.ports.newId('ks') }, next));
  });
  app.command(ANYTHING, async ({ ack, body }) => {
    await ack();
    await edge.work.track(onCommand(edge, listeners, body));
  });
  app.action(ANYTHING, async ({ ack, body }) => {
    await ack();
    await edge.work.track(onActions(edge, listeners, body));
  });
  app.view({ callback_id: ANYTHING, type: 'view_submission' }, async ({ ack, body }) => {
    await edge.work.track(onSubmission(edge, listeners, body, ack as AckFn<ViewResponseAction>));
  });
  app.view({ callback_id: ANYTHING, type: 'view_closed' }, async ({ ack }) => {
    await ack();
  });
  app.options(ANYTHING, async ({ ack, body }) => {
    await ack({
      options: await edge.work.track(onOptions(edge, listeners, body)),
    });
  });
  app.shortcut(ANYTHING, async ({ ack, body }) => {
    await ack();
    await edge.work.track(onShortcut(edge, body));
  });
}

async function onCommand(edge: SlackEdge, listeners: Listeners, body: unknown): Promise<void> {
  const payload = slashCommand.parse(body);
  const replyTo = {
    responseUrl: payload.response_url,
    channelId: payload.channel_id,
    slackUserId: payload.user_id,
  };
  await answering(edge, replyTo, async (requestId) => {
    const listener = own(listeners.commands, payload.command);
    if (listener !== undefined) return listener(edge, payload, requestId);
    return refuse(edge, replyTo, 'command_unknown', requestId, payload.command);
  });
}

async function onActions(edge: SlackEdge, listeners: Listeners, body: unknown): Promise<void> {
  const payload = blockActions.parse(body);
  for (const action of payload.actions) {
    const replyTo = replyToOf(payload);
    await answering(edge, replyTo, (requestId) =>
      onAction(edge, listeners, payload, action, replyTo, requestId),
    );
  }
}

async function onAction(
  edge: SlackEdge,
  listeners: Listeners,
  payload: BlockActionsPayload,
  action: ActionPayload,
  replyTo: ReplyTo,
  requestId: string,
): Promise<void> {
  const inView = payload.view ? own(listeners.viewElements, action.action_id) : undefined;
  if (inView !== undefined) return inView(edge, payload, action, requestId);
  const button = payload.view ? undefined : own(listeners.buttons, action.action_id);
  if (button === undefined) return refuse(edge, replyTo, 'action_unknown', requestId, action.action_id);
  const used: ButtonUsed = {
    replyTo,
    value: action.value ?? '',
    requestId,
    isOnOwnMessage: payload.container.is_ephemeral !== true,
  };
  return button(edge, used);
}

async function onSubmission(
  edge: SlackEdge,
  listeners: Listeners,
  body: unknown,
  ack: AckFn<ViewResponseAction>,
): Promise<void> {
  const requestId = requestIdOf(edge);
  const answer = await submissionAnswer(edge, listeners, body, requestId);
  switch (answer.kind) {
    case 'close':
      return ack();
    case 'errors':
      return ack({
        response_action: 'errors',
        errors: answer.errors as Record<string, string>,
      });
    case 'view':
      await ack({ response_action: 'update', view: answer.view });
      return answer.afterwards?.();
  }
}

async function submissionAnswer(
  edge: SlackEdge,
  listeners: Listeners,
  body: unknown,
  requestId: string,
): Promise<SubmissionAnswer> {
  try {
    const payload = viewSubmission.parse(body);
    const listener = own(listeners.submissions, payload.view.callback_id);
    if (listener !== undefined) return await listener(edge, payload, requestId);
    const words = await refuseInteraction(edge, {
      slackUserId: payload.user.id,
      reason: 'callback_unknown',
      requestId,
      what: payload.view.callback_id,
    });
    return { kind: 'view', view: textView(words, requestId) };
  } catch (error) {
    edge.ports.logger.error({ err: error }, 'the submission failed');
    return { kind: 'view', view: textView(failureText(error), requestId) };
  }
}

async function onOptions(edge: SlackEdge, listeners: Listeners, body: unknown) {
  try {
    const payload = blockSuggestion.parse(body);
    const listener = own(listeners.options, payload.action_id);
    if (listener !== undefined) {
      // Slack waits for three seconds; without options the menu says that there are none.
      return (await settledWithin(listener(edge, payload), edge.timing.answerWithinMs))?.value ?? [];
    }
    const requestId = requestIdOf(edge);
    await refuseInteraction(edge, {
      slackUserId: payload.user.id,
      reason: 'action_unknown',
      requestId,
      what: payload.action_id,
    });
  } catch (error) {
    edge.ports.logger.error({ err: error }, 'the options could not be given');
  }
  return [];
}

async function onShortcut(edge: SlackEdge, body: unknown): Promise<void> {
  const payload = shortcut.parse(body);
  const replyTo = {
    responseUrl: payload.response_url,
    channelId: undefined,
    slackUserId: payload.user.id,
  };
  await answering(edge, replyTo, (requestId) =>
    refuse(edge, replyTo, 'callback_unknown', requestId, payload.callback_id),
  );
}

/** Runs acknowledged work. Its failure is logged and told to the person, never thrown. */
async function answering(
  edge: SlackEdge,
  replyTo: ReplyTo,
  work: (requestId: string) => Promise<void>,
): Promise<void> {
  const requestId = requestIdOf(edge);
  try {
    await work(requestId);
  } catch (error) {
    edge.ports.logger.error({ err: error }, 'the interaction failed');
    await edge.reply.ephemeral(replyTo, notice(failureText(error), requestId));
  }
}

async function refuse(
  edge: SlackEdge,
  replyTo: ReplyTo,
  reason: ForeignInteraction,
  requestId: string,
  what: string,
): Promise<void> {
  const { slackUserId } = replyTo;
  const words = await refuseInteraction(edge, {
    slackUserId,
    reason,
    requestId,
    what,
  });
  await edge.reply.ephemeral(replyTo, notice(words, requestId));
}

function replyToOf(payload: BlockActionsPayload): ReplyTo {
  return {
    responseUrl: payload.response_url,
    channelId: payload.channel?.id,
    slackUserId: payload.user.id,
  };
}

function requestIdOf(edge: SlackEdge): string {
  return currentRequest()?.requestId ?? edge.ports.newId('ks');
}

/** A name that comes from outside is never looked up among what every object has. */
function own<Value>(table: Record<string, Value>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
