import {
  type CalendarDate,
  type CalendarDateTime,
  fromAbsolute,
  getLocalTimeZone,
  parseDate,
  parseTime,
  type Time,
  toCalendarDateTime,
} from '@internationalized/date';
import type {
  Datepicker as DatepickerElement,
  DateTimepicker,
  Timepicker as TimepickerElement,
} from '@slack/types';
import { DatePicker, Group, TimeField } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import { ElementFrame, FieldLabel, FieldNotes, fieldProps, type Place } from '../form/field.tsx';
import { useElement } from '../form/use-element.tsx';
import { CalendarPopover, DateControl, DateSegments, useDraft } from './date-control.tsx';

export function Datepicker({ element, place }: { element: DatepickerElement; place: Place }) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const selected = state?.selected_date;
  const draft = useDraft<CalendarDate>({
    committed: typeof selected === 'string' ? parseDate(selected) : null,
    commitsOnLeave: place.dispatches,
    commit: (date) => void change({ type: 'datepicker', selected_date: date?.toString() ?? null }),
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

export function Timepicker({ element, place }: { element: TimepickerElement; place: Place }) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const selected = state?.selected_time;
  const draft = useDraft<Time>({
    committed: typeof selected === 'string' ? parseTime(selected) : null,
    commitsOnLeave: place.dispatches,
    // Slack's format is `HH:mm`, without seconds.
    commit: (time) =>
      void change({ type: 'timepicker', selected_time: time ? time.toString().slice(0, 5) : null }),
  });
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <TimeField
        {...fieldProps(place)}
        className="field date-field"
        granularity="minute"
        value={draft.value}
        onChange={draft.edit}
        onBlur={draft.leave}
        autoFocus={element.focus_on_load === true}
      >
        <FieldLabel place={place} />
        <Group ref={draft.control} className={draft.value === null ? 'date-control empty' : 'date-control'}>
          <DateSegments />
          {draft.value === null && (
            <span className="date-placeholder" aria-hidden="true">
              {element.placeholder?.text ?? 'Select a time'}
            </span>
          )}
          {element.timezone && <span className="time-zone">{element.timezone}</span>}
          <Icon name="clock" />
        </Group>
        <FieldNotes place={place} />
      </TimeField>
    </ElementFrame>
  );
}

/** Shows the time in the browser's time zone. */
export function Datetimepicker({ element, place }: { element: DateTimepicker; place: Place }) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const selected = state?.selected_date_time;
  const draft = useDraft<CalendarDateTime>({
    committed: typeof selected === 'number' ? momentOf(selected) : null,
    commitsOnLeave: place.dispatches,
    commit: (moment) =>
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
