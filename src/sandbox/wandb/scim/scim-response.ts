import { createHash } from 'node:crypto';
import { type HttpResponse, jsonResponse } from '../../http/local-server.ts';
import { WandbError } from '../permissions.ts';

const HEADERS = { 'content-type': 'application/scim+json; charset=utf-8' };

export function scimResponse(body: object, status: 200 | 201 = 200): HttpResponse {
  return jsonResponse(body, { status, headers: HEADERS });
}

export const noContent: HttpResponse = { status: 204, headers: {}, body: '' };

/** The error response of RFC 7644, section 3.12. */
export function scimErrorResponse({ message, status }: WandbError): HttpResponse {
  const schemas = ['urn:ietf:params:scim:api:messages:2.0:Error'];
  return jsonResponse({ schemas, detail: message, status: String(status) }, { status, headers: HEADERS });
}

export const scimError = (status: number, detail: string) => new WandbError(detail, { status });

/** A list always has all resources: W&B's page size is 9999. */
export function scimList(resources: object[]): HttpResponse {
  return scimResponse({
    Resources: resources,
    itemsPerPage: 9999,
    schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
    startIndex: 1,
    totalResults: resources.length,
  });
}

/** Returns the ID in SCIM, which isn't the one in GraphQL. */
export function scimId({ id }: { id: string }): string {
  return createHash('sha256').update(id).digest('hex').slice(0, 20);
}

export function resourceMeta(resourceType: 'User' | 'Group', one: { id: string; createdAtMs: number }) {
  const created = new Date(one.createdAtMs).toISOString();
  return { resourceType, created, lastModified: created, location: `${resourceType}s/${scimId(one)}` };
}

/**
 * Reads a filter like `userName eq "x"`, the only kind that W&B documents. Returns undefined without one.
 * @throws WandbError 400
 */
export function readScimFilter<Attribute extends string>(
  filter: string | undefined,
  attributes: readonly Attribute[],
): { attribute: Attribute; value: string } | undefined {
  if (filter === undefined) return undefined;
  const [, name, quoted] = /^\s*([\w.]+)\s+eq\s+("(?:[^"\\]|\\.)*")\s*$/iu.exec(filter) ?? [];
  const attribute = attributes.find((one) => one === name);
  const value = attribute && quoted === undefined ? undefined : unquoted(quoted);
  if (attribute === undefined || value === undefined) throw scimError(400, `unsupported filter: ${filter}`);
  return { attribute, value };
}

function unquoted(text = ''): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}

/** @throws WandbError 400 */
export function readScimBody(text: string): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === 'object' && body !== null) return body as Record<string, unknown>;
  } catch {
    // Falls through: the same error as for JSON that isn't an object.
  }
  throw scimError(400, 'invalid JSON body');
}
