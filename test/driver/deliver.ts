import type { SlackParts } from '../../src/sandbox/slack/local-slack.ts';
import type { AppResponse } from '../../src/sandbox/slack/protocol/app-response.ts';
import { encodeRequest, type RawRequest, type Signing } from '../../src/sandbox/slack/to-app/app-requests.ts';
import {
  commandFields,
  type InteractionPayload,
  interactionFields,
} from '../../src/sandbox/slack/to-app/interaction-payloads.ts';
import type { TrafficRecord } from '../../src/sandbox/slack/traffic/traffic.ts';
import type { SlackState } from '../../src/sandbox/slack/workspace/slack-state.ts';

/**
 * A request to the app: a raw body, the payload of an interaction, or the fields of a command. With `as`, missing fields
 * are filled in as Slack would for that person.
 */
export type Deliverable =
  | string
  | { payload: Partial<InteractionPayload> | null }
  /** Repeats a request byte for byte, with its old timestamp and signature. */
  | { again: TrafficRecord }
  | { command: string; text?: string; [field: string]: string | undefined };

export interface Delivery {
  /** A name or user ID. */
  as?: string;
  /** The ID of a conversation, for commands; default: the direct message with the app. */
  conversation?: string;
  /** Overrides Slack's signature; `false` sends none. */
  sign?: Signing | false;
  contentType?: string;
  headers?: Record<string, string>;
}

/** Sends the app any request, including those that Slack would never send. */
export function deliver(
  { state, appRequests }: Pick<SlackParts, 'state' | 'appRequests'>,
  request: Deliverable,
  delivery: Delivery = {},
): Promise<AppResponse> {
  if (typeof request === 'object' && 'again' in request) {
    const { method, body, payload, headers } = request.again as TrafficRecord;
    return appRequests.sendRaw({ method, body, payload, sign: false, headers });
  }
  const { sign, contentType, headers } = delivery;
  return appRequests.sendRaw({
    ...encode(state, request, delivery),
    ...(sign !== undefined && { sign }),
    ...(contentType !== undefined && { contentType }),
    ...(headers && { headers }),
  });
}

function encode(
  state: SlackState,
  request: Exclude<Deliverable, { again: TrafficRecord }>,
  delivery: Delivery,
): RawRequest {
  if (typeof request === 'string') return { method: 'raw', body: request, payload: request };
  const person = delivery.as === undefined ? undefined : state.workspace.person(delivery.as);
  if (delivery.as !== undefined && !person) throw new Error(`No such person: ${delivery.as}`);
  if ('payload' in request) {
    const payload = request.payload as InteractionPayload | null;
    const filled = person && payload ? { ...interactionFields(state, person), ...payload } : payload;
    const body = new URLSearchParams({ payload: JSON.stringify(filled) }).toString();
    return { method: payload?.type ?? 'raw', body, payload: filled };
  }
  const given = Object.entries(request).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const fields = Object.fromEntries(given);
  const conversation =
    delivery.conversation === undefined
      ? person && state.workspace.directMessageWithApp(person.id)
      : state.workspace.conversation(delivery.conversation);
  const filled =
    person && conversation
      ? commandFields(state, person, conversation, { command: request.command, text: request.text ?? '' })
      : {};
  return encodeRequest({
    kind: 'slash_command',
    fields: { ...filled, ...fields },
  });
}
