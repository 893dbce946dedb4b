import type { IncomingHttpHeaders } from 'node:http';
import type { GraphqlCall } from './graphql/graphql-call.ts';

/** One call, with its credentials masked; keys may stand in what it asks for. */
export interface WandbRequest {
  /** The GraphQL root fields: `createServiceAccount`, `entity`, … */
  operations: string[];
  operationName: string | null;
  query: string;
  variables: Record<string, unknown>;
  headers: IncomingHttpHeaders;
  /** Username of whose credentials it came with; null: nobody's. */
  caller: string | null;
  startedAtMs: number;
  /** Absent until it was answered, and where it never is. */
  endedAtMs?: number;
  status?: number;
  /** The kind of what was made to fail. */
  failure?: string;
  /** What was asked for was done, or refused by the server's own rules; false until then. */
  executed: boolean;
}

export interface RequestLog {
  /** The last 1000. */
  records: WandbRequest[];
  begin(call: GraphqlCall, from: { headers: IncomingHttpHeaders; caller: string | null }): WandbRequest;
  end(record: WandbRequest, status: number | undefined): void;
}

const kept = 1000;

export function createRequestLog(now: () => number): RequestLog {
  const records: WandbRequest[] = [];
  return {
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
      if (records.length > kept) records.shift();
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
