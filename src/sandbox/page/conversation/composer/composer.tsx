import './composer.css';
import { useId } from 'react';
import { Autocomplete, Button, TextArea, TextField } from 'react-aria-components';
import type { Conversation, PageWorkspace } from '../../../slack/protocol/page-protocol.ts';
import { Icon, Spinner } from '../../look/icons.tsx';
import { titleOf } from '../../session/directory.ts';
import { useSessionState } from '../../session/session.ts';
import { CommandHints, CommandUsage, commandOf, useHints } from './command-hints.tsx';
import { useComposerKeys } from './composer-keys.ts';
import type { ComposerLine } from './composer-line.ts';
import { AddMenu } from './shortcut-menu.tsx';

interface ComposerProps {
  conversation: Conversation;
  composer: ComposerLine;
}

export function Composer({ conversation, composer }: ComposerProps) {
  const { workspace } = useSessionState();
  const { app, commands } = workspace;
  const { line } = composer;
  const { hints, choose, runShortcut, closeHints } = useHints(conversation, composer);
  const usage = commandOf(line, commands);
  const usageId = useId();
  const onKeyDownCapture = useComposerKeys({ composer, hints, choose, closeHints });
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the field inside.
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
          <LineField
            composer={composer}
            placeholder={placeholderOf(workspace, conversation)}
            hasHints={hints.length > 0}
            describedBy={usage && usageId}
          />
          <div className="composer-actions">
            <AddMenu
              appName={app.name}
              shortcuts={app.shortcuts.filter(({ type }) => type === 'global')}
              onShortcut={runShortcut}
              onSlash={() => composer.fill('/')}
            />
            <SendButton composer={composer} />
          </div>
        </div>
      </Autocomplete>
      <Waiting command={composer.pendingCommand} />
    </div>
  );
}

interface LineFieldProps {
  composer: ComposerLine;
  placeholder: string;
  hasHints: boolean;
  describedBy: string | undefined;
}

function LineField({ composer, placeholder, hasHints, describedBy }: LineFieldProps) {
  return (
    <TextField aria-label={placeholder} className="composer-field">
      <TextArea
        ref={composer.fieldRef}
        role="combobox"
        aria-expanded={hasHints}
        aria-haspopup="listbox"
        aria-describedby={describedBy}
        rows={1}
        placeholder={placeholder}
      />
    </TextField>
  );
}

function SendButton({ composer }: { composer: ComposerLine }) {
  const isEmpty = composer.line.trim() === '';
  return (
    <Button
      className={isEmpty ? 'send' : 'send ready'}
      aria-label="Send"
      isDisabled={isEmpty}
      onPress={() => void composer.send()}
    >
      <Icon name="send" />
    </Button>
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

function placeholderOf(workspace: PageWorkspace, conversation: Conversation): string {
  const isChannel = conversation.kind === 'public' || conversation.kind === 'private';
  return `Message ${isChannel ? '#' : ''}${titleOf(workspace, conversation)}`;
}
