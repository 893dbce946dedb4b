import type { Surface } from './surface.ts';

/** An element's place on a surface. */
export interface Place {
  surface: Surface;
  blockId: string;
  actionId: string;
  /** Accessible name where no visible label belongs to the element. */
  name: string;
  /** Instead of `name`: the ID of the text that the element stands beside. */
  namedBy?: string;
  /** Set for an input block's element. */
  field?: Field;
  /** Whether a change is told to the app at once. */
  dispatches: boolean;
}

interface Field {
  label: string;
  hint: string | undefined;
  isRequired: boolean;
  error: string | undefined;
}

/** What every field of React Aria takes: its name, and how it stands with its errors. */
export function fieldProps({ name, namedBy, field }: Place) {
  return {
    validationBehavior: 'aria' as const,
    isInvalid: field?.error !== undefined,
    isRequired: field?.isRequired ?? false,
    ...(field ? {} : namedBy === undefined ? { 'aria-label': name } : { 'aria-labelledby': namedBy }),
  };
}
