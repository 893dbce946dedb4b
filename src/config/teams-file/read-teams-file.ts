import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import type { z } from 'zod';
import { nearestName } from '../../domain/nearest-name.ts';
import { decodeUtf8, type RegularFileResult, readRegularFile } from '../regular-file.ts';
import { policiesFileSchema } from './policies-file-schema.ts';
import { typeText } from './schema-parts.ts';
import type { TeamsFileOptions, TeamsFileProblem, TeamsFileResult } from './teams-file.ts';
import { teamsFileSchema } from './teams-file-schema.ts';

export const TEAMS_FILE_MAX_BYTES = 16 * 1024 * 1024;

/** Reads and parses the file at `path`. Problems name it as `file`. */
export function readTeamsFile(
  path: string,
  file: string = path,
  options: TeamsFileOptions = {},
): TeamsFileResult {
  const refuse = (message: string): TeamsFileResult => ({
    ok: false,
    problems: [{ file, line: 1, column: 1, path: '', message }],
  });
  const content = readRegularFile(path, TEAMS_FILE_MAX_BYTES);
  if (!content.ok) return refuse(unreadableText(content.reason));
  const text = decodeUtf8(content.bytes);
  return text === undefined
    ? refuse('The file isn’t UTF-8 text. Save it as UTF-8.')
    : parseTeamsFile(text, file, options);
}

function unreadableText(reason: Extract<RegularFileResult, { ok: false }>['reason']): string {
  switch (reason) {
    case 'absent':
      return 'File not found. Write it, or run "npm run keysmith -- init" for an example.';
    case 'forbidden':
      return 'This user can’t read the file. Change its owner or mode.';
    case 'not_a_file':
      return 'This isn’t a regular file.';
    case 'too_large':
      return 'The file is larger than 16 MiB, the limit for a teams file.';
    case 'unreadable':
      return 'The file can’t be read.';
  }
}

/**
 * Parses the text of a teams file, and reports all problems at once, in the order of the file. Text that isn't valid YAML is
 * only reported for that.
 */
export function parseTeamsFile(
  text: string,
  file: string,
  { allowInsecureIssuers = false, ownUrl, isOnServer = false }: TeamsFileOptions = {},
): TeamsFileResult {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, {
    lineCounter,
    // The library's own messages quote the text.
    prettyErrors: false,
    // Quadratic in the library; `toValue` finds duplicates.
    uniqueKeys: false,
    resolveKnownTags: false,
    version: '1.2',
    logLevel: 'error',
  });
  const problems = createProblems(file, lineCounter);
  addYamlErrors(problems, [...document.errors, ...document.warnings]);
  if (document.errors.some(({ code }) => code !== 'MULTIPLE_DOCS')) return problems.result();
  const root = document.contents;
  if (root === null) {
    problems.add(0, [], 'The file is empty. It needs at least "teams".');
    return problems.result();
  }
  const value = toValue(root, [], problems);
  const schema = isOnServer ? policiesFileSchema() : teamsFileSchema({ allowInsecureIssuers, ownUrl });
  const parsed = schema.safeParse(value, {
    error: (issue) => issueText(issue, { isOnServer }),
    reportInput: true,
  });
  if (parsed.success && problems.list.length === 0) {
    const warnings = createProblems(file, lineCounter);
    for (const { path, message } of parsed.data.warnings)
      warnings.add(nodeAt(root, path).offset, path, message);
    const { teamsFile } = parsed.data;
    const teamLines = new Map(
      teamsFile.teams.map(({ name }, index) => {
        return [name, problems.lineOf(nodeAt(root, ['teams', index]).offset)];
      }),
    );
    return { ok: true, teamsFile, warnings: warnings.list, teamLines };
  }
  for (const issue of parsed.error?.issues ?? []) addIssue(problems, root, issue);
  return problems.result();
}

type Path = readonly PropertyKey[];

interface Problems {
  add(offset: number, path: Path, message: string): void;
  lineOf(offset: number): number;
  list: TeamsFileProblem[];
  result(): Extract<TeamsFileResult, { ok: false }>;
}

