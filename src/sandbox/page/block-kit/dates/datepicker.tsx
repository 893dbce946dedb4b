import { type CalendarDate, parseDate } from '@internationalized/date';
import type { Datepicker as DatepickerElement } from '@slack/types';
import { DatePicker } from 'react-aria-components';
import { ElementFrame } from '../elements/element-frame.tsx';
import { FieldLabel, FieldNotes } from '../elements/field-parts.tsx';
import { fieldProps, type Place } from '../form/place.ts';
import { useDraft } from '../form/use-draft.ts';
import { useElement } from '../form/use-element.ts';
import { CalendarPopover } from './calendar-popover.tsx';
import { DateControl } from './date-control.tsx';

/** A date that can be typed, or picked from a calendar. */
export function Datepicker({ element, place }: { element: DatepickerElement; place: Place }) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const held = state?.selected_date;
  const draft = useDraft<CalendarDate>({
    held: typeof held === 'string' ? parseDate(held) : null,
    waits: place.dispatches,
    take: (date) => void change({ type: 'datepicker', selected_date: date?.toString() ?? null }),
  });
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <DatePicker
        {...fieldProps(place)}
        className="field date-field"
        granularity="day"
        value={draft.value}
        onChange={draft.edit}
        onBlur={draft.leave}
        onOpenChange={(isOpen) => isOpen || draft.settle()}
        autoFocus={element.focus_on_load === true}
      >
        <FieldLabel place={place} />
        <DateControl
          control={draft.control}
          icon="calendar"
          placeholder={element.placeholder?.text ?? 'Select a date'}
          isEmpty={draft.value === null}
        />
        <CalendarPopover />
        <FieldNotes place={place} />
      </DatePicker>
    </ElementFrame>
  );
}
