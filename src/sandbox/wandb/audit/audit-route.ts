import type { FastifyInstance } from 'fastify';
import { type HttpResponse, jsonResponse } from '../../http/local-server.ts';
import { authenticateByName } from '../caller.ts';
import type { Capabilities } from '../capabilities.ts';
import { notLoggedIn, permissionDenied, WandbError } from '../permissions.ts';
import type { RequestLog } from '../request-log.ts';
import { type RoutePlans, respondToRoute } from '../route-response.ts';
import type { WandbState } from '../wandb-state.ts';
import { type AuditLog, rfc3339 } from './audit-log.ts';
import { type AuditParameters, cursorAt, readAuditQuery } from './audit-query.ts';

interface AuditRouteParts extends RoutePlans {
  basePath: string;
  state: WandbState;
  capabilities: Readonly<Capabilities>;
  auditLog: AuditLog;
  log: RequestLog;
  now: () => number;
}

/** Adds `/admin/audit_logs`, as servers have it, and `/audit_logs`, as the cloud has it. */
export function addAuditRoute(server: FastifyInstance, parts: AuditRouteParts): void {
  const paths = { '/admin/audit_logs': 'server', '/audit_logs': 'cloud' } as const;
  for (const [path, flavor] of Object.entries(paths)) {
    const url = `${parts.basePath}${path}`;
    server.get<{ Querystring: AuditParameters }>(url, async (request, reply) => {
      const { method, headers, query } = request;
      const caller = authenticateByName(parts.state, headers.authorization, { takesBearer: false });
      const username = caller.kind === 'user' ? caller.user.username : null;
      const record = parts.log.beginRoute({ method, path: url, headers, caller: username });
      const effect = () => respond(parts, { authorization: headers.authorization, query, flavor });
      await respondToRoute(reply, parts, { operation: 'audit_logs', record, effect });
    });
  }
}

interface AuditRequest {
  authorization: string | undefined;
  query: AuditParameters;
  flavor: 'server' | 'cloud';
}

function respond(
  { state, capabilities, auditLog, now }: AuditRouteParts,
  { authorization, query, flavor }: AuditRequest,
): HttpResponse {
  try {
    if (capabilities.auditLog === 'off') throw new WandbError('not found', { status: 404 });
    const caller = authenticateByName(state, authorization, { takesBearer: false });
    if (caller.kind !== 'user') throw notLoggedIn();
    if (!caller.user.admin || capabilities.auditLog === 'forbidden') throw permissionDenied();
    const isOld = capabilities.auditLog === 'lines';
    const wanted = readAuditQuery(query, { flavor: isOld ? 'old_server' : flavor, nowMs: now() });
    const { startMs, endMs, offset, limit, isPaged } = wanted;
    const inRange = auditLog.entries.filter(({ timestamp }) => {
      const timeMs = Date.parse(timestamp);
      return timeMs >= startMs && timeMs < endMs;
    });
    if (!isPaged) return newlineSeparated(inRange);
    const page = inRange.slice(offset, offset + limit);
    const next = offset + page.length;
    return jsonResponse({
      audit_logs: page,
      range_start_time: rfc3339(startMs),
      range_end_time: rfc3339(endMs),
      count: page.length,
      next_cursor: next < inRange.length ? cursorAt(next, startMs) : null,
    });
  } catch (error) {
    if (!(error instanceof WandbError)) throw error;
    return jsonResponse({ error: error.message }, { status: error.status });
  }
}

function newlineSeparated(entries: object[]): HttpResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/x-ndjson' },
    body: entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''),
  };
}
