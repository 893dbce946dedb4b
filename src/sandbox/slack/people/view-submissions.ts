import { z } from 'zod';
import { checkView } from '../block-kit/view.ts';
import {
  acknowledgementError,
  connectionTrouble,
  done,
  fault,
  readResponseBody,
} from '../protocol/app-response.ts';
import type { CloseRequest, Outcome, SubmitRequest } from '../protocol/page-protocol.ts';
import type { AppRequests } from '../to-app/app-requests.ts';
import {
  type InteractionPayload,
  viewClosedPayload,
  viewSubmissionPayload,
} from '../to-app/interaction-payloads.ts';
import { readState } from '../workspace/element-value.ts';
import { fieldErrors } from '../workspace/field-errors.ts';
import { loadedOptionsOf } from '../workspace/form-state.ts';
import type { SlackState } from '../workspace/slack-state.ts';
import type { OpenView } from '../workspace/views.ts';

/** What a test can do that no Slack client does. */
interface UncheckedSubmission {
  /** Skips the client's checks: required fields, lengths, and that choices were offered. */
  unchecked?: boolean;
  /** Changes the payload before it is signed. */
  changePayload?: (payload: InteractionPayload) => InteractionPayload;
}

const responseAction = z.discriminatedUnion('response_action', [
  z.object({ response_action: z.literal('errors'), errors: z.record(z.string(), z.string().min(1)) }),
  z.object({ response_action: z.literal('update'), view: z.unknown() }),
  z.object({ response_action: z.literal('push'), view: z.unknown() }),
  z.object({ response_action: z.literal('clear') }),
]);

/** A person submits the topmost view. */
export function createViewSubmissions(state: SlackState, appRequests: AppRequests) {
  return async (request: SubmitRequest, options: UncheckedSubmission = {}): Promise<Outcome> => {
    const person = state.workspace.person(request.as);
    const open = person && state.views.stackOf(person.id).at(-1);
    if (!person || !open || open.id !== request.view) return fault('not_found', 'No such view.');
    if (!open.view.submit) return fault('invalid_request', 'The view has no submit button.');
    if (options.unchecked) {
      open.state = { ...open.state, ...request.state };
    } else {
      const read = readState(open.view.blocks, open.state, request.state, loadedOptionsOf(open));
      if (!read.ok) return fault('invalid_request', read.message);
      open.state = read.state;
      const errors = fieldErrors(open.view.blocks, open.state);
      if (Object.keys(errors).length > 0) return { ok: false, error: 'errors', errors };
    }
    const payload = viewSubmissionPayload(state, person, open);
    const response = await appRequests.send({
      kind: 'interaction',
      payload: options.changePayload?.(payload) ?? payload,
    });
    const error = acknowledgementError(response);
    if (error || response.kind !== 'responded') return connectionTrouble(error ?? 'dispatch_failed');
    const body = readResponseBody(response);
    if (body.kind === 'empty') {
      state.views.close(open);
      return done;
    }
    return body.kind === 'json'
      ? applyResponse(state, open, body.value)
      : connectionTrouble('invalid_response');
  };
}

/** @see https://docs.slack.dev/surfaces/modals#updating_response */
function applyResponse({ views }: SlackState, open: OpenView, value: unknown): Outcome {
  const parsed = responseAction.safeParse(value);
  if (!parsed.success) return connectionTrouble('invalid_response');
  const response = parsed.data;
  switch (response.response_action) {
    case 'clear':
      views.clear(open.personId);
      return done;
    case 'errors':
      return showErrors(open, response.errors);
    case 'update':
    case 'push': {
      const checked = checkView(response.view);
      if (!checked.ok) return connectionTrouble('invalid_view');
      if (views.find(open.id) === undefined) return done;
      if (response.response_action === 'update') views.update(open, checked.value);
      else if (!views.push(open.personId, checked.value)) return connectionTrouble('push_limit_reached');
      return done;
    }
  }
}

function showErrors({ view }: OpenView, errors: Record<string, string>): Outcome {
  const inputs = new Set(view.blocks.filter(({ type }) => type === 'input').map(({ block_id }) => block_id));
  const blockIds = Object.keys(errors);
  const areValid = blockIds.length > 0 && blockIds.every((blockId) => inputs.has(blockId));
  return areValid ? { ok: false, error: 'errors', errors } : connectionTrouble('invalid_response');
}

/** A person closes the topmost view, or all views if it has `clear_on_close`. */
export function createViewClosings(state: SlackState, appRequests: AppRequests) {
  return async ({ as, view }: CloseRequest): Promise<Outcome> => {
    const person = state.workspace.person(as);
    const open = person && state.views.stackOf(person.id).at(-1);
    if (!person || !open || open.id !== view) return fault('not_found', 'No such view.');
    const { clear_on_close, notify_on_close } = open.view;
    const payload = viewClosedPayload(state, person, open, clear_on_close);
    if (clear_on_close) state.views.clear(person.id);
    else state.views.close(open);
    if (notify_on_close) await appRequests.send({ kind: 'interaction', payload });
    return done;
  };
}
