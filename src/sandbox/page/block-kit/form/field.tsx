import type { ReactNode } from 'react';
import { FieldError, Label, Text } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
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

/** The label above an input block's element; nothing for elements that stand elsewhere. */
export function FieldLabel({ place: { field }, id }: { place: Place; id?: string }) {
  if (!field) return null;
  return (
    <Label className="label" {...(id === undefined ? {} : { id })}>
      {field.label}
      {field.isRequired ? null : <span className="optional"> (optional)</span>}
    </Label>
  );
}

/** What stands below an input block's element: what is wrong with it, and its hint. */
export function FieldNotes({ place: { field } }: { place: Place }) {
  if (!field) return null;
  return (
    <>
      <FieldError className="field-error">
        <Icon name="warning" />
        <span>{field.error}</span>
      </FieldError>
      {field.hint === undefined ? null : (
        <Text slot="description" className="hint">
          {field.hint}
        </Text>
      )}
    </>
  );
}

interface ElementFrameProps {
  place: Place;
  isBusy: boolean;
  children: ReactNode;
}

/** Marks where an element stands, and whether the app is being told of it. */
export function ElementFrame({ place, isBusy, children }: ElementFrameProps) {
  return (
    <div className="element" data-action-id={place.actionId} aria-busy={isBusy || undefined}>
      {children}
    </div>
  );
}
