import { FieldError, Label, Text } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import type { Place } from '../form/place.ts';

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
