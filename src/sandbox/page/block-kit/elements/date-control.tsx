import './date.css';
import { type RefObject, useRef, useState } from 'react';
import {
  Button,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  DateInput,
  DateSegment,
  Dialog,
  Group,
  Heading,
  Popover,
} from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import '../selects/popup.css';

interface DateControlProps {
  control: RefObject<HTMLDivElement | null>;
  icon: 'calendar' | 'clock';
  /** Stands in the empty field until someone types there. */
  placeholder: string;
  isEmpty: boolean;
}

/** The box with a date's segments, and the button that opens the calendar. */
export function DateControl({ control, icon, placeholder, isEmpty }: DateControlProps) {
  return (
    <Group ref={control} className={isEmpty ? 'date-control empty' : 'date-control'}>
      <DateSegments />
      {isEmpty && (
        <span className="date-placeholder" aria-hidden="true">
          {placeholder}
        </span>
      )}
      <Button className="date-opener">
        <Icon name={icon} />
      </Button>
    </Group>
  );
}

/** Year, month, day, hour: each a field of its own to type in. */
export function DateSegments() {
  return (
    <DateInput className="date-segments">
      {(segment) => <DateSegment segment={segment} className="date-segment" />}
    </DateInput>
  );
}

export function CalendarPopover() {
  return (
    <Popover className="popup calendar-popup">
      <Dialog className="calendar-dialog">
        <Calendar className="calendar">
          <header className="calendar-header">
            <Button slot="previous" className="icon-button">
              <Icon name="chevron-left" />
            </Button>
            <Heading className="calendar-month" />
            <Button slot="next" className="icon-button">
              <Icon name="chevron-right" />
            </Button>
          </header>
          <CalendarGrid className="calendar-grid" weekdayStyle="short">
            <CalendarGridHeader>
              {(day) => <CalendarHeaderCell className="calendar-weekday">{day}</CalendarHeaderCell>}
            </CalendarGridHeader>
            <CalendarGridBody>
              {(date) => <CalendarCell date={date} className="calendar-day" />}
            </CalendarGridBody>
          </CalendarGrid>
        </Calendar>
      </Dialog>
    </Popover>
  );
}

interface DraftProps<T> {
  held: T | null;
  /** Whether a value is taken when the person is done with the field, rather than at every key. */
  waits: boolean;
  take: (value: T | null) => void;
}

/**
 * A date is complete many times while it is typed: with 2, 20, 202 and 2026 for its year. Where taking it tells the app,
 * that has to wait for the last one.
 */
export function useDraft<T extends { toString(): string }>({ held, waits, take }: DraftProps<T>) {
  const [draft, setDraft] = useState<{ value: T | null }>();
  const control = useRef<HTMLDivElement>(null);
  const settle = (): void => {
    if (!draft) return;
    setDraft(undefined);
    if (draft.value?.toString() !== held?.toString()) take(draft.value);
  };
  return {
    value: draft ? draft.value : held,
    /** Belongs to the element that has the segments inside. */
    control,
    edit: (value: T | null): void => {
      if (waits) setDraft({ value });
      else take(value);
    },
    /** The calendar was closed. */
    settle,
    /** The focus has left. What is incomplete then is no date. */
    leave: (): void => {
      const isIncomplete = control.current?.querySelector('[data-placeholder]') !== null;
      if (!isIncomplete) settle();
      else {
        setDraft(undefined);
        if (held !== null) take(null);
      }
    },
  };
}
