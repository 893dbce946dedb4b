import { type AnswerBody, readAnswerBody } from './app-answer.ts';
import type { AppRequests } from './app-requests.ts';
import { withTextDefaults } from './block-kit/normalize.ts';
import { optionsAnswer } from './block-kit/options.ts';
import { rememberAnswered } from './entered.ts';
import { suggestionPayload } from './interaction-payloads.ts';
import { acknowledgementError } from './outcome.ts';
import type { FoundOption, OptionsFound, OptionsWanted } from './page-protocol.ts';
import type { SlackState } from './slack-state.ts';
import { findSurface } from './surface.ts';
import { allElements, isExternal } from './view-state.ts';

const defaultMinimumQueryLength = 3;
const failedToLoad = 'Oops, something went wrong. The options could not be loaded.';

export type OptionsOutcome = { ok: true; found: OptionsFound } | { ok: false; message: string };

/** A person types into an external select. Shorter queries than its `min_query_length` are not sent. */
export function createOptionsRequests(state: SlackState, appRequests: AppRequests) {
  return async (wanted: OptionsWanted): Promise<OptionsOutcome> => {
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
    rememberAnswered(surface.entered, wanted, [...options, ...groups.flatMap((group) => group.options)]);
    return { ok: true, found };
  };
}

function readFound(body: AnswerBody): OptionsFound | undefined {
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
