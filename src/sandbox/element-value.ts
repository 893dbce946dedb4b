import type { Block, ElementState, State } from './page-protocol.ts';
import {
  type Element,
  type Option,
  offeredOptions,
  type StatefulElement,
  setElementState,
  statefulElements,
  valueKey,
} from './view-state.ts';

export type ReadElement = { ok: true; value: ElementState } | { ok: false; message: string };

/** The options that an external select may hold: what the app has answered so far, and the initial one. */
export type AnsweredOptions = (blockId: string, actionId: string) => Option[];

/** Takes what the page says an element holds, if that element can hold it. */
export function readElementValue(
  { blockId, actionId, element }: Omit<StatefulElement, 'block'>,
  given: ElementState,
  answeredOptions: AnsweredOptions,
): ReadElement {
  const key = valueKey(element.type);
  const refuse = (what: string): ReadElement => ({
    ok: false,
    message: `${blockId}/${actionId}: ${what}`,
  });
  if (given.type !== element.type) return refuse(`a ${element.type} stands there, not a ${given.type}`);
  if (key === undefined) return { ok: true, value: { type: element.type } };
  const value = given[key] ?? null;
  if (key === 'selected_option' || key === 'selected_options') {
    const offered = [...offeredOptions(element), ...answeredOptions(blockId, actionId)];
    return readChoice(element, key, value, offered) ?? refuse('that option was not offered');
  }
  if (value !== null && typeof value !== 'string') return refuse(`${key} has to be a string or null`);
  return {
    ok: true,
    value: { type: element.type, [key]: value === '' ? null : value },
  };
}

function readChoice(
  { type, initial_option }: Element,
  key: string,
  value: unknown,
  offered: Option[],
): ReadElement | undefined {
  const known = initial_option ? [...offered, initial_option as Option] : offered;
  const find = (chosen: unknown) =>
    known.find((option) => option.value === (chosen as Partial<Option> | null)?.value);
  if (key === 'selected_options') {
    const chosen = Array.isArray(value) ? value.map(find) : [];
    if (chosen.includes(undefined)) return undefined;
    return { ok: true, value: { type, [key]: chosen } };
  }
  if (value === null) return { ok: true, value: { type, [key]: null } };
  const option = find(value);
  return option && { ok: true, value: { type, [key]: option } };
}

export type ReadState = { ok: true; state: State } | { ok: false; message: string };

/** The whole state as the page reports it; what it does not mention is as it was. */
export function readState(
  blocks: Block[],
  before: State,
  given: State,
  answeredOptions: AnsweredOptions,
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
