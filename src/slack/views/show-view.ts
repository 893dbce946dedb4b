import type { ModalView } from '@slack/types';
import type { SlackEdge } from '../edge.ts';
import { slackErrorCode } from '../web-client.ts';

/** Opens a view. Answers its ID, or Slack's error code (`expired_trigger_id`, …) where it did not open. */
export async function openView(
  { web, ports }: SlackEdge,
  triggerId: string,
  view: ModalView,
): Promise<{ viewId: string } | { error: string }> {
  try {
    const opened = await web.views.open({ trigger_id: triggerId, view });
    return opened.view?.id === undefined ? { error: 'no_view' } : { viewId: opened.view.id };
  } catch (error) {
    ports.logger.error({ err: error }, 'the view did not open');
    return { error: slackErrorCode(error) ?? 'unreachable' };
  }
}

/** `gone`: the view is not there any more, or has changed since `hash`. `failed`: Slack did not take it. */
export type ViewUpdate = 'shown' | 'gone' | 'failed';

export async function updateView(
  { web, ports }: SlackEdge,
  target: { viewId: string; hash?: string },
  view: ModalView,
): Promise<ViewUpdate> {
  const { viewId, hash } = target;
  try {
    await web.views.update({
      view_id: viewId,
      view,
      ...(hash === undefined ? {} : { hash }),
    });
    return 'shown';
  } catch (error) {
    const code = slackErrorCode(error);
    // A person who closed the view, or typed on, is no failure.
    if (code === 'not_found' || code === 'hash_conflict') return 'gone';
    ports.logger.error({ err: error }, 'the view was not updated');
    return 'failed';
  }
}
