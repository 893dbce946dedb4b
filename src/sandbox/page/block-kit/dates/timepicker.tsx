import { parseTime, type Time } from '@internationalized/date';
import type { Timepicker as TimepickerElement } from '@slack/types';
import { Group, TimeField } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import { ElementFrame } from '../elements/element-frame.tsx';
import { FieldLabel, FieldNotes } from '../elements/field-parts.tsx';
import { fieldProps, type Place } from '../form/place.ts';
import { useDraft } from '../form/use-draft.ts';
import { useElement } from '../form/use-element.ts';
import { DateSegments } from './date-control.tsx';

export function Timepicker({ element, place }: { element: TimepickerElement; place: Place }) {
  const { state, isBusy, change } = useElement(place, element.confirm);
  const held = state?.selected_time;
  const draft = useDraft<Time>({
    held: typeof held === 'string' ? parseTime(held) : null,
    waits: place.dispatches,
    // Slack's are hours and minutes, without the seconds.
    take: (time) =>
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
