import { NumberInput } from '../fields/number-input.tsx';
import { ErrorCodeField } from './error-code-field.tsx';
import type { FailureDraft } from './failure-draft.ts';

/** What the chosen kind of failure wants to know besides. */
export function KindDetail({
  draft,
  onChange,
}: {
  draft: FailureDraft;
  onChange: (changed: Partial<FailureDraft>) => void;
}) {
  switch (draft.kind) {
    case 'rate_limited':
      return (
        <NumberInput
          label="Retry-After, in seconds"
          value={draft.retryAfterSeconds}
          bounds={{ from: 1, to: 3600 }}
          onChange={(retryAfterSeconds) => onChange({ retryAfterSeconds })}
        />
      );
    case 'slow':
      return (
        <NumberInput
          label="Slow by, in seconds"
          value={draft.delaySeconds}
          bounds={{ from: 0.5, to: 120, step: 0.5 }}
          onChange={(delaySeconds) => onChange({ delaySeconds })}
        />
      );
    case 'error':
      return <ErrorCodeField value={draft.error} onChange={(error) => onChange({ error })} />;
    default:
      return null;
  }
}
