import { type ClickOptions, type ClickTarget, findClickTarget } from './clicking.ts';
import { elementStateFor, type FieldValue, fieldValues, tellsApp } from './form-filling.ts';
import { done } from './outcome.ts';
import type { Block, ElementUsed, OptionsFound, Outcome } from './page-protocol.ts';
import type { Clicked, FillOptions } from './slack-person.ts';
import type { SlackState } from './slack-state.ts';
import { findSurface, type Surface } from './surface.ts';
import { type StatefulElement, statefulElements } from './view-state.ts';
import type { WhatPeopleDo } from './what-people-do.ts';

export interface PersonParts {
  state: SlackState;
  people: WhatPeopleDo;
  as: string;
  name: string;
  conversationId: (name: string) => string;
}

type Container = ElementUsed['container'];

/** What a person does with the elements of a message, a dialog or a Home tab. */
export interface PersonSurfaces {
  fill(container: Container, field: string, value: FieldValue, options?: FillOptions): Promise<Outcome>;
  /** `blocks`: what the person sees there. */
  click(container: Container, blocks: Block[], wanted: string, options?: ClickOptions): Promise<Clicked>;
  options(container: Container, field: string, query: string): Promise<OptionsFound>;
  values(container: Container): Record<string, FieldValue>;
}

export function createPersonSurfaces(parts: PersonParts): PersonSurfaces {
  const { state, people, as } = parts;
  const surfaceOf = (container: Container): Surface => {
    const surface = findSurface(state, as, container);
    if (surface) return surface;
    throw new Error(`${parts.name} sees no ${'view' in container ? 'such view' : 'such message'}`);
  };
  const askOptions = (container: Container) => async (target: StatefulElement, query: string) => {
    const where = { block_id: target.blockId, action_id: target.actionId };
    const outcome = await people.options({ as, container, ...where, query });
    if (!outcome.ok) throw new Error(outcome.message);
    return outcome.found;
  };
  return {
    async fill(container, wanted, value, { pressEnter = true } = {}) {
      const { blocks, entered } = surfaceOf(container);
      const target = findField(blocks, wanted);
      const { conversationId } = parts;
      const filling = {
        entered,
        workspace: state.workspace,
        conversationId,
        askOptions: askOptions(container),
      };
      const element = await elementStateFor(target, value, filling);
      const { blockId: block_id, actionId: action_id } = target;
      const used = { as, container, block_id, action_id, element, state: {} };
      return people.use(used, { isTold: tellsApp(target, { pressEnter }) });
    },
    async click(container, blocks, wanted, { deny = false, ...how } = {}) {
      const target: ClickTarget = findClickTarget(blocks, wanted, how);
      const { blockId: block_id, actionId: action_id, state: element, confirm } = target;
      const used = { as, container, block_id, action_id, element, state: {} };
      const outcome = deny ? done : await people.use(used);
      return { outcome, ...(confirm && { confirm }) };
    },
    options: async (container, wanted, query) =>
      askOptions(container)(findField(surfaceOf(container).blocks, wanted), query),
    values(container) {
      const { blocks, entered } = surfaceOf(container);
      return structuredClone(fieldValues(blocks, entered));
    },
  };
}

/** By `block_id`, or `block_id/action_id` where a block has several. */
function findField(blocks: Block[], wanted: string): StatefulElement {
  const fields = statefulElements(blocks);
  const found = fields.find(
    ({ blockId, actionId }) => blockId === wanted || `${blockId}/${actionId}` === wanted,
  );
  if (found) return found;
  const names = fields.map(({ blockId }) => blockId).join(', ');
  throw new Error(`The view has no field ${wanted}. It has: ${names}`);
}
