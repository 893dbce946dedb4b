import type { IncomingHttpHeaders } from 'node:http';
import type { GraphqlCall } from './graphql/graphql-call.ts';

/** One call. Its credentials are masked, but its variables can contain keys. */
export interface WandbRequest {
  /** The GraphQL root fields: `createServiceAccount`, `entity`, … */
  operations: string[];
  operationName: string | null;
  query: string;
  variables: Record<string, unknown>;
  headers: IncomingHttpHeaders;
  /** The username to which the credentials belong; null if they are missing or invalid. */
  caller: string | null;
  startedAtMs: number;
  /** Absent until the call has a response. */
  endedAtMs?: number;
  status?: number;
  /** The kind of the planned failure. */
  failure?: string;
  /** Whether the operation ran, even if the server's own rules refused it. */
  executed: boolean;
}

/** One call beside `/graphql`: SCIM, the audit log, lines of a run, or a file. Its credentials are masked. */
export interface WandbRouteRequest {
  method: string;
  /** Without the query, which can hold a signature. */
  path: string;
  headers: IncomingHttpHeaders;
  /** As in {@link WandbRequest}. */
  caller: string | null;
  /** Absent until the call has a response. */
  status?: number;
}

export interface RequestLog {
  /** The last 1000 calls beside `/graphql`. */
  routeRecords: WandbRouteRequest[];
  beginRoute(request: WandbRouteRequest): WandbRouteRequest;
  /** The last 1000. */
  records: WandbRequest[];
  begin(call: GraphqlCall, from: { headers: IncomingHttpHeaders; caller: string | null }): WandbRequest;
  end(record: WandbRequest, status: number | undefined): void;
}

const maximumRecords = 1000;

export function createRequestLog(now: () => number): RequestLog {
  const records: WandbRequest[] = [];
  const routeRecords: WandbRouteRequest[] = [];
  return {
    routeRecords,
    beginRoute(request) {
      const record = { ...request, headers: maskAuthorization(request.headers) };
      routeRecords.push(record);
      if (routeRecords.length > maximumRecords) routeRecords.shift();
      return record;
    },
    records,
    begin({ rootFields, operationName, query, variables }, { headers, caller }) {
      const record: WandbRequest = {
        operations: [...new Set(rootFields.map(({ name }) => name))],
        operationName,
        query,
        variables,
        headers: maskAuthorization(headers),
        caller,
        startedAtMs: now(),
        executed: false,
      };
      records.push(record);
      if (records.length > maximumRecords) records.shift();
      return record;
    },
    end(record, status) {
      Object.assign(record, { endedAtMs: now(), ...(status !== undefined && { status }) });
    },
  };
}

function maskAuthorization({ authorization, ...headers }: IncomingHttpHeaders): IncomingHttpHeaders {
  if (authorization === undefined) return headers;
  const [scheme] = authorization.split(' ', 1);
  return { ...headers, authorization: `${scheme} •••` };
}
