import type { ElementState, OptionsFound, Outcome, ShownMessage, State } from '../page-protocol.ts';
import { drawAvatar } from './avatar.ts';
import { showBlocks } from './block-view.ts';
import type { Author, Directory } from './directory.ts';
import { make, unseen } from './dom.ts';
import { createFormValues } from './form-values.ts';
import { icon } from './icons.ts';
import { drawMrkdwn } from './mrkdwn-view.ts';

export interface MessageActions {
  act(
    message: ShownMessage,
    used: {
      block_id: string;
      action_id: string;
      element: ElementState;
      state: State;
    },
  ): Promise<Outcome>;
}

const NO_OPTIONS: OptionsFound = {
  options: [],
  error: 'Menus that search work in dialogs only, here.',
};

/** `compact`: the author has just spoken, and is not named again. */
export function drawMessage(
  message: ShownMessage,
  compact: boolean,
  directory: Directory,
  actions: MessageActions,
): HTMLElement {
  const author = directory.author(message.user);
  const element = make(
    'article',
    {
      class: `message${compact ? ' message-compact' : ''}${message.ephemeral ? ' message-ephemeral' : ''}`,
      'data-ts': message.ts,
      'aria-label': `${author.name} at ${timeOf(message).toLocaleString()}`,
    },
    message.ephemeral && make('p', { class: 'only-you' }, icon('eye'), 'Only visible to you'),
    make('div', { class: 'gutter' }, compact ? drawTime(message) : drawAvatar(author)),
    make(
      'div',
      { class: 'message-main' },
      compact ? unseen(author.name) : drawAuthor(author, message),
      drawContent(message, directory, actions),
      message.edited && make('span', { class: 'edited' }, '(edited)'),
    ),
  );
  return element;
}

function drawAuthor(author: Author, message: ShownMessage): HTMLElement {
  return make(
    'div',
    { class: 'byline' },
    make('span', { class: 'author' }, author.name),
    author.kind === 'app' && make('span', { class: 'app-badge' }, 'APP'),
    drawTime(message),
  );
}

function drawTime(message: ShownMessage): HTMLElement {
  const time = timeOf(message);
  const shown = new Intl.DateTimeFormat(undefined, {
    hour: 'numeric',
    minute: '2-digit',
  }).format(time);
  return make(
    'time',
    {
      class: 'time',
      datetime: time.toISOString(),
      title: time.toLocaleString(),
    },
    shown,
  );
}

function drawContent(message: ShownMessage, directory: Directory, actions: MessageActions): HTMLElement {
  if (message.blocks.length === 0) return make('div', { class: 'text' }, drawMrkdwn(message.text, directory));
  const blocks = make('div', { class: 'blocks' });
  const values = createFormValues();
  showBlocks(blocks, message.blocks, {
    directory,
    values,
    act: (block_id, action_id, element) =>
      actions.act(message, {
        block_id,
        action_id,
        element,
        state: values.collect(),
      }),
    findOptions: async () => NO_OPTIONS,
  });
  return blocks;
}

export function timeOf(message: ShownMessage): Date {
  return new Date(Number(message.ts) * 1_000);
}
