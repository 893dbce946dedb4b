import type {
  Controls,
  DisconnectRequest,
  Exchange,
  ExpireRequest,
  SetFailureRequest,
  SetInstallationRequest,
  SetMembershipRequest,
  SetPersonRequest,
  StartDemoRunRequest,
} from '../../slack/protocol/panel-protocol.ts';
import { UNREACHABLE } from '../session/api.ts';

export const panelEventsUrl = '/sandbox/panel/events';

export type Responded<Value> = { ok: true; value: Value } | { ok: false; message: string };

export const fetchTraffic = () => ask<Exchange[]>('traffic');
export const fetchControls = () => ask<Controls>('controls');
export const switchFailure = (switched: SetFailureRequest) => ask<Controls>('failure', switched);
export const switchMembership = (switched: SetMembershipRequest) => ask<Controls>('membership', switched);
export const switchInstallation = (switched: SetInstallationRequest) =>
  ask<Controls>('installation', switched);
export const switchPerson = (switched: SetPersonRequest) => ask<Controls>('person', switched);
export const expireNow = (expired: ExpireRequest) => ask<Controls>('expire', expired);
export const disconnectSockets = (disconnected: DisconnectRequest) => ask<Controls>('sockets', disconnected);
export const startDemoRun = (started: StartDemoRunRequest) => ask<Controls>('demo-run', started);
export const clearTraffic = () => ask<Controls>('clear', {});

/** Returns refusals and broken connections as values, so that every caller has to show them. */
async function ask<Value>(path: string, body?: object): Promise<Responded<Value>> {
  try {
    const response = await fetch(`/sandbox/panel/${path}`, body ? posted(body) : {});
    if (response.ok) return { ok: true, value: await response.json() };
    return { ok: false, message: await refusal(response) };
  } catch {
    return { ok: false, message: UNREACHABLE };
  }
}

function posted(body: object): RequestInit {
  return {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

async function refusal(response: Response): Promise<string> {
  const body: { error?: string; message?: string } = await response.json().catch(() => ({}));
  return body.message ?? body.error ?? `The sandbox returned ${response.status}.`;
}
