import type { RestOperation } from '../rest/rest-client.ts';

/** Completes a call of SCIM (RFC 7644). `path` begins below the base URL of SCIM. */
export function scimOperation<Value>(
  operation: Omit<RestOperation<Value>, 'mediaType'>,
): RestOperation<Value> {
  return { ...operation, path: `/scim${operation.path}`, mediaType: 'application/scim+json' };
}

/** Returns the path of a list with a filter. The value is a JSON string (RFC 7644, section 3.4.2.2). */
export function filtered(path: string, attribute: string, value: string): string {
  return `${path}?filter=${encodeURIComponent(`${attribute} eq ${JSON.stringify(value)}`)}`;
}
