import { Button } from 'react-aria-components';
import type { Conversation, Workspace } from '../../../slack/protocol/page-protocol.ts';
import { titleOf } from '../../session/other-person.ts';
import { useSessionState } from '../../session/use-session.ts';
import { ConversationPicture } from '../../sidebar/conversation-picture.tsx';

/** What the sandbox is there to be tried with. */
const FIRST_COMMAND = '/wandb service-account new';

interface BeginningProps {
  conversation: Conversation;
  /** Nothing was said yet: here is something to try. */
  isEmpty: boolean;
  onTry: (line: string) => void;
}

/** What stands above the first message. */
export function Beginning({ conversation, isEmpty, onTry }: BeginningProps) {
  const { workspace } = useSessionState();
  const command = suggestion(workspace);
  return (
    <div className="beginning">
      <h2>
        <ConversationPicture conversation={conversation} />
        {titleOf(workspace, conversation)}
      </h2>
      <p>{describe(workspace, conversation)}</p>
      {isEmpty && (
        <Button className="suggestion" onPress={() => onTry(command)}>
          Try <code>{command}</code>
        </Button>
      )}
    </div>
  );
}

function suggestion({ commands }: Workspace): string {
  const isKnown = commands.some(({ command }) => FIRST_COMMAND.startsWith(`${command} `));
  return isKnown ? FIRST_COMMAND : (commands[0]?.command ?? FIRST_COMMAND);
}

function describe(workspace: Workspace, conversation: Conversation): string {
  const { app } = workspace;
  const { kind, hasApp } = conversation;
  const name = titleOf(workspace, conversation);
  switch (kind) {
    case 'app_dm':
      return `This is the very beginning of your direct messages with ${app.name}. Only the two of you are in it.`;
    case 'person_dm':
      return `This is the very beginning of your direct messages with ${name}.`;
    case 'public':
    case 'private': {
      const membership = hasApp
        ? `${app.name} is in it.`
        : `${app.name} is not in it; its commands work here all the same.`;
      return `This is the very beginning of the ${kind === 'private' ? 'private ' : ''}channel ${name}. ${membership}`;
    }
  }
}
