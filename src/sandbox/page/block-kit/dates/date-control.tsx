import './date.css';
import type { RefObject } from 'react';
import { Button, DateInput, DateSegment, Group } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';

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
