import '../selects/popup.css';
import {
  Button,
  Calendar,
  CalendarCell,
  CalendarGrid,
  CalendarGridBody,
  CalendarGridHeader,
  CalendarHeaderCell,
  Dialog,
  Heading,
  Popover,
} from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';

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
