import type { WebClient } from '@slack/web-api';
import type { Logger } from 'pino';
import type { Clock } from '../../application/ports/clock.ts';
import type { Installation } from '../../application/ports/slack.ts';
import { isRevokedToken, slackErrorCode } from './token-rejection.ts';

/** How long nothing is sent after Slack rejected the bot token. */
const PAUSE_MS = 10 * 60_000;

/**
 * Creates what Keysmith knows about its installation in the workspace. An event says when the app is uninstalled, but only one
 * process gets it, so every rejected message counts too.
 */
export function createInstallation(dependencies: {
  web: WebClient;
  monotonicMs: Clock['monotonicMs'];
  logger: Logger;
}): Installation {
  const { web, monotonicMs, logger } = dependencies;
  let rejectedAtMs: number | undefined;
  const noteFailure = (error: unknown) => {
    const code = slackErrorCode(error);
    if (code === undefined || !isRevokedToken(code)) return;
    if (rejectedAtMs === undefined) logger.error({ code }, 'Slack app uninstalled, nothing is sent');
    rejectedAtMs = monotonicMs();
  };
  const noteSuccess = () => {
    if (rejectedAtMs !== undefined) logger.info('Slack app installed again');
    rejectedAtMs = undefined;
  };
  return {
    isUninstalled: () => rejectedAtMs !== undefined,
    isPaused: () => rejectedAtMs !== undefined && monotonicMs() - rejectedAtMs < PAUSE_MS,
    noteFailure,
    noteSuccess,
    async check() {
      try {
        await web.auth.test();
        noteSuccess();
      } catch (error) {
        noteFailure(error);
        if (rejectedAtMs === undefined) throw error;
      }
    },
  };
}
