import type { InteractionPayload } from './interaction-payloads.ts';
import type { OpenView } from './open-views.ts';
import type { PersonParts, PersonSurfaces } from './person-surfaces.ts';
import type { SlackPerson, SubmitOptions } from './slack-person.ts';

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
        { unchecked, ...(payload && { doctor: doctorWith(payload) }) },
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
