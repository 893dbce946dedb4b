import { readAnswerBody } from './app-answer.ts';
import type { AppRequests } from './app-requests.ts';
import { withTextDefaults } from './block-kit/normalize.ts';
import { optionsAnswer } from './block-kit/options.ts';
import { suggestionPayload } from './interaction-payloads.ts';
import { acknowledgementError } from './outcome.ts';
import type { OptionsFound, OptionsWanted } from './page-protocol.ts';
import type { SlackState } from './slack-state.ts';
import { allElements } from './view-state.ts';

const defaultMinimumQueryLength = 3;
const failedToLoad = 'Oops, something went wrong. The options could not be loaded.';

export type OptionsOutcome = { ok: true; found: OptionsFound } | { ok: false; message: string };

/** A person types into an external select. Shorter queries than its `min_query_length` are not sent. */
export function createOptionsRequests(state: SlackState, appRequests: AppRequests) {
  return async ({ as, view, block_id, action_id, query }: OptionsWanted): Promise<OptionsOutcome> => {
    const person = state.workspace.person(as);
    const open = person && state.views.stackOf(person.id).at(-1);
    const target =
      open?.id === view &&
      allElements(open.view.blocks).find(
        ({ blockId, actionId, element }) =>
          blockId === block_id && actionId === action_id && element.type === 'external_select',
      );
    if (!person || !open || !target) return { ok: false, message: 'There is no such menu.' };
    const { min_query_length: minimum = defaultMinimumQueryLength } = target.element;
    if (query.length < Number(minimum)) return { ok: true, found: { options: [] } };
    const payload = suggestionPayload(state, person, {
      container: { type: 'view', view_id: open.id },
      surface: { view: state.views.payload(open) },
      block_id,
      action_id,
      query,
    });
    const answer = await appRequests.send({ kind: 'interaction', payload });
    if (acknowledgementError(answer) || answer.kind !== 'answered') return failed();
    const body = readAnswerBody(answer);
    const parsed = optionsAnswer.safeParse(body.kind === 'json' ? body.value : undefined);
    if (!parsed.success) return failed();
    const answered =
      'options' in parsed.data
        ? parsed.data.options
        : parsed.data.option_groups.flatMap(({ options }) => options);
    const options = withTextDefaults(answered);
    const key = `${block_id}/${action_id}`;
    open.answeredOptions.set(key, [...(open.answeredOptions.get(key) ?? []), ...options]);
    return { ok: true, found: { options } };
  };
}

function failed(): OptionsOutcome {
  return { ok: true, found: { options: [], error: failedToLoad } };
}
