import type { AppAnswer } from '../protocol/app-answer.ts';
import type { TrafficRecord } from '../traffic/traffic.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import { type AppRequests, encodeRequest, type RawRequest, type Signing } from './app-requests.ts';
import { commandFields, type InteractionPayload, interactionFields } from './interaction-payloads.ts';

/**
 * What to send the app: a body as it stands, an interaction's payload, or a command's fields. With `as`, what a payload
 * or the fields leave out is filled in as Slack would for that person.
 */
export type Deliverable =
  | string
  | { payload: Partial<InteractionPayload> | null }
  /** The same request once more, byte for byte, with its old time stamp and signature. */
  | { again: TrafficRecord }
  | { command: string; text?: string; [field: string]: string | undefined };

export interface Delivery {
  /** A name or user ID. */
  as?: string;
  /** A conversation's ID, for commands; default: the direct message with the app. */
  conversation?: string;
  /** How it is signed; `false`: not at all. Default: as Slack does. */
  sign?: Signing | false;
  contentType?: string;
  headers?: Record<string, string>;
}

export function deliver(
  { state, appRequests }: { state: SlackState; appRequests: AppRequests },
  request: Deliverable,
  delivery: Delivery = {},
): Promise<AppAnswer> {
  if (typeof request === 'object' && 'again' in request) {
    return appRequests.sendRaw(again(request.again as TrafficRecord));
  }
  const { sign, contentType, headers } = delivery;
  return appRequests.sendRaw({
    ...encoded(state, request, delivery),
    ...(sign !== undefined && { sign }),
    ...(contentType !== undefined && { contentType }),
    ...(headers && { headers }),
  });
}

function again({ method, body, payload, headers }: TrafficRecord): RawRequest {
  return { method, body, payload, sign: false, headers };
}

function encoded(
  state: SlackState,
  request: Exclude<Deliverable, { again: TrafficRecord }>,
  delivery: Delivery,
): RawRequest {
  if (typeof request === 'string') return { method: 'raw', body: request, payload: request };
  const person = delivery.as === undefined ? undefined : state.workspace.person(delivery.as);
  if (delivery.as !== undefined && !person) throw new Error(`There is no person ${delivery.as}`);
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
