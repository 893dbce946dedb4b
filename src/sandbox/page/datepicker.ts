import type { Datepicker } from '@slack/types';
import { make } from './dom.ts';
import { change, controlAttributes, type Place } from './surface.ts';

export function drawDatepicker(element: Datepicker, place: Place): HTMLElement {
  const input = make('input', {
    type: 'date',
    class: 'datepicker',
    ...controlAttributes(place),
  });
  const draw = (): void => {
    const state = place.surface.values.get(place.blockId, place.actionId);
    input.value = String(state?.selected_date ?? '');
  };
  input.addEventListener('change', async () => {
    const state = { type: 'datepicker', selected_date: input.value || null };
    if (!(await change(place, state, input, element.confirm))) draw();
  });
  draw();
  return input;
}
