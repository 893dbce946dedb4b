import { type ClickOptions, type ClickTarget, findClickTarget } from './clicking.ts';
import { elementStateFor, fieldValues } from './form-filling.ts';
import type { InteractionPayload } from './interaction-payloads.ts';
import type { OpenView } from './open-views.ts';
import { done } from './outcome.ts';
import type { ElementUsed, OptionsFound } from './page-protocol.ts';
import type { Clicked, SlackPerson, SubmitOptions } from './slack-person.ts';
import type { SlackState } from './slack-state.ts';
import { statefulElements } from './view-state.ts';
import type { WhatPeopleDo } from './what-people-do.ts';

interface FormParts {
  state: SlackState;
  people: WhatPeopleDo;
  as: string;
  name: string;
  conversationId: (name: string) => string;
}

export type PersonForm = Pick<
  SlackPerson,
  'fill' | 'values' | 'submit' | 'close' | 'options' | 'clickInView'
>;

/** What a person does in the topmost view. */
export function createPersonForm(parts: FormParts): PersonForm {
  const { state, people, as, conversationId } = parts;
  const top = () => topmostView(parts);
  const options = (blockId: string, query: string) => askOptions(parts, blockId, query);
  return {
    async fill(blockId, value) {
      const open = top();
      const target = field(open, blockId);
      const { workspace } = state;
      const how = { open, workspace, conversationId, askOptions: options };
      const element = await elementStateFor(target, value, how);
      const { blockId: block_id, actionId: action_id } = target;
      return people.use({ as, container: { view: open.id }, block_id, action_id, element, state: {} });
    },
    values: () => structuredClone(fieldValues(top())),
    submit: async ({ unchecked = false, state: entered = {}, payload } = {}) =>
      people.submit(
        { as, view: top().id, state: entered },
        { unchecked, ...(payload && { doctor: doctorWith(payload) }) },
      ),
    close: async () => people.close({ as, view: top().id }),
    clickInView: async (wanted, how = {}) => {
      const open = top();
      return click(parts, { view: open.id }, findClickTarget(open.view.blocks, wanted, how), how);
    },
    options,
  };
}

export async function click(
  { people, as }: Pick<FormParts, 'people' | 'as'>,
  container: ElementUsed['container'],
  target: ClickTarget,
  { deny = false }: ClickOptions,
): Promise<Clicked> {
  const { blockId: block_id, actionId: action_id, state: element, confirm } = target;
  const outcome = deny ? done : await people.use({ as, container, block_id, action_id, element, state: {} });
  return { outcome, ...(confirm && { confirm }) };
}

function topmostView({ state, as, name }: FormParts): OpenView {
  const open = state.views.stackOf(as).at(-1);
  if (!open) throw new Error(`No view is open for ${name}`);
  return open;
}

async function askOptions(parts: FormParts, blockId: string, query: string): Promise<OptionsFound> {
  const open = topmostView(parts);
  const { actionId } = field(open, blockId);
  const { as } = parts;
  const asked = { as, view: open.id, block_id: blockId, action_id: actionId, query };
  const outcome = await parts.people.options(asked);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.found;
}

function field(open: OpenView, blockId: string) {
  const elements = statefulElements(open.view.blocks);
  const found = elements.find((element) => element.blockId === blockId);
  if (found) return found;
  throw new Error(
    `The view has no field ${blockId}. It has: ${elements.map((one) => one.blockId).join(', ')}`,
  );
}

function doctorWith(change: NonNullable<SubmitOptions['payload']>) {
  return typeof change === 'function'
    ? change
    : (payload: InteractionPayload): InteractionPayload => ({ ...payload, ...change });
}
