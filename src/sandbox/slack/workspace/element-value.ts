import type { Block, ElementState, State } from '../protocol/page-protocol.ts';
import {
  type Element,
  type ElementKind,
  elementKind,
  initialOptions,
  inputElements,
  type Option,
  offeredOptions,
  type PlacedElement,
} from './form-elements.ts';
import { type LoadedOptions, setElementState } from './form-state.ts';

type StateResult = { ok: true; state: State } | { ok: false; message: string };

/** Checks the state that the page sends. Elements that it leaves out keep their value. */
export function readState(
  blocks: Block[],
  before: State,
  given: State,
  loadedOptions: LoadedOptions,
): StateResult {
  const state: State = {};
  for (const placed of inputElements(blocks)) {
    const { blockId, actionId, element } = placed;
    const reported = given[blockId]?.[actionId];
    const read = reported && readElementValue(placed, reported, loadedOptions);
    if (read && !read.ok) return read;
    const kept = before[blockId]?.[actionId] ?? { type: element.type };
    setElementState(state, blockId, actionId, read?.value ?? kept);
  }
  return { ok: true, state };
}

type ElementResult = { ok: true; value: ElementState } | { ok: false; message: string };

/** Checks the value that the page sends for an element: its type, its shape, and that the choice was offered. */
export function readElementValue(
  { blockId, actionId, element }: Omit<PlacedElement, 'block'>,
  given: ElementState,
  loadedOptions: LoadedOptions,
): ElementResult {
  const kind = elementKind(element.type);
  const refuse = (problem: string): ElementResult => ({
    ok: false,
    message: `${blockId}/${actionId}: ${problem}`,
  });
  if (given.type !== element.type) return refuse(`the element is a ${element.type}, not a ${given.type}`);
  if (!kind) return { ok: true, value: { type: element.type } };
  const read = readers[kind.holds](given[kind.key] ?? kind.empty, {
    element,
    offered: [...offeredOptions(element), ...initialOptions(element), ...loadedOptions(blockId, actionId)],
  });
  if (!read.ok) return refuse(`${kind.key} ${read.message}`);
  const { max_selected_items: maximum } = element;
  if (Array.isArray(read.value) && typeof maximum === 'number' && read.value.length > maximum) {
    return refuse(`no more than ${maximum} can be chosen`);
  }
  return { ok: true, value: { type: element.type, [kind.key]: read.value } };
}

type ValueResult = { ok: true; value: unknown } | { ok: false; message: string };
type Reader = (value: unknown, parts: { element: Element; offered: Option[] }) => ValueResult;

const shapes: Record<string, { pattern: RegExp; wanted: string }> = {
  datepicker: { pattern: /^\d{4}-\d{2}-\d{2}$/, wanted: 'YYYY-MM-DD' },
  timepicker: { pattern: /^([01]\d|2[0-3]):[0-5]\d$/, wanted: 'HH:mm' },
};

const readers: Record<ElementKind['holds'], Reader> = {
  text(value, { element }) {
    if (value === null || value === '') return { ok: true, value: null };
    if (typeof value !== 'string') return { ok: false, message: 'must be a string or null' };
    const shape = shapes[element.type];
    return shape && !shape.pattern.test(value)
      ? { ok: false, message: `must be ${shape.wanted}` }
      : { ok: true, value };
  },
  number: (value) =>
    value === null || Number.isSafeInteger(value)
      ? { ok: true, value }
      : { ok: false, message: 'must be a whole number or null' },
  ids: (value) =>
    Array.isArray(value) && value.every((id) => typeof id === 'string')
      ? { ok: true, value: [...new Set(value)] }
      : { ok: false, message: 'must be a list of IDs' },
  option(value, { offered }) {
    const option = value === null ? null : findOption(offered, value);
    return option === undefined ? notOffered : { ok: true, value: option };
  },
  options(value, { offered }) {
    const chosen = Array.isArray(value) ? value.map((one) => findOption(offered, one)) : [undefined];
    return chosen.includes(undefined) ? notOffered : { ok: true, value: chosen };
  },
};

const notOffered: ValueResult = { ok: false, message: 'contains an option that was not offered' };

function findOption(offered: Option[], chosen: unknown): Option | undefined {
  return offered.find((option) => option.value === (chosen as Partial<Option> | null)?.value);
}
