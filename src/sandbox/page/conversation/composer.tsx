import './composer.css';
import { useId, useState } from 'react';
import { Autocomplete, Button, TextArea, TextField } from 'react-aria-components';
import type { Conversation, Workspace } from '../../page-protocol.ts';
import { Icon } from '../look/icons.tsx';
import { Spinner } from '../look/spinner.tsx';
import { titleOf } from '../session/other-person.ts';
import { useSession, useSessionState } from '../session/use-session.ts';
import { AddMenu } from './add-menu.tsx';
import { CommandHints } from './command-hints.tsx';
import { CommandUsage } from './command-usage.tsx';
import { commandOf, findHints, type Hint } from './find-hints.ts';
import { useComposerKeys } from './use-composer-keys.ts';
import type { ComposerLine } from './use-composer-line.ts';

interface ComposerProps {
  conversation: Conversation;
  composer: ComposerLine;
}

export function Composer({ conversation, composer }: ComposerProps) {
  const session = useSession();
  const { workspace } = useSessionState();
  const { app, commands } = workspace;
  const { line, fieldRef } = composer;
  // The line that the hints were closed for.
  const [closedFor, setClosedFor] = useState<string>();
  const hints = line === closedFor ? [] : findHints(line, commands, app.shortcuts);
  const usage = commandOf(line, commands);
  const usageId = useId();
  const runShortcut = (callbackId: string) => void session.runShortcut(callbackId, conversation.id);
  const choose = (hint: Hint): void => {
    composer.fill(hint.kind === 'command' ? `${hint.command.command} ` : '');
    if (hint.kind === 'shortcut') runShortcut(hint.shortcut.callbackId);
  };
  const closeHints = () => setClosedFor(line);
  const onKeyDownCapture = useComposerKeys({ composer, hints, choose, closeHints });
  const placeholder = placeholderOf(workspace, conversation);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are the field's.
    <div
      className="composer"
      onKeyDownCapture={onKeyDownCapture}
      onBlur={({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) closeHints();
      }}
    >
      <Autocomplete inputValue={line} onInputChange={composer.change}>
        {hints.length > 0 && <CommandHints hints={hints} appName={app.name} onChoose={choose} />}
        {usage && <CommandUsage id={usageId} command={usage} />}
        <div className="composer-box">
          <TextField aria-label={placeholder} className="composer-field">
            <TextArea
              ref={fieldRef}
              role="combobox"
              aria-expanded={hints.length > 0}
              aria-haspopup="listbox"
              aria-describedby={usage ? usageId : undefined}
              rows={1}
              placeholder={placeholder}
            />
          </TextField>
          <div className="composer-actions">
            <AddMenu
              appName={app.name}
              shortcuts={app.shortcuts.filter(({ type }) => type === 'global')}
              onShortcut={runShortcut}
              onSlash={() => composer.fill('/')}
            />
            <Button
              className={line.trim() === '' ? 'send' : 'send ready'}
              aria-label="Send"
              isDisabled={line.trim() === ''}
              onPress={() => void composer.send()}
            >
              <Icon name="send" />
            </Button>
          </div>
        </div>
      </Autocomplete>
      <Waiting command={composer.waitsFor} />
    </div>
  );
}

function Waiting({ command }: { command: string | undefined }) {
  return (
    <p className="composer-note" role="status">
      {command !== undefined && (
        <>
          <Spinner label="Waiting" />
          Running {command}…
        </>
      )}
    </p>
  );
}

function placeholderOf(workspace: Workspace, conversation: Conversation): string {
  const isChannel = conversation.kind === 'public' || conversation.kind === 'private';
  return `Message ${isChannel ? '#' : ''}${titleOf(workspace, conversation)}`;
}
