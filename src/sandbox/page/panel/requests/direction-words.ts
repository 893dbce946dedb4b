import type { Exchange } from '../../../slack/protocol/panel-protocol.ts';

/** Said instead of the arrow. */
export function directionWords(direction: Exchange['direction']): string {
  return direction === 'to_app' ? 'Slack to app' : 'App to Slack';
}
