import { createHmac } from 'node:crypto';
import { FORM, type RawAnswer, send } from '../send-request.ts';
import { SIGNING_SECRET } from '../world/running-workspace.ts';

export { FORM, type RawAnswer, send };

/** The headers of a request as Slack sends it, signed over exactly these bytes. */
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

/** A form with its right signature. */
export function sendSigned(
  url: string,
  body: string | Uint8Array,
  signing?: { timestampSeconds?: number; secret?: string },
): Promise<RawAnswer> {
  return send(url, { headers: signedHeaders(body, signing), body });
}

export function payloadForm(payload: unknown): string {
  return new URLSearchParams({ payload: JSON.stringify(payload) }).toString();
}