function createProblems(file: string, lineCounter: LineCounter): Problems {
  const list: TeamsFileProblem[] = [];
  const positionOf = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    // The counter returns 0 for an empty text.
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return {
    add: (offset, path, message) => list.push({ file, ...positionOf(offset), path: pathText(path), message }),
    lineOf: (offset) => positionOf(offset).line,
    list,
    result: () => ({
      ok: false,
      problems: list.toSorted((a, b) => a.line - b.line || a.column - b.column),
    }),
  };
}

/** Returns a path such as `teams[0].members[2].role`. */
function pathText(path: Path): string {
  const segments = path.map((key) => {
    if (typeof key === 'number') return `[${key}]`;
    return looksLikeKey(String(key)) ? `.${String(key)}` : '.?';
  });
  return segments.join('').replace(/^\./, '');
}

/** Only such keys are repeated: the file may be something else, with secrets in it. */
function looksLikeKey(name: string): boolean {
  return /^[a-z_-]{1,32}$/i.test(name);
}

/**
 * Converts nodes to plain values. Of duplicate keys, the first counts. Aliases become null, which no schema accepts, so they
 * are never expanded.
 */
function toValue(node: unknown, path: Path, problems: Problems): unknown {
  if (isScalar(node)) return node.value;
  if (isSeq(node)) return node.items.map((item, index) => toValue(item, [...path, index], problems));
  if (!isMap(node)) return null;
  const firstOffsets = new Map<string, number>();
  const entries: [string, unknown][] = [];
  for (const { key, value } of node.items) {
    const name = isScalar(key) ? key.value : undefined;
    const offset = startOf(key) ?? startOf(node) ?? 0;
    if (typeof name !== 'string') {
      problems.add(offset, path, 'This key isn’t plain text.');
      continue;
    }
    const firstOffset = firstOffsets.get(name);
    if (firstOffset === undefined) {
      firstOffsets.set(name, offset);
      entries.push([name, toValue(value, [...path, name], problems)]);
    } else {
      const line = problems.lineOf(firstOffset);
      problems.add(offset, [...path, name], `Duplicate key (first on line ${line}).`);
    }
  }
  return Object.fromEntries(entries);
}

function startOf(node: unknown): number | undefined {
  return (node as Node | null)?.range?.[0];
}

/** Returns the text of the issues that have none of their own. Unknown keys get a line each. */
function issueText(issue: z.core.$ZodRawIssue, { isOnServer }: { isOnServer: boolean }): string {
  const allowed =
    issue.inst instanceof Object && 'shape' in issue.inst ? Object.keys(issue.inst.shape ?? {}) : [];
  if (issue.code === 'unrecognized_keys') {
    const textOf = (key: string) =>
      isOnServer && KEYS_OF_SERVER.has(key) ? ofServerText(key) : unknownKeyText(key, allowed);
    return issue.keys.map(textOf).join('\n');
  }
  if (issue.code !== 'invalid_type') return 'This value isn’t allowed here.';
  if (issue.input === undefined) return `"${String(issue.path?.at(-1))}" is missing here.`;
  switch (issue.expected) {
    case 'string':
      return typeText('text', issue.input);
    case 'boolean':
      return typeText('true or false', issue.input);
    case 'array':
      return typeText('a list', issue.input);
    default:
      return typeText(allowed.length > 0 ? `a map with ${allowed.join(', ')}` : 'a map', issue.input);
  }
}

/** What a W&B server manages. */
const KEYS_OF_SERVER = new Set(['admins', 'issuers', 'subjects', 'members', 'projects', 'take_over']);

function ofServerText(name: string): string {
  return `Remove "${name}": with a W&B server as the backend, only policies and channels are set here. Teams, members, roles and issuers come from that server, organization admins from KEYSMITH_ORGANIZATION_ADMINS.`;
}

function unknownKeyText(name: string, allowed: readonly string[]): string {
  const nearest = nearestName(name, allowed);
  const suggestion = nearest === undefined ? '.' : `: did you mean "${nearest}"?`;
  const unknown = looksLikeKey(name) ? `Unknown key "${name}"` : 'Unknown key';
  return `${unknown}${suggestion} Allowed here: ${allowed.join(', ')}.`;
}

