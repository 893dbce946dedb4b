import { withTextDefaults } from '../block-kit/blocks.ts';
import { optionsResponse } from '../block-kit/composition-objects.ts';
import {
  acknowledgementError,
  connectionTrouble,
  done,
  fault,
  type ResponseBody,
  readResponseBody,
} from '../protocol/app-response.ts';
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
import {
  allElements,
  elementKind,
  isExternal,
  type Option,
  offeredOptions,
  type PlacedElement,
} from '../workspace/form-elements.ts';
import { addLoadedOptions, loadedOptionsOf, setElementState } from '../workspace/form-state.ts';
import { findSurface, type SlackState, type Surface } from '../workspace/slack-state.ts';

/**
 * A person uses an element. `dispatch: false` enters its value without a request to the app, for a person who hasn't
 * done yet what its `dispatch_action_config` waits for.
 */
export function createBlockActions(state: SlackState, appRequests: AppRequests) {
  return async (request: ActionRequest, { dispatch = true } = {}): Promise<Outcome> => {
    const person = state.workspace.person(request.as);
    const surface = person && findSurface(state, person.id, request.container);
    const target = surface && findElement(surface.blocks, request);
    if (!person || !surface || !target) return fault('not_found', 'No such element.');
    const value = enterValue(surface, target, request);
    if (!value.ok) return fault('invalid_request', value.message);
    const isSilent = target.block.type === 'input' && target.block.dispatch_action !== true;
    if (isSilent || !dispatch) return done;
    const action = actionOf(state, target, request.element, value.value);
    if (!action) return fault('invalid_request', 'That option was not offered.');
    const payload = blockActionsPayload(state, person, surface, action);
    const response = await appRequests.send({ kind: 'interaction', payload });
    const error = acknowledgementError(response);
    return error ? connectionTrouble(error) : done;
  };
}

function findElement(blocks: Block[], { block_id, action_id }: ActionRequest): PlacedElement | undefined {
  return allElements(blocks).find(
    ({ blockId, actionId, element }) =>
      blockId === block_id && actionId === action_id && element.type !== 'image',
  );
}

/** Stores the state that the page sent, and the value of the element that was used. */
function enterValue({ blocks, formInput }: Surface, target: PlacedElement, request: ActionRequest) {
  const loadedOptions = loadedOptionsOf(formInput);
  const read = readState(blocks, formInput.state, request.state, loadedOptions);
  if (!read.ok) return read;
  const value = readElementValue(target, request.element, loadedOptions);
  if (!value.ok) return value;
  formInput.state = read.state;
  if (elementKind(target.element.type)) {
    setElementState(formInput.state, target.blockId, target.actionId, value.value);
  }
  return value;
}

/** Returns the entry of `actions`: the element as the app defined it, with its current value. */
function actionOf(
  state: SlackState,
  { blockId, actionId, element }: PlacedElement,
  given: ElementState,
  value: ElementState,
): object | undefined {
  const ids = { action_id: actionId, block_id: blockId, action_ts: state.nextTimestamp() };
  const { type, text, value: buttonValue, style, placeholder } = element;
  if (type === 'button') {
    return { type, ...ids, text, ...defined({ value: buttonValue, style }) };
  }
  if (type === 'overflow') {
    const chosen = (given.selected_option as Partial<Option> | undefined)?.value;
    const selected_option = offeredOptions(element).find((option) => option.value === chosen);
    return selected_option && { type, ...ids, selected_option };
  }
  const initial = elementKind(type)?.initial ?? '';
  return { ...value, ...ids, ...defined({ placeholder, [initial]: element[initial] }) };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const defaultMinimumQueryLength = 3;
const failedToLoad = 'Oops, something went wrong. The options could not be loaded.';

type OptionsOutcome = { ok: true; found: OptionsResponse } | { ok: false; message: string };

/** A person types into an external select. Queries shorter than `min_query_length` aren't sent. */
export function createOptionsRequests(state: SlackState, appRequests: AppRequests) {
  return async (request: OptionsRequest): Promise<OptionsOutcome> => {
    const { block_id, action_id, query } = request;
    const person = state.workspace.person(request.as);
    const surface = person && findSurface(state, person.id, request.container);
    const target =
      surface &&
      allElements(surface.blocks).find(
        ({ blockId, actionId, element }) =>
          blockId === block_id && actionId === action_id && isExternal(element),
      );
    if (!person || !surface || !target) return { ok: false, message: 'No such menu.' };
    const { min_query_length: minimum = defaultMinimumQueryLength } = target.element;
    if (query.length < Number(minimum)) return { ok: true, found: { options: [] } };
    const payload = suggestionPayload(state, person, surface, { block_id, action_id, query });
    const response = await appRequests.send({ kind: 'interaction', payload });
    if (acknowledgementError(response) || response.kind !== 'responded') return optionsFailure();
    const found = readOptions(readResponseBody(response));
    if (!found) return optionsFailure();
    const { options, groups = [] } = found;
    addLoadedOptions(surface.formInput, request, [...options, ...groups.flatMap((group) => group.options)]);
    return { ok: true, found };
  };
}

function readOptions(body: ResponseBody): OptionsResponse | undefined {
  const parsed = optionsResponse.safeParse(body.kind === 'json' ? body.value : undefined);
  if (!parsed.success) return undefined;
  if ('options' in parsed.data) return { options: foundOptions(parsed.data.options) };
  const groups = parsed.data.option_groups.map(({ label, options }) => ({
    label: label.text,
    options: foundOptions(options),
  }));
  return { options: [], groups };
}

function foundOptions(options: object[]): FoundOption[] {
  return withTextDefaults(options) as FoundOption[];
}

function optionsFailure(): OptionsOutcome {
  return { ok: true, found: { options: [], error: failedToLoad } };
}
