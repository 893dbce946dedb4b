import { withTextDefaults } from '../block-kit/blocks.ts';
import { optionsAnswer } from '../block-kit/selects.ts';
import { type AnswerBody, readAnswerBody } from '../protocol/app-answer.ts';
import type {
  ActionRequest,
  Block,
  ElementState,
  FoundOption,
  OptionsRequest,
  OptionsResponse,
  Outcome,
} from '../protocol/page-protocol.ts';
import type { AppRequests } from '../to-app/app-requests.ts';
import { blockActionsPayload, suggestionPayload } from '../to-app/interaction-payloads.ts';
import { readElementValue, readState } from '../workspace/element-value.ts';
import { elementKind } from '../workspace/form-elements.ts';
import { addLoadedOptions, loadedOptionsOf } from '../workspace/form-input.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import { findSurface, type Surface } from '../workspace/surface.ts';
import {
  allElements,
  isExternal,
  type Option,
  offeredOptions,
  type StatefulElement,
  setElementState,
} from '../workspace/view-state.ts';
import { acknowledgementError, done, fault, trouble } from './outcome.ts';

/** A person uses an element. Those of input blocks tell the app only with `dispatch_action`. */
export function createBlockActions(state: SlackState, appRequests: AppRequests) {
  /** `isTold: false`: the person has not yet done what the element's `dispatch_action_config` asks for. */
  return async (used: ActionRequest, { dispatch = true } = {}): Promise<Outcome> => {
    const person = state.workspace.person(used.as);
    const surface = person && findSurface(state, person.id, used.container);
    const target = surface && findElement(surface.blocks, used);
    if (!person || !surface || !target) return fault('not_found', 'There is no such element.');
    const value = enter(surface, target, used);
    if (!value.ok) return fault('invalid_request', value.message);
    const isSilent = target.block.type === 'input' && target.block.dispatch_action !== true;
    if (isSilent || !dispatch) return done;
    const action = actionOf(state, target, used.element, value.value);
    if (!action) return fault('invalid_request', 'That option was not offered.');
    const payload = blockActionsPayload(state, person, surface, action);
    const answer = await appRequests.send({ kind: 'interaction', payload });
    const error = acknowledgementError(answer);
    return error ? trouble(error) : done;
  };
}

/** Takes over what the page says its elements hold, and the one that was used. */
function enter({ blocks, formInput: entered }: Surface, target: StatefulElement, used: ActionRequest) {
  const answered = loadedOptionsOf(entered);
  const read = readState(blocks, entered.state, used.state, answered);
  if (!read.ok) return read;
  const value = readElementValue(target, used.element, answered);
  if (!value.ok) return value;
  entered.state = read.state;
  if (elementKind(target.element.type)) {
    setElementState(entered.state, target.blockId, target.actionId, value.value);
  }
  return value;
}

function findElement(blocks: Block[], { block_id, action_id }: ActionRequest): StatefulElement | undefined {
  return allElements(blocks).find(
    ({ blockId, actionId, element }) =>
      blockId === block_id && actionId === action_id && element.type !== 'image',
  );
}

/** The entry of `actions`: the element as the app defined it, with what it holds now. */
function actionOf(
  state: SlackState,
  { blockId, actionId, element }: StatefulElement,
  given: ElementState,
  value: ElementState,
): object | undefined {
  const where = { action_id: actionId, block_id: blockId, action_ts: state.nextTimestamp() };
  const { type, text, value: buttonValue, style, placeholder } = element;
  if (type === 'button') {
    return { type, ...where, text, ...defined({ value: buttonValue, style }) };
  }
  if (type === 'overflow') {
    const chosen = (given.selected_option as Partial<Option> | undefined)?.value;
    const selected_option = offeredOptions(element).find((option) => option.value === chosen);
    return selected_option && { type, ...where, selected_option };
  }
  const initial = elementKind(type)?.initial ?? '';
  return { ...value, ...where, ...defined({ placeholder, [initial]: element[initial] }) };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const defaultMinimumQueryLength = 3;
const failedToLoad = 'Oops, something went wrong. The options could not be loaded.';

export type OptionsOutcome = { ok: true; found: OptionsResponse } | { ok: false; message: string };

/** A person types into an external select. Shorter queries than its `min_query_length` are not sent. */
export function createOptionsRequests(state: SlackState, appRequests: AppRequests) {
  return async (wanted: OptionsRequest): Promise<OptionsOutcome> => {
    const { block_id, action_id, query } = wanted;
    const person = state.workspace.person(wanted.as);
    const surface = person && findSurface(state, person.id, wanted.container);
    const target =
      surface &&
      allElements(surface.blocks).find(
        ({ blockId, actionId, element }) =>
          blockId === block_id && actionId === action_id && isExternal(element),
      );
    if (!person || !surface || !target) return { ok: false, message: 'There is no such menu.' };
    const { min_query_length: minimum = defaultMinimumQueryLength } = target.element;
    if (query.length < Number(minimum)) return { ok: true, found: { options: [] } };
    const payload = suggestionPayload(state, person, surface, { block_id, action_id, query });
    const answer = await appRequests.send({ kind: 'interaction', payload });
    if (acknowledgementError(answer) || answer.kind !== 'answered') return failed();
    const found = readFound(readAnswerBody(answer));
    if (!found) return failed();
    const { options, groups = [] } = found;
    addLoadedOptions(surface.formInput, wanted, [...options, ...groups.flatMap((group) => group.options)]);
    return { ok: true, found };
  };
}

function readFound(body: AnswerBody): OptionsResponse | undefined {
  const parsed = optionsAnswer.safeParse(body.kind === 'json' ? body.value : undefined);
  if (!parsed.success) return undefined;
  if ('options' in parsed.data) return { options: shownOptions(parsed.data.options) };
  const groups = parsed.data.option_groups.map(({ label, options }) => ({
    label: label.text,
    options: shownOptions(options),
  }));
  return { options: [], groups };
}

function shownOptions(options: object[]): FoundOption[] {
  return withTextDefaults(options) as FoundOption[];
}

function failed(): OptionsOutcome {
  return { ok: true, found: { options: [], error: failedToLoad } };
}
