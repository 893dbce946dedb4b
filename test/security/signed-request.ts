import { createHmac } from 'node:crypto';
import { FORM, type RawResponse, send } from '../send-request.ts';
import { type RunningWorkspace, SIGNING_SECRET } from '../world/running-workspace.ts';

export { FORM, type RawResponse, send };

/** Returns the headers with which Slack sends these bytes, including their signature. */
export function signedHeaders(
  body: string | Uint8Array,
  {
    timestampSeconds = Math.floor(Date.now() / 1000),
    secret = SIGNING_SECRET,
  }: { timestampSeconds?: number; secret?: string } = {},
): Record<string, string> {
  const digest = createHmac('sha256', secret).update(`v0:${timestampSeconds}:`).update(body).digest('hex');
  return {
    'content-type': FORM,
    'x-slack-request-timestamp': String(timestampSeconds),
    'x-slack-signature': `v0=${digest}`,
  };
}

/** Returns the headers of a signed event. */
export function jsonHeaders(
  body: string,
  signing?: { timestampSeconds?: number; secret?: string },
): Record<string, string> {
  return { ...signedHeaders(body, signing), 'content-type': 'application/json' };
}

/** Sends a form with a valid signature. */
export function sendSigned(
  url: string,
  body: string | Uint8Array,
  signing?: { timestampSeconds?: number; secret?: string },
): Promise<RawResponse> {
  return send(url, { headers: signedHeaders(body, signing), body });
}

export function payloadForm(payload: unknown): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}

export const ADA_ID = 'U0ADA00001';

export type GateClient = ReturnType<typeof createGateClient>;

/** Creates a client that sends requests to Keysmith as Slack does, signed at `nowSeconds` unless a test says otherwise. */
export function createGateClient(workspaceOf: () => RunningWorkspace, nowSeconds: number) {
  const url = () => `${workspaceOf().keysmith.url}/slack/events`;
  /** Returns a command that would have an effect: a response, or a recorded refusal. */
  const command = (text = 'help', more: Record<string, string> = {}) =>
    new URLSearchParams({
      command: '/wandb',
      text,
      user_id: ADA_ID,
      team_id: 'T0ACME0001',
      channel_id: 'C0MLPLAT01',
      channel_name: 'ml-platform',
      response_url: `${new URL(workspaceOf().slack.apiUrl).origin}/commands/T0ACME0001/1/unknown`,
      trigger_id: `1.${Math.random()}`,
      ...more,
    }).toString();
  return {
    url,
    nowSeconds,
    command,
    signed: (body: string | Uint8Array, timestampSeconds = nowSeconds) =>
      sendSigned(url(), body, { timestampSeconds }),
    /** Signs an event, or any other text, as JSON. */
    signedEvent: (event: unknown, timestampSeconds = nowSeconds) => {
      const body = typeof event === 'string' ? event : JSON.stringify(event);
      return send(url(), { headers: jsonHeaders(body, { timestampSeconds }), body });
    },
    /** Signs a body, then adds headers or replaces them. */
    withHeaders: (headers: Record<string, string | string[]>, body = command()) =>
      send(url(), {
        headers: { ...signedHeaders(body, { timestampSeconds: nowSeconds }), ...headers },
        body,
      }),
    /** Signs a command, then removes a header. */
    without: (name: string) => {
      const body = command();
      const { [name]: _, ...headers } = signedHeaders(body, { timestampSeconds: nowSeconds });
      return send(url(), { headers, body });
    },
  };
}

/** Returns the payload of a click, with other fields added or replaced. */
export function blockActions(more: object = {}) {
  return {
    type: 'block_actions',
    user: { id: ADA_ID, team_id: 'T0ACME0001' },
    team: { id: 'T0ACME0001' },
    container: { type: 'message', message_ts: '1.0', is_ephemeral: true },
    trigger_id: '1.2',
    actions: [{ type: 'button', action_id: 'nobody_knows', block_id: 'b' }],
    ...more,
  };
}

let events = 0;

/** Returns the event of an opened Home tab, each with an ID of its own. */
export function homeOpened() {
  events += 1;
  return {
    type: 'event_callback',
    team_id: 'T0ACME0001',
    event_id: `Ev0TEST${events}`,
    event: { type: 'app_home_opened', user: ADA_ID, tab: 'messages' },
  };
}

/** Returns the payload of a shortcut on a message. */
export function messageAction(message: object) {
  return {
    type: 'message_action',
    user: { id: ADA_ID, team_id: 'T0ACME0001' },
    team: { id: 'T0ACME0001', domain: 'acme' },
    callback_id: 'nobody_knows',
    trigger_id: '1.2',
    channel: { id: 'C0MLPLAT01' },
    message_ts: '1.0',
    message,
  };
}

/** A request, and the status and reason with which the gate must refuse it. */
export type RefusedRequest = [
  what: string,
  request: () => Promise<RawResponse>,
  status: number,
  reason: string,
];
