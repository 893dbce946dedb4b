import type { Person, Workspace } from './page-protocol.ts';
import type { SlackState } from './slack-state.ts';

/** The workspace as one person sees it. */
export function shownWorkspace({ workspace, app, views, homes }: SlackState, me: string): Workspace {
  const people = workspace.people
    .filter(({ bot, deactivated }) => !bot && !deactivated)
    .map(({ id, name, realName, about = '' }): Person => ({ id, name, realName, about }));
  const myself = people.find(({ id }) => id === me);
  if (!myself) throw new Error(`${me} is no person of the workspace`);
  const home = homes.shownTo(me);
  return {
    team: { id: workspace.team.id, name: workspace.team.name },
    app: {
      name: app.name,
      botUserId: workspace.app.botUserId,
      homeTab: app.homeTabEnabled ?? false,
      messagesTab: workspace.app.messagesTabEnabled ?? true,
      shortcuts: app.shortcuts ?? [],
    },
    me: myself,
    people,
    conversations: workspace.conversationsOf(me).map((conversation) => ({
      id: conversation.id,
      name: workspace.nameShownTo(me, conversation),
      kind: conversation.kind,
      hasApp: conversation.hasApp,
    })),
    commands: app.commands,
    views: views.shownTo(me),
    ...(home && { home }),
  };
}
