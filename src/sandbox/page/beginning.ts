import type { Conversation, Workspace } from '../page-protocol.ts';
import { drawAvatar } from './avatar.ts';
import type { Directory } from './directory.ts';
import { make } from './dom.ts';
import { conversationMark } from './sidebar.ts';

/** What the sandbox is there to be tried with. */
const FIRST_COMMAND = '/wandb service-account new';

/** What stands above the first message; where there is none yet, with something to try. */
export function drawBeginning(
  workspace: Workspace,
  conversation: Conversation,
  directory: Directory,
  options: { isEmpty: boolean; tryCommand: (line: string) => void },
): HTMLElement {
  const command = suggestion(workspace);
  const button = make('button', { type: 'button', class: 'suggestion' }, 'Try ', make('code', {}, command));
  button.addEventListener('click', () => options.tryCommand(command));
  return make(
    'div',
    { class: 'beginning' },
    make('h2', {}, ...drawHeading(workspace, conversation, directory)),
    make('p', {}, describe(workspace, conversation)),
    options.isEmpty && button,
  );
}

function suggestion(workspace: Workspace): string {
  const commands = workspace.commands.map(({ command }) => command);
  const isKnown = commands.some((command) => FIRST_COMMAND.startsWith(`${command} `));
  return isKnown ? FIRST_COMMAND : (commands[0] ?? FIRST_COMMAND);
}

function drawHeading(workspace: Workspace, conversation: Conversation, directory: Directory): Node[] {
  const name = document.createTextNode(conversation.name);
  if (conversation.kind !== 'app_dm') return [conversationMark(conversation), name];
  return [drawAvatar(directory.author(workspace.app.botUserId)), name];
}

function describe(workspace: Workspace, { name, kind, hasApp }: Conversation): string {
  const app = workspace.app.name;
  switch (kind) {
    case 'app_dm':
      return `This is the very beginning of your direct messages with ${app}. Only the two of you are in it.`;
    case 'person_dm':
      return `This is the very beginning of your direct messages with ${name}.`;
    case 'public':
    case 'private': {
      const membership = hasApp
        ? `${app} is in it.`
        : `${app} is not in it; its commands work here all the same.`;
      return `This is the very beginning of the ${kind === 'private' ? 'private ' : ''}channel ${name}. ${membership}`;
    }
  }
}
