import { type FormEvent, useRef } from 'react';
import { Button, Heading } from 'react-aria-components';
import type { ShownView } from '../../slack/protocol/page-protocol.ts';
import { Blocks } from '../block-kit/blocks/blocks.tsx';
import type { FormValues } from '../block-kit/form/form-values.ts';
import { Avatar } from '../look/avatar.tsx';
import { Icon } from '../look/icons.tsx';
import { Spinner } from '../look/spinner.tsx';
import { useSessionState } from '../session/use-session.ts';
import { useSurface } from '../session/use-surface.ts';
import { useFieldFocus } from './use-field-focus.ts';
import { useSubmission } from './use-submission.ts';

interface ViewFrameProps {
  view: ShownView;
  values: FormValues;
  /** How many views the stack has with this one. */
  depth: number;
  onBack: () => void;
  onCloseAll: () => void;
}

export function ViewFrame({ view, values, depth, onBack, onCloseAll }: ViewFrameProps) {
  const frameRef = useRef<HTMLFormElement>(null);
  useFieldFocus(frameRef, view);
  const { errors, problem, isBusy, edited, submit } = useSubmission(view, values, frameRef);
  const surface = useSurface({ view: view.id }, { values, edited });
  const submitForm = (event: FormEvent): void => {
    event.preventDefault();
    // React hands on the events of portals too, as those of a dialog that asks for confirmation.
    if (event.target === frameRef.current && view.submit !== undefined) void submit();
  };
  return (
    <form className="dialog-frame" ref={frameRef} noValidate onSubmit={submitForm}>
      <ViewHeader title={view.title} onCloseAll={onCloseAll} {...(depth > 1 ? { onBack } : {})} />
      <div className="dialog-body">
        <Blocks blocks={view.blocks} surface={surface} errors={errors} />
      </div>
      <div role="alert">
        {problem !== undefined && (
          <p className="dialog-problem">
            <Icon name="warning" />
            {problem}
          </p>
        )}
      </div>
      <ViewFooter view={view} isBusy={isBusy} onClose={onBack} />
    </form>
  );
}

interface ViewHeaderProps {
  title: string;
  onBack?: () => void;
  onCloseAll: () => void;
}

function ViewHeader({ title, onBack, onCloseAll }: ViewHeaderProps) {
  const { workspace, directory } = useSessionState();
  return (
    <div className="dialog-header">
      {onBack ? (
        <Button className="icon-button" aria-label="Go back" onPress={onBack}>
          <Icon name="back" />
        </Button>
      ) : (
        <Avatar author={directory.author(workspace.app.botUserId)} />
      )}
      <Heading slot="title">{title}</Heading>
      <Button className="icon-button" aria-label="Dismiss dialog" onPress={onCloseAll}>
        <Icon name="cross" />
      </Button>
    </div>
  );
}

interface ViewFooterProps {
  view: ShownView;
  isBusy: boolean;
  onClose: () => void;
}

function ViewFooter({ view, isBusy, onClose }: ViewFooterProps) {
  return (
    <div className="dialog-footer">
      <Button className="button" onPress={onClose}>
        {view.close}
      </Button>
      {view.submit !== undefined && (
        <Button className="button button-primary" type="submit" isPending={isBusy}>
          <span className="button-text">{view.submit}</span>
          {isBusy && <Spinner label="Sending" />}
        </Button>
      )}
    </div>
  );
}
