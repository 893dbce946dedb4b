import type { OptionGroup, PlainTextOption } from '@slack/types';
import type { ReactNode } from 'react';
import { plainText } from '../../mrkdwn/plain-text.ts';

/** One row of a select's list. */
export interface Choice {
  key: string;
  text: string;
  description?: string | undefined;
  /** What stands before the text: a picture of the person, the sign of the conversation. */
  mark?: ReactNode;
}

/** Rows under a heading; without one they stand by themselves. */
export interface ChoiceGroup {
  label?: string;
  choices: Choice[];
}

export function choiceOf(option: PlainTextOption): Choice {
  return {
    key: option.value ?? '',
    text: plainText(option.text),
    description: option.description && plainText(option.description),
  };
}

interface WithOptions {
  options?: PlainTextOption[];
  option_groups?: { label: OptionGroup['label']; options: PlainTextOption[] }[];
}

export function choiceGroupsOf({ options = [], option_groups }: WithOptions): ChoiceGroup[] {
  if (!option_groups) return [{ choices: options.map(choiceOf) }];
  return option_groups.map((group) => ({
    label: plainText(group.label),
    choices: group.options.map(choiceOf),
  }));
}
