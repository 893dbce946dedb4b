import '../selects/popup.css';
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

interface DateControlProps {
  control: RefObject<HTMLDivElement | null>;
  icon: 'calendar' | 'clock';
  /** Shown while the field is empty. */
  placeholder: string;
  isEmpty: boolean;
}

/** A date field: its segments and the button that opens the calendar. */
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
  committed: T | null;
  /** Whether a value is committed when the person leaves the field, rather than at every keystroke. */
  commitsOnLeave: boolean;
  commit: (value: T | null) => void;
}

/**
 * Holds back the value of a date field while it is being typed. A date is already complete with 2, 20 and 202 as
 * its year, and a field that dispatches must not send those to the app.
 */
export function useDraft<T extends { toString(): string }>({
  committed,
  commitsOnLeave,
  commit,
}: DraftProps<T>) {
  const [draft, setDraft] = useState<{ value: T | null }>();
  const control = useRef<HTMLDivElement>(null);
  const settle = (): void => {
    if (!draft) return;
    setDraft(undefined);
    if (draft.value?.toString() !== committed?.toString()) commit(draft.value);
  };
  return {
    value: draft ? draft.value : committed,
    /** Goes on the element that contains the segments. */
    control,
    edit: (value: T | null): void => {
      if (commitsOnLeave) setDraft({ value });
      else commit(value);
    },
    /** Commits the draft; called when the calendar closes. */
    settle,
    /** Called when the field loses the focus. An incomplete date counts as none. */
    leave: (): void => {
      const isIncomplete = control.current?.querySelector('[data-placeholder]') !== null;
      if (!isIncomplete) settle();
      else {
        setDraft(undefined);
        if (committed !== null) commit(null);
      }
    },
  };
}
