import { settledWithin } from '../../net/deadline.ts';

/** One line of the doctor's report. Never contains a secret. */
export interface Finding {
  /** `problem` if Keysmith can't work like this. */
  mark: 'ok' | 'warning' | 'problem';
  subject: string;
  text: string;
  /** What to do about it. */
  remedy?: string;
}

const signs = { ok: '✓', warning: '!', problem: '✗' } as const;

export function findingText({ mark, subject, text, remedy }: Finding): string {
  const line = `${signs[mark]} ${subject}: ${text}`;
  return remedy === undefined ? line : `${line}\n    ${remedy}`;
}

/** Returns text from elsewhere, such as a workspace's name, as one line of at most 80 characters without control characters. */
export function plainText(value: unknown): string {
  return typeof value === 'string'
    ? value.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').slice(0, 80)
    : 'unknown';
}

/**
 * Returns the findings of a check, or one that it timed out or failed. A check that times out isn't cancelled; its calls have
 * timeouts of their own.
 */
export async function boundedCheck(
  subject: string,
  timeoutMs: number,
  check: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    const settled = await settledWithin(check(), timeoutMs);
    if (settled !== undefined) return settled.value;
    const text = `timed out after ${timeoutMs / 1000} s`;
    const remedy = 'Run doctor again. If it persists, check the service this depends on.';
    return [{ mark: 'problem', subject, text, remedy }];
  } catch (error) {
    // Only the error's name: its message may quote what was sent.
    const kind = error instanceof Error ? error.name : typeof error;
    return [
      {
        mark: 'problem',
        subject,
        text: `the check failed unexpectedly (${kind})`,
        remedy: 'Please report this.',
      },
    ];
  }
}

/** Returns why a request failed. Only the error's code: its message may quote the request. */
export function failureText(error: unknown): string {
  if (error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError')) {
    return 'timed out';
  }
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  return /^[A-Z][A-Z0-9_]{2,60}$/.test(code) ? `can’t be reached (${code})` : 'can’t be reached';
}
