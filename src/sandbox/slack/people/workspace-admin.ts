import type { SendEvent } from '../to-app/events.ts';
import type { SlackState } from '../workspace/slack-state.ts';

/** What an admin does in the workspace's settings. Open pages reload the workspace. */
export interface WorkspaceAdmin {
  /** From then on, the bot token is `account_inactive`, and nothing that people do reaches the app. */
  uninstallApp(): void;
  /** Installs the app again, with the same tokens and scopes. */
  installApp(): void;
  /** Deactivates a person, or reactivates them. Returns false for bots and unknown people. */
  setDeactivated(personId: string, deactivated: boolean): boolean;
}

export function createWorkspaceAdmin(
  { app, workspace, events, nextTimestamp }: SlackState,
  sendEvent: SendEvent,
): WorkspaceAdmin {
  const reload = () => {
    const everyone = workspace.people.map(({ id }) => id);
    events.emit(everyone, { type: 'workspace' });
  };
  return {
    uninstallApp() {
      if (app.uninstalled) return;
      sendEvent({ type: 'app_uninstalled', event_ts: nextTimestamp() });
      app.uninstalled = true;
      reload();
    },
    installApp() {
      app.uninstalled = false;
      reload();
    },
    setDeactivated(personId, deactivated) {
      const person = workspace.people.find(({ id, bot }) => id === personId && !bot);
      if (!person) return false;
      person.deactivated = deactivated;
      reload();
      return true;
    },
  };
}
