import { settledWithin } from '../../net/deadline.ts';

/** One line of the doctor's report. Never holds a secret. */
export interface Finding {
  /** `warning`: worth a look; `problem`: Keysmith won't work like this. */
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

/** What others say about themselves, such as the name of a workspace: one line, without control characters, not endless. */
export function plainText(value: unknown): string {
  return typeof value === 'string'
    ? value.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').slice(0, 80)
    : 'unknown';
}

/**
 * The findings of a check, or that it took too long or broke. A check that is still running is left behind; those that
 * call out get the same bound as an abort signal.
 */
export async function boundedCheck(
  subject: string,
  timeoutMs: number,
  check: () => Promise<Finding[]>,
): Promise<Finding[]> {
  try {
    const settled = await settledWithin(check(), timeoutMs);
    if (settled !== undefined) return settled.value;
    const text = `no answer within ${timeoutMs / 1000} s`;
    const remedy = 'Run the doctor again; if it stays, look at what this depends on.';
    return [{ mark: 'problem', subject, text, remedy }];
  } catch (error) {
    // Only the kind of the error: its message may quote what was sent.
    const kind = error instanceof Error ? error.name : typeof error;
    return [
      { mark: 'problem', subject, text: `the check itself failed (${kind})`, remedy: 'Please report this.' },
    ];
  }
}
