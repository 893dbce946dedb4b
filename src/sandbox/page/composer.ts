import type { SlashCommand } from '../page-protocol.ts';
import { type CommandHistory, createCommandHistory } from './command-history.ts';
import { make, newId } from './dom.ts';
import { icon } from './icons.ts';
import { createListbox, type Listbox } from './listbox.ts';

const ONLY_COMMANDS = 'Sent. Only slash commands do something here: type / to see them.';

export interface Composer {
  element: HTMLElement;
  /** Puts a command into the field, ready to be sent. */
  fill(line: string): void;
  focus(): void;
}

export function createComposer(options: {
  personId: string;
  placeholder: string;
  commands: SlashCommand[];
  /** Resolves when the app has answered. */
  send: (line: string) => Promise<void>;
}): Composer {
  const input = make('input', {
    type: 'text',
    autocomplete: 'off',
    spellcheck: 'false',
    'aria-label': options.placeholder,
    placeholder: options.placeholder,
  });
  const noteId = newId('note');
  const note = make('p', {
    class: 'composer-note',
    id: noteId,
    role: 'status',
  });
  input.setAttribute('aria-describedby', noteId);
  const sendButton = make('button', { type: 'submit', class: 'send', 'aria-label': 'Send' }, icon('send'));
  const hints = createListbox(input, 'Slash commands');
  const history = createCommandHistory(options.personId);
  const fill = (line: string): void => {
    input.value = line;
    refresh();
    input.focus();
  };
  const refresh = (): void => {
    sendButton.classList.toggle('ready', input.value.trim() !== '');
    showHints(hints, options.commands, input.value, fill);
  };
  const send = async (): Promise<void> => {
    const line = input.value.trim();
    if (line === '') return;
    const isCommand = line.startsWith('/');
    history.add(line);
    input.value = '';
    refresh();
    note.textContent = isCommand ? `Sending ${line.split(' ')[0]}…` : '';
    await options.send(line);
    note.textContent = isCommand ? '' : ONLY_COMMANDS;
  };
  input.addEventListener('input', () => {
    history.stopBrowsing();
    note.textContent = '';
    refresh();
  });
  input.addEventListener('keydown', (event) => useKey(event, input, hints, history, fill));
  input.addEventListener('blur', () => hints.hide());
  const box = make(
    'form',
    { class: 'composer-box', 'aria-label': 'Composer' },
    hints.element,
    input,
    sendButton,
  );
  box.addEventListener('submit', (event) => {
    event.preventDefault();
    void send();
  });
  const element = make('div', { class: 'composer' }, box, note);
  return { element, fill, focus: () => input.focus() };
}

/** While the command itself is typed: those that begin so. After it: how it is used. */
function showHints(
  hints: Listbox,
  commands: SlashCommand[],
  typed: string,
  fill: (line: string) => void,
): void {
  if (!typed.startsWith('/')) {
    hints.hide();
    return;
  }
  const word = typed.split(' ')[0] ?? '';
  const isWhole = typed.includes(' ');
  const fitting = commands.filter(({ command }) => (isWhole ? command === word : command.startsWith(word)));
  hints.show(
    fitting.map(({ command, description, usageHint }) => ({
      content: [
        make('span', { class: 'hint-command' }, make('strong', {}, command), ` ${usageHint}`),
        make('span', { class: 'hint-description' }, description),
      ],
      choose: () => fill(isWhole ? typed : `${command} `),
    })),
  );
}

function useKey(
  event: KeyboardEvent,
  input: HTMLInputElement,
  hints: Listbox,
  history: CommandHistory,
  fill: (line: string) => void,
): void {
  if (event.isComposing) return;
  const isPartial = hints.count() > 0 && !input.value.includes(' ');
  if (event.key === 'Escape') hints.hide();
  else if ((event.key === 'Tab' || event.key === 'Enter') && isPartial && !isExact(hints, input.value)) {
    if (event.shiftKey) return;
    event.preventDefault();
    hints.chooseActive();
  } else if (event.key === 'ArrowUp' || event.key === 'ArrowDown') {
    event.preventDefault();
    if (hints.count() > 1 && !history.isBrowsing()) hints.move(event.key === 'ArrowUp' ? -1 : 1);
    else if (event.key === 'ArrowUp') fill(history.older() ?? input.value);
    else if (history.isBrowsing()) fill(history.newer());
  }
}

function isExact(hints: Listbox, typed: string): boolean {
  return [...hints.element.querySelectorAll('strong')].some((command) => command.textContent === typed);
}
