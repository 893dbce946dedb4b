import { readProjectName } from '../../domain/accounts/names.ts';
import { readTeamName } from '../../domain/organization/team-name.ts';

/** A path that may go upstream, and what it names. Names are in their compared form. */
export type GatewayPath = {
  /** Encoded again from its checked segments; without a query. */ path: string;
} & (
  | { kind: 'graphql' }
  | { kind: 'file_stream'; entity: string; project: string; run: string }
  | { kind: 'download'; entity: string; project: string | undefined }
);

/** Longer than the path of any file that an SDK uploads. */
const MAX_PATH_LENGTH = 4_096;

/**
 * Reads the path of a request by the allow-list. Every segment is decoded once, checked, and encoded again, so that every
 * proxy and server behind Keysmith reads the path that was checked.
 *
 * @param path as sent, without a query
 * @returns undefined for every other path: Keysmith responds as if there were none
 */
export function readGatewayPath(method: string, path: string): GatewayPath | undefined {
  const [root, ...segments] = readSegments(path) ?? [];
  if (method === 'POST') {
    if (root === 'graphql') return segments.length === 0 ? { kind: 'graphql', path: '/graphql' } : undefined;
    return root === 'files' ? readFileStream(segments) : undefined;
  }
  if (method !== 'GET') return undefined;
  switch (root) {
    case 'files':
      return segments.length >= 4 ? download(root, segments, 0, true) : undefined;
    case 'artifacts':
      return segments.length >= 2 ? download(root, segments, 0, false) : undefined;
    case 'artifactsV2':
      // A region, and then an entity. Servers differ in what follows: a project, or the ID of an artifact.
      return segments.length >= 3 ? download(root, segments, 1, segments.length >= 4) : undefined;
    default:
      return undefined;
  }
}

function readFileStream(segments: readonly string[]): GatewayPath | undefined {
  const [entityText = '', projectText = '', run = '', last] = segments;
  const entity = readTeamName(entityText);
  const project = readProjectName(projectText);
  if (last !== 'file_stream' || segments.length !== 4 || entity === undefined || project === undefined)
    return undefined;
  return { kind: 'file_stream', entity, project, run, path: joinPath('files', entity, project, run, last) };
}

/** @param at the index of the entity's segment, which the project's follows */
function download(
  root: string,
  segments: readonly string[],
  at: number,
  namesProject: boolean,
): GatewayPath | undefined {
  const entity = readTeamName(segments[at] ?? '');
  const project = namesProject ? readProjectName(segments[at + 1] ?? '') : undefined;
  if (entity === undefined || (namesProject && project === undefined)) return undefined;
  const names = project === undefined ? [entity] : [entity, project];
  const path = joinPath(root, ...segments.slice(0, at), ...names, ...segments.slice(at + names.length));
  return { kind: 'download', entity, project, path };
}

function joinPath(...segments: readonly string[]): string {
  return segments.map((segment) => `/${encodeURIComponent(segment)}`).join('');
}

/** RFC 3986, section 3.3. */
const PATH = /^(?:\/(?:[\w.~!$&'()*+,;=:@-]|%[\dA-Fa-f]{2})+)+$/;

/**
 * Returns the decoded segments of a path. Undefined for a path with empty or relative segments, and with anything that
 * servers read in different ways: encoded slashes, backslashes, control characters, or text that a second decoding would change.
 */
export function readSegments(path: string): string[] | undefined {
  if (path.length > MAX_PATH_LENGTH || !PATH.test(path)) return undefined;
  const segments: string[] = [];
  for (const encoded of path.slice(1).split('/')) {
    const segment = decode(encoded);
    if (segment === undefined || !isUnambiguous(segment)) return undefined;
    segments.push(segment);
  }
  return segments;
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

function isUnambiguous(segment: string): boolean {
  if (/[/\\]|\p{Cc}|%[\dA-Fa-f]{2}/u.test(segment)) return false;
  return segment !== '.' && !segment.startsWith('..') && !segment.endsWith('..');
}
