import type { TellApp } from './event-deliveries.ts';
import { done, fault } from './outcome.ts';
import type { AppHomeOpened, Outcome } from './page-protocol.ts';
import type { SlackState } from './slack-state.ts';
import { viewPayload } from './view-record.ts';

/**
 * A person opens a tab of the app's own place in Slack.
 * @see https://docs.slack.dev/reference/events/app_home_opened
 */
export function createAppHomeOpenings(state: SlackState, tellApp: TellApp) {
  return async ({ as, tab }: AppHomeOpened): Promise<Outcome> => {
    const { workspace, app, homes } = state;
    const person = workspace.person(as);
    const directMessage = person && workspace.directMessageWithApp(person.id);
    const { messagesTabEnabled = true } = workspace.app;
    const hasTab = tab === 'home' ? app.homeTabEnabled === true : messagesTabEnabled;
    if (!person || !directMessage || !hasTab) return fault('not_found', 'There is no such tab.');
    const home = tab === 'home' ? homes.of(person.id) : undefined;
    tellApp({
      type: 'app_home_opened',
      user: person.id,
      channel: directMessage.id,
      tab,
      ...(home && { view: viewPayload(workspace, home) }),
      event_ts: state.nextTimestamp(),
    });
    return done;
  };
}
