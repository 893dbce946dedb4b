import {
  type CalendarDateTime,
  fromAbsolute,
  getLocalTimeZone,
  toCalendarDateTime,
} from '@internationalized/date';
import type { DateTimepicker } from '@slack/types';
import { DatePicker } from 'react-aria-components';
import { ElementFrame } from '../elements/element-frame.tsx';
import { FieldLabel, FieldNotes } from '../elements/field-parts.tsx';
import { fieldProps, type Place } from '../form/place.ts';
import { useDraft } from '../form/use-draft.ts';
import { useElement } from '../form/use-element.ts';
import { CalendarPopover } from './calendar-popover.tsx';
import { DateControl } from './date-control.tsx';

/** A moment, in the person's own time zone. */
export function Datetimepicker({ element, place }: { element: DateTimepicker; place: Place }) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const held = state?.selected_date_time;
  const draft = useDraft<CalendarDateTime>({
    held: typeof held === 'number' ? momentOf(held) : null,
    waits: place.dispatches,
    take: (moment) =>
      void change({ type: 'datetimepicker', selected_date_time: moment && secondsOf(moment) }),
  });
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <DatePicker
        {...fieldProps(place)}
        className="field date-field"
        granularity="minute"
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
          placeholder="Select a date and time"
          isEmpty={draft.value === null}
        />
        <CalendarPopover />
        <FieldNotes place={place} />
      </DatePicker>
    </ElementFrame>
  );
}

function momentOf(seconds: number): CalendarDateTime {
  return toCalendarDateTime(fromAbsolute(seconds * 1_000, getLocalTimeZone()));
}

function secondsOf(moment: CalendarDateTime): number {
  return Math.floor(moment.toDate(getLocalTimeZone()).getTime() / 1_000);
}
