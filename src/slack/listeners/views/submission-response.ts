import type { ModalView } from '@slack/types';
import { notice } from '../../messages/blocks.ts';
import type { ListenerContext } from '../listener-context.ts';
import type { ViewSubmissionPayload } from '../payloads.ts';
import { textView } from './account-form-view.ts';
import { updateView } from './open-account-form.ts';

/** The response to a `view_submission` (docs.slack.dev/surfaces/modals#response_actions). */
export type ShownResponse =
  | { kind: 'close' }
  | { kind: 'errors'; errors: Partial<Record<string, string>> }
  | { kind: 'view'; view: ModalView };

export type SubmissionResponse = ShownResponse & {
  /** Starts once Slack has the response, so that its own update of the view comes second. */
  afterwards?(): Promise<void>;
  /** Tells the person the same in another way, when Slack didn't get the response. */
  instead(): Promise<void>;
};

/** Returns a response that replaces the form by a text, under the form’s title. */
export function textResponse(
  context: ListenerContext,
  { view, user }: ViewSubmissionPayload,
  { title, text }: { title: string; text: string },
  requestId: string,
): SubmissionResponse {
  const shown = textView(text, requestId, title);
  return {
    kind: 'view',
    view: shown,
    async instead() {
      if ((await updateView(context, { viewId: view.id }, shown)) === 'updated') return;
      const person = { responseUrl: undefined, channelId: undefined, slackUserId: user.id };
      await context.reply.ephemeral(person, notice(text, requestId));
    },
  };
}
