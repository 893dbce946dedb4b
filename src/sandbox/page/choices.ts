import type { Checkboxes, Option, RadioButtons } from '@slack/types';
import { make, newId } from './dom.ts';
import { change, groupAttributes, type Place } from './surface.ts';
import { drawText } from './text-object.ts';

export function drawRadioButtons(element: RadioButtons, place: Place): HTMLElement {
  const group = make('div', {
    class: 'choices',
    role: 'radiogroup',
    ...groupAttributes(place),
  });
  const name = newId('radio');
  const draw = (): void => {
    const chosen = selected(place)[0];
    for (const [index, input] of inputsOf(group).entries()) {
      input.checked = element.options[index]?.value === chosen?.value;
    }
  };
  for (const option of element.options) {
    const input = make('input', { type: 'radio', name, value: option.value });
    input.addEventListener('change', async () => {
      const state = { type: 'radio_buttons', selected_option: option };
      if (!(await change(place, state, group, element.confirm))) draw();
    });
    group.append(drawChoice(option, input, place));
  }
  draw();
  return group;
}

export function drawCheckboxes(element: Checkboxes, place: Place): HTMLElement {
  const group = make('div', {
    class: 'choices',
    role: 'group',
    ...groupAttributes(place),
  });
  // `group` knows no `aria-required`.
  group.removeAttribute('aria-required');
  const draw = (): void => {
    const chosen = new Set(selected(place).map((option) => option.value));
    for (const [index, input] of inputsOf(group).entries()) {
      input.checked = chosen.has(element.options[index]?.value);
    }
  };
  for (const option of element.options) {
    const input = make('input', { type: 'checkbox', value: option.value });
    input.addEventListener('change', async () => {
      const inputs = inputsOf(group);
      const selectedOptions = element.options.filter((_, index) => inputs[index]?.checked);
      const state = { type: 'checkboxes', selected_options: selectedOptions };
      if (!(await change(place, state, group, element.confirm))) draw();
    });
    group.append(drawChoice(option, input, place));
  }
  draw();
  return group;
}

function drawChoice(option: Option, input: HTMLInputElement, place: Place): HTMLElement {
  const { directory } = place.surface;
  const described = option.description ? newId('description') : undefined;
  if (described) input.setAttribute('aria-describedby', described);
  return make(
    'div',
    { class: 'choice' },
    make('label', {}, input, make('span', {}, drawText(option.text, directory))),
    option.description &&
      make('p', { class: 'choice-description', id: described }, drawText(option.description, directory)),
  );
}

function inputsOf(group: HTMLElement): HTMLInputElement[] {
  return [...group.querySelectorAll('input')];
}

function selected({ surface, blockId, actionId }: Place): Option[] {
  const state = surface.values.get(blockId, actionId);
  const chosen = state?.selected_options ?? (state?.selected_option ? [state.selected_option] : []);
  return chosen as Option[];
}
