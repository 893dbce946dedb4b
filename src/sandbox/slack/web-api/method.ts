import type { SocketMode } from '../to-app/socket-mode.ts';
import type { SlackState } from '../workspace/slack-state.ts';

/** The arguments of a call, from a form or from JSON. */
export type Arguments = Record<string, unknown>;

export interface MethodContext extends SlackState {
  socketMode: SocketMode;
  /** `http://127.0.0.1:1234` */
  origin: () => string;
}

export type MethodResponse =
  | { ok: true; [field: string]: unknown }
  | { ok: false; error: string; [field: string]: unknown };

/** One Web API method: https://docs.slack.dev/reference/methods */
export interface Method {
  token: 'bot' | 'app' | 'none';
  /** One of these is enough; an empty list requires none. */
  scopes: string[];
  required: string[];
  run(args: Arguments, context: MethodContext): MethodResponse;
}

export function refused(error: string, more: Record<string, unknown> = {}): MethodResponse {
  return { ok: false, error, ...more };
}

export function invalidArguments(problems: string[]): MethodResponse {
  return refused('invalid_arguments', {
    response_metadata: {
      messages: problems.map((problem) => `[ERROR] ${problem}`),
    },
  });
}

export function missingScope(needed: string[], provided: string[]): MethodResponse {
  return refused('missing_scope', { needed: needed.join(','), provided: provided.join(',') });
}

export function text(args: Arguments, name: string): string | undefined {
  const value = args[name];
  return value === undefined || value === null ? undefined : String(value);
}

/** Whether an argument is set, in a form or in JSON. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true';
}
