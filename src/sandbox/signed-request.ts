import { createHmac } from 'node:crypto';

export interface RequestSignature {
  signingSecret: string;
  /** The body exactly as it goes out. */
  body: string;
  timestampSeconds: number;
}

/**
 * The headers that Slack signs a request with, version 0.
 * @see https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
export function signRequest({ signingSecret, body, timestampSeconds }: RequestSignature): {
  'x-slack-request-timestamp': string;
  'x-slack-signature': string;
} {
  const signature = createHmac('sha256', signingSecret)
    .update(`v0:${timestampSeconds}:${body}`)
    .digest('hex');
  return {
    'x-slack-request-timestamp': String(timestampSeconds),
    'x-slack-signature': `v0=${signature}`,
  };
}
