import type { ExternalSelect, MultiExternalSelect } from '@slack/types';
import { useEffect, useRef, useState } from 'react';
import type { FoundOption, OptionsResponse } from '../../../slack/protocol/page-protocol.ts';
import type { Place } from '../form/field.tsx';
import { type ChoiceGroup, type ChoiceSearch, choiceOf } from './choice-list.tsx';

const DEFAULT_MIN_QUERY_LENGTH = 3;
const TYPING_PAUSE_MS = 200;

export interface OptionsSearch extends ChoiceSearch {
  groups: ChoiceGroup[];
  /** The options of all groups. */
  options: FoundOption[];
}

/** Asks the app for options while the person types, and drops responses to superseded queries. */
export function useOptionsSearch(
  element: ExternalSelect | MultiExternalSelect,
  { surface, blockId, actionId }: Place,
): OptionsSearch {
  const shortest = element.min_query_length ?? DEFAULT_MIN_QUERY_LENGTH;
  const [query, setQuery] = useState('');
  const [found, setFound] = useState<OptionsResponse>();
  const asked = useRef(0);
  const timer = useRef<number>(undefined);
  useEffect(() => () => window.clearTimeout(timer.current), []);

  const find = async (typed: string, myRequest: number): Promise<void> => {
    const response = await surface.findOptions(blockId, actionId, typed);
    if (myRequest === asked.current) setFound(response);
  };
  const ask = (typed: string): void => {
    const trimmed = typed.trim();
    const myRequest = ++asked.current;
    window.clearTimeout(timer.current);
    setQuery(typed);
    setFound(undefined);
    if (trimmed.length < shortest) return;
    timer.current = window.setTimeout(
      () => void find(trimmed, myRequest),
      trimmed === '' ? 0 : TYPING_PAUSE_MS,
    );
  };
  const groups = found ? groupsOf(found) : [];
  return {
    query,
    ask,
    groups,
    options: found ? (found.groups?.flatMap(({ options }) => options) ?? found.options) : [],
    note: noteOn(found, query.trim().length < shortest ? shortest : 0),
  };
}

function groupsOf({ groups, options }: OptionsResponse): ChoiceGroup[] {
  if (!groups) return [{ choices: options.map(choiceOf) }];
  return groups.map((group) => ({ label: group.label, choices: group.options.map(choiceOf) }));
}

function noteOn(found: OptionsResponse | undefined, missing: number): string | undefined {
  if (missing > 0) return `Type at least ${missing} character${missing === 1 ? '' : 's'} to search.`;
  if (found === undefined) return 'Loading…';
  if (found.error !== undefined) return found.error;
  const count = found.groups?.flatMap(({ options }) => options).length ?? found.options.length;
  return count === 0 ? 'No results' : undefined;
}
