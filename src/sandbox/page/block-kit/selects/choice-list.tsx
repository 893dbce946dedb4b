import './popup.css';
import type { OptionGroup, PlainTextOption } from '@slack/types';
import type { ReactNode, RefObject } from 'react';
import {
  Autocomplete,
  Collection,
  Header,
  Input,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Popover,
  SearchField,
  useFilter,
} from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import { plainText } from '../../mrkdwn/emoji.ts';

/** The app's search for choices while the person types. Without it, the page filters the list. */
export interface ChoiceSearch {
  query: string;
  ask(query: string): void;
  /** Shown instead of the list while it loads, when it is empty, or when the search failed. */
  note: string | undefined;
}

interface ChoiceListProps {
  groups: ChoiceGroup[];
  search: ChoiceSearch | undefined;
  /** The element that the list opens below, and whose width it takes. */
  frame: RefObject<HTMLElement | null>;
}

/** The popup of a select: a search field and the choices. */
export function ChoiceList({ groups, search, frame }: ChoiceListProps) {
  const { contains } = useFilter({ sensitivity: 'base' });
  const behavior = search ? { inputValue: search.query, onInputChange: search.ask } : { filter: contains };
  const note = search?.note ?? 'No results';
  return (
    <Popover className="popup choice-popup" triggerRef={frame} placement="bottom start">
      <Autocomplete {...behavior}>
        <SearchField className="choice-search" aria-label="Search" autoFocus>
          <Icon name="search" />
          <Input placeholder="Search" />
        </SearchField>
        <ListBox
          className="choice-list"
          escapeKeyBehavior="none"
          renderEmptyState={() => <p className="popup-note">{note}</p>}
        >
          {groups.map(drawGroup)}
        </ListBox>
        <span className="unseen" role="status">
          {search?.note}
        </span>
      </Autocomplete>
    </Popover>
  );
}

function drawGroup({ label, choices }: ChoiceGroup): ReactNode {
  if (label === undefined) return choices.map(drawChoice);
  return (
    <ListBoxSection key={label} id={`group ${label}`}>
      <Header className="popup-heading">{label}</Header>
      <Collection>{choices.map(drawChoice)}</Collection>
    </ListBoxSection>
  );
}

function drawChoice({ key, text, description, mark }: Choice): ReactNode {
  return (
    <ListBoxItem key={key} id={key} className="popup-item" textValue={text}>
      {mark}
      <span className="popup-item-text">{text}</span>
      {description === undefined ? null : <span className="popup-item-description">{description}</span>}
      <Icon name="check" />
    </ListBoxItem>
  );
}

export interface Choice {
  key: string;
  text: string;
  description?: string | undefined;
  /** Drawn before the text: an avatar, or the icon of a conversation. */
  mark?: ReactNode;
}

/** Choices under a heading, if they have one. */
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
