import type { RunningWorkspace } from '../../world/running-workspace.ts';

let events = 0;

/** Sends the app an event as Slack does, over HTTP or the socket, whether or not the app subscribes to it. */
export function sendAppEvent(
  { slack }: RunningWorkspace,
  event: { type: string; [field: string]: unknown },
  more: { team_id?: string; event_id?: string } = {},
) {
  events += 1;
  const { team } = slack.internals.state.workspace;
  return slack.internals.appRequests.send({
    kind: 'event',
    payload: { type: 'event_callback', team_id: team.id, event_id: `Ev0TEST${events}`, event, ...more },
  });
}