/** Adds an issue at the place of its value. Values in the JSON text of a key set have the place of that text. */
function addIssue(problems: Problems, root: Node, issue: z.core.$ZodIssue): void {
  const { path, message } = issue;
  const { node, offset } = nodeAt(root, path);
  if (issue.code === 'unrecognized_keys') {
    const offsets = keyOffsets(node);
    const texts = message.split('\n');
    for (const [index, name] of issue.keys.entries()) {
      problems.add(offsets.get(name) ?? offset, path, texts[index] ?? message);
    }
  } else if (isAlias(node)) {
    problems.add(offset, path, 'Aliases ("*" before a word) aren’t supported. Write the value itself.');
  } else if (issue.code === 'custom' && issue.params?.earlier !== undefined) {
    const earlier: Path = issue.params.earlier;
    const absolute = [...path.slice(0, path.length - earlier.length), ...earlier];
    const line = problems.lineOf(nodeAt(root, absolute).offset);
    problems.add(offset, path, message.replace('{line}', String(line)));
  } else {
    const isMissing = issue.code === 'invalid_type' && issue.input === undefined;
    problems.add(offset, isMissing ? path.slice(0, -1) : path, message);
  }
}

function keyOffsets(map: unknown): ReadonlyMap<unknown, number | undefined> {
  const offsets = new Map<unknown, number | undefined>();
  for (const { key } of isMap(map) ? map.items : []) {
    if (isScalar(key) && !offsets.has(key.value)) offsets.set(key.value, startOf(key));
  }
  return offsets;
}

/** Returns the innermost node on the path, and where it starts. */
function nodeAt(root: Node, path: Path): { node: unknown; offset: number } {
  let node: unknown = root;
  let offset = startOf(root) ?? 0;
  for (const segment of path) {
    if (isSeq(node)) node = node.items[Number(segment)];
    else if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === segment);
      if (pair === undefined) break;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else break;
    offset = startOf(node) ?? offset;
  }
  return { node, offset };
}

function addYamlErrors(
  problems: Problems,
  errors: readonly { code: YAMLError['code']; pos: [number, number] }[],
): void {
  const reportedLines = new Set<number>();
  for (const { code, pos } of errors) {
    const line = problems.lineOf(pos[0]);
    // One mistake often causes several errors on its line.
    if (reportedLines.has(line)) continue;
    reportedLines.add(line);
    problems.add(pos[0], [], yamlErrorText(code));
  }
}

function yamlErrorText(code: YAMLError['code']): string {
  switch (code) {
    case 'MULTIPLE_DOCS':
      return 'A second YAML document starts here. Keep one, and remove the "---" line.';
    case 'TAG_RESOLVE_FAILED':
    case 'MULTIPLE_TAGS':
    case 'BAD_COLLECTION_TYPE':
      return 'Tags (words with "!" before a value) aren’t allowed. Remove the tag, or put the value in quotes.';
    case 'TAB_AS_INDENT':
      return 'Indented with a tab. YAML only allows spaces.';
    case 'BAD_INDENT':
      return 'The indentation doesn’t match the lines above.';
    case 'BAD_DQ_ESCAPE':
      return 'Unknown escape after a backslash. Write "\\\\" for a backslash, or use single quotes.';
    case 'MISSING_CHAR':
      return 'A character is missing before this place: a closing quote or bracket, a comma, or a space after ":" or ",".';
    case 'BAD_SCALAR_START':
      return 'A value can’t start with this character. Put the value in quotes.';
    case 'RESOURCE_EXHAUSTION':
      return 'The file is nested too deeply.';
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
    case 'MULTIPLE_ANCHORS':
      return 'This anchor or alias isn’t valid YAML. Write the value itself, in quotes if it starts with "*" or "&".';
    case 'BAD_DIRECTIVE':
      return 'Unknown directive. Remove the line that starts with "%".';
    default:
      return 'This isn’t valid YAML. Check the indentation, the quotes, and the ":" on this line and the one above.';
  }
}
