import { LogLevel, type Logger as SlackLogger } from '@slack/bolt';
import type { Logger } from 'pino';

/** Lets Bolt, WebClient and Socket Mode write through the app's own logger, so that its redaction holds for them too. */
export function createSlackLogger(logger: Logger): SlackLogger {
  return {
    debug: (...parts) => logger.debug(lineOf(parts)),
    info: (...parts) => logger.info(lineOf(parts)),
    warn: (...parts) => logger.warn(lineOf(parts)),
    error: (...parts) => logger.error(lineOf(parts)),
    setLevel: () => {},
    getLevel: () => (logger.isLevelEnabled('debug') ? LogLevel.DEBUG : LogLevel.INFO),
    setName: () => {},
  };
}

function lineOf(parts: readonly unknown[]): string {
  return parts.map((part) => (typeof part === 'string' ? part : inspected(part))).join(' ');
}

function inspected(part: unknown): string {
  if (part instanceof Error) return part.stack ?? part.message;
  try {
    return JSON.stringify(part) ?? String(part);
  } catch {
    return String(part);
  }
}
