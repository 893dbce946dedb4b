import type { Logger } from 'pino';

/** After this time, Slack shows the person an error of its own. */
const RESPOND_WITHIN_MS = 3_000;

/** Whether Slack still waits for the response to a request. A custom property of Bolt's context. */
export interface AwaitedResponse {
  isAwaited: () => boolean;
}

/**
 * Creates the property for a request that has just arrived.
 *
 * @param isOpen returns whether the request's connection is still open
 */
export function createAwaitedResponse(isOpen: () => boolean): AwaitedResponse {
  const receivedAtMs = performance.now();
  return { isAwaited: () => isOpen() && performance.now() - receivedAtMs < RESPOND_WITHIN_MS };
}

/**
 * Acknowledges a request. Never throws: the work must go on, although the person sees Slack's own error.
 *
 * @param context Bolt's, with the property of {@link AwaitedResponse}
 * @returns whether Slack received the response, as far as that can be known
 */
export async function acknowledge(
  ack: () => Promise<void>,
  { isAwaited }: Readonly<Record<string, unknown>>,
  logger: Logger,
): Promise<boolean> {
  const isInTime = typeof isAwaited !== 'function' || isAwaited() === true;
  try {
    await ack();
  } catch (error) {
    logger.warn({ err: error }, 'acknowledgement not sent');
    return false;
  }
  if (!isInTime) logger.warn('acknowledgement sent too late');
  return isInTime;
}
