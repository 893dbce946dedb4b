import type { ReactNode } from 'react';
import { FieldError, Label, Text } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import type { Surface } from './surface.ts';

/** Where an element is on its surface, and how it is labelled. */
export interface Place {
  surface: Surface;
  blockId: string;
  actionId: string;
  /** The accessible name of an element without a visible label. */
  name: string;
  /** Overrides `name`: the ID of the text beside the element. */
  namedBy?: string;
  /** Set for the element of an input block. */
  field?: Field;
  /** Whether every change is sent to the app immediately. */
  dispatches: boolean;
}

interface Field {
  label: string;
  hint: string | undefined;
  isRequired: boolean;
  error: string | undefined;
}

/** Returns the props that every React Aria field takes: its name and its validation state. */
export function fieldProps({ name, namedBy, field }: Place) {
  return {
    validationBehavior: 'aria' as const,
    isInvalid: field?.error !== undefined,
    isRequired: field?.isRequired ?? false,
    ...(field ? {} : namedBy === undefined ? { 'aria-label': name } : { 'aria-labelledby': namedBy }),
  };
}

/** The label above the element of an input block; nothing for other elements. */
export function FieldLabel({ place: { field }, id }: { place: Place; id?: string }) {
  if (!field) return null;
  return (
    <Label className="label" {...(id === undefined ? {} : { id })}>
      {field.label}
      {field.isRequired ? null : <span className="optional"> (optional)</span>}
    </Label>
  );
}

/** The error and the hint below the element of an input block. */
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

/** Wraps an element and marks it busy while the app handles its action. */
export function ElementFrame({ place, isBusy, children }: ElementFrameProps) {
  return (
    <div className="element" data-action-id={place.actionId} aria-busy={isBusy || undefined}>
      {children}
    </div>
  );
}
