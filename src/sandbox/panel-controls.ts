import { setAppMembership } from './app-membership.ts';
import type { FailurePlan } from './failures.ts';
import type {
  Controls,
  ExpiredNow,
  FailureSwitched,
  MembershipSwitched,
  SocketsDisconnected,
} from './panel-protocol.ts';
import type { SlackState } from './slack-state.ts';
import type { SocketMode } from './socket-mode.ts';
import { webApiMethods } from './web-api/methods.ts';

export interface ControlledParts {
  state: SlackState;
  failures: FailurePlan;
  socketMode: SocketMode;
}

/** `not_found`: there is no such method or conversation, or it can't be switched. */
export type Switched = 'done' | 'not_found';

const failable = ['response_url', ...Object.keys(webApiMethods)].sort();

/** The switches of the developers' panel, and how they stand. */
export function createPanelControls({ state, failures, socketMode }: ControlledParts) {
  const { workspace, triggers, responseUrls } = state;
  const channels = () =>
    workspace.conversations.flatMap(({ id, name = id, kind, hasApp }) =>
      kind === 'public' || kind === 'private' ? [{ id, name, kind, hasApp }] : [],
    );
  return {
    read: (): Controls => ({
      methods: failable,
      failures: failures.list(),
      channels: channels(),
      triggers: triggers.usable(),
      responseUrls: responseUrls.usable(),
      nextTriggerExpires: triggers.nextExpires(),
      sockets: socketMode.count(),
    }),
    switchFailure({ method, failure, times }: FailureSwitched): Switched {
      if (!failable.includes(method)) return 'not_found';
      if (failure) failures.set(method, failure, times === undefined ? {} : { times });
      else failures.clear(method);
      return 'done';
    },
    switchMembership({ conversation, isMember }: MembershipSwitched): Switched {
      if (!channels().some(({ id }) => id === conversation)) return 'not_found';
      setAppMembership(state, conversation, isMember);
      return 'done';
    },
    expire({ what }: ExpiredNow): Switched {
      switch (what) {
        case 'triggers':
          triggers.expireAll();
          break;
        case 'response_urls':
          responseUrls.expireAll();
          break;
        case 'next_trigger':
          triggers.expireNext();
      }
      return 'done';
    },
    disconnectSockets({ reason }: SocketsDisconnected): Switched {
      socketMode.disconnect(reason);
      return 'done';
    },
  };
}
