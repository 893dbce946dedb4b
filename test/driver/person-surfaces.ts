import { done } from '../../src/sandbox/slack/people/outcome.ts';
import type { PersonActions } from '../../src/sandbox/slack/people/person-actions.ts';
import type {
  ActionRequest,
  Block,
  OptionsResponse,
  Outcome,
} from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { InteractionPayload } from '../../src/sandbox/slack/to-app/interaction-payloads.ts';
import type { SlackState } from '../../src/sandbox/slack/workspace/slack-state.ts';
import { findSurface, type Surface } from '../../src/sandbox/slack/workspace/surface.ts';
import { type StatefulElement, statefulElements } from '../../src/sandbox/slack/workspace/view-state.ts';
import type { OpenView } from '../../src/sandbox/slack/workspace/views.ts';
import {
  type ClickOptions,
  type ClickTarget,
  dispatchesAction,
  elementStateFor,
  type FieldValue,
  fieldValues,
  findClickTarget,
} from './form-filling.ts';
import type { Clicked, FillOptions, SlackPerson, SubmitOptions } from './slack-person.ts';

export interface PersonParts {
  state: SlackState;
  people: PersonActions;
  as: string;
  name: string;
  conversationId: (name: string) => string;
}

type Container = ActionRequest['container'];

/** What a person does with the elements of a message, a dialog or a Home tab. */
export interface PersonSurfaces {
  fill(container: Container, field: string, value: FieldValue, options?: FillOptions): Promise<Outcome>;
  /** `blocks`: what the person sees there. */
  click(container: Container, blocks: Block[], wanted: string, options?: ClickOptions): Promise<Clicked>;
  options(container: Container, field: string, query: string): Promise<OptionsResponse>;
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
      const { blocks, formInput: entered } = surfaceOf(container);
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
      return people.use(used, { dispatch: dispatchesAction(target, { pressEnter }) });
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
      const { blocks, formInput: entered } = surfaceOf(container);
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

export type PersonForm = Pick<
  SlackPerson,
  'fill' | 'values' | 'submit' | 'close' | 'options' | 'clickInView'
>;

/** What a person does in the topmost view. */
export function createPersonForm(parts: PersonParts, surfaces: PersonSurfaces): PersonForm {
  const { people, as } = parts;
  const top = () => topmostView(parts);
  return {
    fill: async (blockId, value, how) => surfaces.fill({ view: top().id }, blockId, value, how),
    values: () => surfaces.values({ view: top().id }),
    submit: async ({ unchecked = false, state: entered = {}, payload } = {}) =>
      people.submit(
        { as, view: top().id, state: entered },
        { unchecked, ...(payload && { changePayload: doctorWith(payload) }) },
      ),
    close: async () => people.close({ as, view: top().id }),
    clickInView: async (wanted, how) => {
      const { id, view } = top();
      return surfaces.click({ view: id }, view.blocks, wanted, how);
    },
    options: async (blockId, query) => surfaces.options({ view: top().id }, blockId, query),
  };
}

function topmostView({ state, as, name }: PersonParts): OpenView {
  const open = state.views.stackOf(as).at(-1);
  if (!open) throw new Error(`No view is open for ${name}`);
  return open;
}

function doctorWith(change: NonNullable<SubmitOptions['payload']>) {
  return typeof change === 'function'
    ? change
    : (payload: InteractionPayload): InteractionPayload => ({ ...payload, ...change });
}

export type PersonHome = Pick<
  SlackPerson,
  'home' | 'openHome' | 'clickInHome' | 'fillInHome' | 'homeValues' | 'optionsInHome'
>;

/** What a person does on the app's Home tab. */
export function createPersonHome(
  { state, people, as, name }: PersonParts,
  surfaces: PersonSurfaces,
): PersonHome {
  const published = () => {
    const home = state.homes.of(as);
    if (!home) throw new Error(`The app has published no Home tab for ${name}`);
    return home;
  };
  const container = () => ({ view: published().id });
  return {
    home: () => state.homes.visibleTo(as),
    openHome: async (tab = 'home') => people.openHome({ as, tab }),
    clickInHome: async (wanted, how) => surfaces.click(container(), published().view.blocks, wanted, how),
    fillInHome: async (blockId, value, how) => surfaces.fill(container(), blockId, value, how),
    homeValues: () => surfaces.values(container()),
    optionsInHome: async (blockId, query) => surfaces.options(container(), blockId, query),
  };
}
