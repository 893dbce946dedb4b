import type { AppRequests } from './app-requests.ts';
import type { StoredMessage } from './conversation-log.ts';
import { readElementValue, readState } from './element-value.ts';
import { type InteractionPayload, messageActionPayload, viewActionPayload } from './interaction-payloads.ts';
import type { OpenView } from './open-views.ts';
import { acknowledgementError, done, fault, trouble } from './outcome.ts';
import type { ElementState, ElementUsed, Outcome } from './page-protocol.ts';
import type { SlackState } from './slack-state.ts';
import {
  allElements,
  initialState,
  type Option,
  offeredOptions,
  type StatefulElement,
  setElementState,
  valueKey,
} from './view-state.ts';
import type { PersonSeed } from './workspace-seed.ts';

type Prepared = { ok: true; payload: InteractionPayload | undefined } | { ok: false; outcome: Outcome };

/** A person uses an element. Those of input blocks tell the app only with `dispatch_action`. */
export function createBlockActions(state: SlackState, appRequests: AppRequests) {
  return async (used: ElementUsed): Promise<Outcome> => {
    const person = state.workspace.person(used.as);
    if (!person) return fault('not_found', 'There is no such person.');
    const prepared =
      'view' in used.container
        ? inView(state, person, used, used.container.view)
        : inMessage(state, person, used, used.container);
    if (!prepared.ok) return prepared.outcome;
    if (!prepared.payload) return done;
    const answer = await appRequests.send({ kind: 'interaction', payload: prepared.payload });
    const error = acknowledgementError(answer);
    return error ? trouble(error) : done;
  };
}

function inView(state: SlackState, person: PersonSeed, used: ElementUsed, viewId: string): Prepared {
  const open = state.views.stackOf(person.id).at(-1);
  const target = open?.id === viewId && findElement(open.view.blocks, used);
  if (!open || !target) return notFound('There is no such element.');
  const answered = answeredBy(open);
  const read = readState(open.view.blocks, open.state, used.state, answered);
  if (!read.ok) return invalid(read.message);
  const value = readElementValue(target, used.element, answered);
  if (!value.ok) return invalid(value.message);
  open.state = read.state;
  if (valueKey(target.element.type)) {
    setElementState(open.state, target.blockId, target.actionId, value.value);
  }
  if (target.block.type === 'input' && target.block.dispatch_action !== true) {
    return { ok: true, payload: undefined };
  }
  const action = actionOf(state, target, used.element, value.value);
  if (!action) return invalid('That option was not offered.');
  return { ok: true, payload: viewActionPayload(state, person, open, action) };
}

function inMessage(
  state: SlackState,
  person: PersonSeed,
  used: ElementUsed,
  where: { conversation: string; ts: string },
): Prepared {
  const conversation = state.workspace.conversation(where.conversation);
  if (!conversation?.members.includes(person.id)) return notFound('There is no such conversation.');
  const message = state.log.find(conversation.id, where.ts, person.id);
  const target = message && findElement(message.blocks, used);
  if (!message || !target) return notFound('There is no such element.');
  const values = messageState(message, used);
  const value = readElementValue(target, used.element, () => []);
  if (!values.ok) return invalid(values.message);
  if (!value.ok) return invalid(value.message);
  if (valueKey(target.element.type)) {
    setElementState(values.state, target.blockId, target.actionId, value.value);
  }
  const action = actionOf(state, target, used.element, value.value);
  if (!action) return invalid('That option was not offered.');
  return {
    ok: true,
    payload: messageActionPayload(state, person, { message, conversation, values: values.state, action }),
  };
}

function messageState(message: StoredMessage, used: ElementUsed) {
  return readState(message.blocks, initialState(message.blocks), used.state, () => []);
}

export function answeredBy(open: OpenView) {
  return (blockId: string, actionId: string): Option[] =>
    open.answeredOptions.get(`${blockId}/${actionId}`) ?? [];
}

function findElement(
  blocks: StoredMessage['blocks'],
  { block_id, action_id }: ElementUsed,
): StatefulElement | undefined {
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
  return { ...value, ...where, ...defined({ placeholder }) };
}

function defined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

const notFound = (message: string): Prepared => ({ ok: false, outcome: fault('not_found', message) });
const invalid = (message: string): Prepared => ({ ok: false, outcome: fault('invalid_request', message) });
