import type { Block, ElementState, State } from '../protocol/page-protocol.ts';
import { type ElementKind, elementKind } from './form-elements.ts';
import {
  type Element,
  initialOptions,
  type Option,
  offeredOptions,
  type StatefulElement,
  setElementState,
  statefulElements,
} from './view-state.ts';

export type ReadElement = { ok: true; value: ElementState } | { ok: false; message: string };

/** The options that an external select may hold: what the app has answered so far, and the initial one. */
export type LoadedOptions = (blockId: string, actionId: string) => Option[];

/** Takes what the page says an element holds, if that element can hold it. */
export function readElementValue(
  { blockId, actionId, element }: Omit<StatefulElement, 'block'>,
  given: ElementState,
  answeredOptions: LoadedOptions,
): ReadElement {
  const kind = elementKind(element.type);
  const refuse = (what: string): ReadElement => ({
    ok: false,
    message: `${blockId}/${actionId}: ${what}`,
  });
  if (given.type !== element.type) return refuse(`a ${element.type} stands there, not a ${given.type}`);
  if (!kind) return { ok: true, value: { type: element.type } };
  const read = readers[kind.holds](given[kind.key] ?? kind.empty, {
    element,
    offered: [...offeredOptions(element), ...initialOptions(element), ...answeredOptions(blockId, actionId)],
  });
  if (!read.ok) return refuse(`${kind.key} ${read.message}`);
  const { max_selected_items: maximum } = element;
  if (Array.isArray(read.value) && typeof maximum === 'number' && read.value.length > maximum) {
    return refuse(`no more than ${maximum} can be chosen`);
  }
  return { ok: true, value: { type: element.type, [kind.key]: read.value } };
}

type Read = { ok: true; value: unknown } | { ok: false; message: string };
type Reader = (value: unknown, parts: { element: Element; offered: Option[] }) => Read;

const shapes: Record<string, { pattern: RegExp; wanted: string }> = {
  datepicker: { pattern: /^\d{4}-\d{2}-\d{2}$/, wanted: 'YYYY-MM-DD' },
  timepicker: { pattern: /^([01]\d|2[0-3]):[0-5]\d$/, wanted: 'HH:mm' },
};

/** By what a kind of element holds: takes the value, if it is one of those. */
const readers: Record<ElementKind['holds'], Reader> = {
  text(value, { element }) {
    if (value === null || value === '') return { ok: true, value: null };
    if (typeof value !== 'string') return { ok: false, message: 'has to be a string or null' };
    const shape = shapes[element.type];
    return shape && !shape.pattern.test(value)
      ? { ok: false, message: `has to be ${shape.wanted}` }
      : { ok: true, value };
  },
  number: (value) =>
    value === null || Number.isSafeInteger(value)
      ? { ok: true, value }
      : { ok: false, message: 'has to be a whole number or null' },
  ids: (value) =>
    Array.isArray(value) && value.every((id) => typeof id === 'string')
      ? { ok: true, value: [...new Set(value)] }
      : { ok: false, message: 'has to be a list of IDs' },
  option(value, { offered }) {
    const option = value === null ? null : find(offered, value);
    return option === undefined ? notOffered : { ok: true, value: option };
  },
  options(value, { offered }) {
    const chosen = Array.isArray(value) ? value.map((one) => find(offered, one)) : [undefined];
    return chosen.includes(undefined) ? notOffered : { ok: true, value: chosen };
  },
};

const notOffered: Read = { ok: false, message: 'holds an option that was not offered' };

function find(offered: Option[], chosen: unknown): Option | undefined {
  return offered.find((option) => option.value === (chosen as Partial<Option> | null)?.value);
}

export type ReadState = { ok: true; state: State } | { ok: false; message: string };

/** The whole state as the page reports it; what it does not mention is as it was. */
export function readState(
  blocks: Block[],
  before: State,
  given: State,
  answeredOptions: LoadedOptions,
): ReadState {
  const state: State = {};
  for (const stateful of statefulElements(blocks)) {
    const { blockId, actionId, element } = stateful;
    const reported = given[blockId]?.[actionId];
    const read = reported && readElementValue(stateful, reported, answeredOptions);
    if (read && !read.ok) return read;
    const kept = before[blockId]?.[actionId] ?? { type: element.type };
    setElementState(state, blockId, actionId, read?.value ?? kept);
  }
  return { ok: true, state };
}
