import type {
  ActionRequest,
  CloseRequest,
  CommandRequest,
  OpenHomeRequest,
  OptionsRequest,
  OptionsResponse,
  Outcome,
  PageMessage,
  PageWorkspace,
  ReadRequest,
  ShortcutRequest,
  SubmitRequest,
} from '../../slack/protocol/page-protocol.ts';
import type { RunPath } from '../../slack/protocol/runs-protocol.ts';

export const UNREACHABLE = 'The sandbox didn’t respond. Is `npm start` still running?';

/**
 * Fetches the workspace as `as` sees it, by default the first person. `isPageLoad` closes the person's open modals,
 * as a reload does in Slack. Throws if the server can't be reached or refuses.
 */
export async function fetchWorkspace(
  as: string | undefined,
  { isPageLoad = false }: { isPageLoad?: boolean } = {},
): Promise<PageWorkspace> {
  return get<PageWorkspace>('/sandbox/state', {
    ...(as === undefined ? {} : { as }),
    ...(isPageLoad ? { load: '1' } : {}),
  });
}

/** Throws if the server can't be reached or refuses. */
export async function fetchMessages(as: string, conversation: string): Promise<PageMessage[]> {
  return get<PageMessage[]>('/sandbox/messages', { as, conversation });
}

export function eventsUrl(as: string): string {
  return `/sandbox/events?${new URLSearchParams({ as })}`;
}

/** Sends a command or a message. */
export const sendLine = (typed: CommandRequest): Promise<Outcome> => post('command', typed);
export const reportAction = (used: ActionRequest): Promise<Outcome> => post('action', used);
export const submitView = (submitted: SubmitRequest): Promise<Outcome> => post('submit', submitted);
export const closeView = (closed: CloseRequest): Promise<Outcome> => post('close', closed);
export const runShortcut = (used: ShortcutRequest): Promise<Outcome> => post('shortcut', used);
export const reportHomeOpened = (opened: OpenHomeRequest): Promise<Outcome> => post('home', opened);

/** Stops a run as W&B's own page does. */
export const stopRun = (path: RunPath): Promise<Outcome> => post('wandb/stop', path);

export const markRead = (read: ReadRequest): Promise<Outcome> => post('read', read);

export async function findOptions(wanted: OptionsRequest): Promise<OptionsResponse> {
  try {
    const response = await send('options', wanted);
    const body: OptionsResponse & { message?: string } = await response.json();
    return response.ok ? body : { options: [], error: body.message ?? UNREACHABLE };
  } catch {
    return { options: [], error: UNREACHABLE };
  }
}

async function get<Body>(path: string, query: Record<string, string>): Promise<Body> {
  const response = await fetch(`${path}?${new URLSearchParams(query)}`, {
    headers: { accept: 'application/json' },
  });
  if (!response.ok) throw new Error(`${path} returned ${response.status}`);
  return response.json();
}

/** Returns refusals and broken connections as outcomes, so that every caller has to show them. */
async function post(action: string, body: object): Promise<Outcome> {
  try {
    const response = await send(action, body);
    return await response.json();
  } catch {
    return { ok: false, error: 'unreachable', message: UNREACHABLE };
  }
}

function send(action: string, body: object): Promise<Response> {
  return fetch(`/sandbox/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
