import type { PersonActions } from '../../src/sandbox/slack/people/person-actions.ts';
import { done } from '../../src/sandbox/slack/protocol/app-response.ts';
import type {
  ActionRequest,
  Block,
  OptionsResponse,
  Outcome,
} from '../../src/sandbox/slack/protocol/page-protocol.ts';
import type { InteractionPayload } from '../../src/sandbox/slack/to-app/interaction-payloads.ts';
import { inputElements, type PlacedElement } from '../../src/sandbox/slack/workspace/form-elements.ts';
import { findSurface, type SlackState, type Surface } from '../../src/sandbox/slack/workspace/slack-state.ts';
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

interface PersonParts {
  state: SlackState;
  people: PersonActions;
  as: string;
  name: string;
  conversationId: (name: string) => string;
}

type Container = ActionRequest['container'];

/** What a person can do with the elements of a message, modal or Home tab. */
interface PersonSurfaces {
  fill(container: Container, field: string, value: FieldValue, options?: FillOptions): Promise<Outcome>;
  /** `blocks`: the blocks as the person sees them. */
  click(container: Container, blocks: Block[], button: string, options?: ClickOptions): Promise<Clicked>;
  options(container: Container, field: string, query: string): Promise<OptionsResponse>;
  values(container: Container): Record<string, FieldValue>;
}

export function createPersonSurfaces(parts: PersonParts): PersonSurfaces {
  const { state, people, as } = parts;
  const surfaceOf = (container: Container): Surface => {
    const surface = findSurface(state, as, container);
    if (surface) return surface;
    throw new Error(`${parts.name} can't see that ${'view' in container ? 'view' : 'message'}`);
  };
  const askOptions = (container: Container) => async (target: PlacedElement, query: string) => {
    const where = { block_id: target.blockId, action_id: target.actionId };
    const outcome = await people.options({ as, container, ...where, query });
    if (!outcome.ok) throw new Error(outcome.message);
    return outcome.found;
  };
  return {
    async fill(container, field, value, { pressEnter = true } = {}) {
      const { blocks, formInput } = surfaceOf(container);
      const target = findField(blocks, field);
      const { conversationId } = parts;
      const filling = {
        formInput,
        workspace: state.workspace,
        conversationId,
        askOptions: askOptions(container),
      };
      const element = await elementStateFor(target, value, filling);
      const { blockId: block_id, actionId: action_id } = target;
      const used = { as, container, block_id, action_id, element, state: {} };
      return people.use(used, { dispatch: dispatchesAction(target, { pressEnter }) });
    },
    async click(container, blocks, button, { deny = false, ...options } = {}) {
      const target: ClickTarget = findClickTarget(blocks, button, options);
      const { blockId: block_id, actionId: action_id, state: element, confirm } = target;
      const used = { as, container, block_id, action_id, element, state: {} };
      const outcome = deny ? done : await people.use(used);
      return { outcome, ...(confirm && { confirm }) };
    },
    options: async (container, field, query) =>
      askOptions(container)(findField(surfaceOf(container).blocks, field), query),
    values(container) {
      const { blocks, formInput } = surfaceOf(container);
      return structuredClone(fieldValues(blocks, formInput));
    },
  };
}

/** Finds a field by `block_id`, or by `block_id/action_id` if a block has several. */
function findField(blocks: Block[], field: string): PlacedElement {
  const fields = inputElements(blocks);
  const found = fields.find(
    ({ blockId, actionId }) => blockId === field || `${blockId}/${actionId}` === field,
  );
  if (found) return found;
  const names = fields.map(({ blockId }) => blockId).join(', ');
  throw new Error(`The view has no field ${field}. Fields: ${names}`);
}

type PersonForm = Pick<SlackPerson, 'fill' | 'values' | 'submit' | 'close' | 'options' | 'clickInView'>;

/** What a person can do in the topmost view. */
export function createPersonForm(parts: PersonParts, surfaces: PersonSurfaces): PersonForm {
  const { people, as } = parts;
  const top = () => topmostView(parts);
  return {
    fill: async (blockId, value, options) => surfaces.fill({ view: top().id }, blockId, value, options),
    values: () => surfaces.values({ view: top().id }),
    submit: async ({ unchecked = false, state: replaced = {}, payload } = {}) =>
      people.submit(
        { as, view: top().id, state: replaced },
        { unchecked, ...(payload && { changePayload: payloadChange(payload) }) },
      ),
    close: async () => people.close({ as, view: top().id }),
    clickInView: async (button, options) => {
      const { id, view } = top();
      return surfaces.click({ view: id }, view.blocks, button, options);
    },
    options: async (blockId, query) => surfaces.options({ view: top().id }, blockId, query),
  };
}

function topmostView({ state, as, name }: PersonParts): OpenView {
  const open = state.views.stackOf(as).at(-1);
  if (!open) throw new Error(`No view is open for ${name}`);
  return open;
}

function payloadChange(change: NonNullable<SubmitOptions['payload']>) {
  return typeof change === 'function'
    ? change
    : (payload: InteractionPayload): InteractionPayload => ({ ...payload, ...change });
}

type PersonHome = Pick<
  SlackPerson,
  'home' | 'openHome' | 'clickInHome' | 'fillInHome' | 'homeValues' | 'optionsInHome'
>;

/** What a person can do on the app's Home tab. */
export function createPersonHome(
  { state, people, as, name }: PersonParts,
  surfaces: PersonSurfaces,
): PersonHome {
  const published = () => {
    const home = state.homes.of(as);
    if (!home) throw new Error(`The app hasn't published a Home tab for ${name}`);
    return home;
  };
  const container = () => ({ view: published().id });
  return {
    home: () => state.homes.visibleTo(as),
    openHome: async (tab = 'home') => people.openHome({ as, tab }),
    clickInHome: async (button, options) =>
      surfaces.click(container(), published().view.blocks, button, options),
    fillInHome: async (blockId, value, options) => surfaces.fill(container(), blockId, value, options),
    homeValues: () => surfaces.values(container()),
    optionsInHome: async (blockId, query) => surfaces.options(container(), blockId, query),
  };
}
