import { parseBoundedJson } from '../../net/json-bounds.ts';
import { anyEvent, eventCallback, isKnownEvent, urlVerification } from '../listeners/event-payloads.ts';
import { interaction, slashCommand } from '../listeners/payloads.ts';

/**
 * What a signed body contains: `body` for Bolt, a `challenge` to return, nothing that Keysmith reads (`ignored`: the type), or a
 * `problem`.
 */
export type ReadRequest =
  | { body: Buffer }
  | { challenge: string }
  | { ignored: string }
  | { problem: string };

/** Bolt crashes or hangs on some signed bodies, so it gets a new body that contains only the validated fields. */
export function readForm(form: URLSearchParams): ReadRequest {
  const fields = Object.fromEntries(form);
  // Parsers differ in which of two equal fields they use.
  if (Object.keys(fields).length !== form.size) return { problem: 'field_repeated' };
  if (fields.payload === undefined) {
    const command = slashCommand.safeParse(fields);
    return command.success ? { body: encoded(command.data) } : { problem: 'command_shape' };
  }
  const json = parseBoundedJson(fields.payload);
  if (!json.ok) return { problem: json.reason === 'not_json' ? 'payload_json' : 'payload_shape' };
  const payload = interaction.safeParse(json.value);
  return payload.success
    ? { body: encoded({ payload: JSON.stringify(payload.data) }) }
    : { problem: 'payload_shape' };
}

function encoded(fields: Record<string, string>): Buffer {
  return Buffer.from(new URLSearchParams(fields).toString());
}

/** Reads a JSON body, in which Slack sends events and its check of the request URL. */
export function readEvent(text: string): ReadRequest {
  const json = parseBoundedJson(text);
  if (!json.ok) return { problem: json.reason === 'not_json' ? 'event_json' : 'event_shape' };
  const verification = urlVerification.safeParse(json.value);
  if (verification.success) return { challenge: verification.data.challenge };
  const received = anyEvent.safeParse(json.value);
  if (!received.success) return { problem: 'event_shape' };
  // An error would make Slack send it again, and in the end send no events at all.
  if (received.data.type === 'app_rate_limited') return { ignored: received.data.type };
  const { type } = received.data.event;
  if (!isKnownEvent(type)) return { ignored: type };
  const known = eventCallback.safeParse(json.value);
  return known.success ? { body: Buffer.from(JSON.stringify(known.data)) } : { problem: 'event_shape' };
}
