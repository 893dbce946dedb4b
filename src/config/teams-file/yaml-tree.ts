import { LineCounter, type Node, parseDocument, type YAMLError } from 'yaml';
import type { TeamsFileProblem } from './teams-file.ts';

/** Collects what is wrong, each at the line and column of an offset in the text. */
export interface ProblemReport {
  add(offset: number, path: string, message: string): void;
  lineOf(offset: number): number;
  readonly problems: TeamsFileProblem[];
}

export interface YamlTree {
  root: Node | null;
  report: ProblemReport;
  /** The text is no YAML: what could be read of it is not worth checking. */
  broken: boolean;
}

/** Reads YAML text into its nodes. Tags and further documents are problems; values keep their YAML 1.2 types. */
export function parseYamlTree(text: string, file: string): YamlTree {
  const lineCounter = new LineCounter();
  const report = createReport(file, lineCounter);
  const document = parseDocument(text, {
    lineCounter,
    // Their own messages quote the text, which may be anything.
    prettyErrors: false,
    // Quadratic in the library; the node reader finds duplicates of the keys that it knows.
    uniqueKeys: false,
    resolveKnownTags: false,
    version: '1.2',
    logLevel: 'error',
  });
  const reportedLines = new Set<number>();
  for (const error of [...document.errors, ...document.warnings]) {
    const line = report.lineOf(error.pos[0]);
    // One slip of the pen draws a tail of errors behind it on the same line.
    if (reportedLines.has(line)) continue;
    reportedLines.add(line);
    report.add(error.pos[0], '', errorText(error.code));
  }
  return {
    root: document.contents,
    report,
    broken: document.errors.some((error) => error.code !== 'MULTIPLE_DOCS'),
  };
}

function createReport(file: string, lineCounter: LineCounter): ProblemReport {
  const problems: TeamsFileProblem[] = [];
  const positionOf = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    // The counter knows no lines in an empty text and answers 0 there.
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  return {
    problems,
    add(offset, path, message) {
      problems.push({ file, ...positionOf(offset), path, message });
    },
    lineOf: (offset) => positionOf(offset).line,
  };
}

function errorText(code: YAMLError['code']): string {
  switch (code) {
    case 'MULTIPLE_DOCS':
      return 'A second YAML document starts here: keep one, without a further "---" line.';
    case 'TAG_RESOLVE_FAILED':
    case 'MULTIPLE_TAGS':
    case 'BAD_COLLECTION_TYPE':
      return 'Tags (words with "!" before a value) are not allowed: take the tag away, or put the value in quotes.';
    case 'TAB_AS_INDENT':
      return 'A tab is used to indent: YAML takes spaces only.';
    case 'BAD_INDENT':
      return 'The indentation does not fit the lines above.';
    case 'BAD_DQ_ESCAPE':
      return 'Unknown escape after a backslash: write "\\\\" for a backslash, or use single quotes.';
    case 'MISSING_CHAR':
      return 'A character is missing before this place: a closing quote or bracket, a comma, or a space after ":" or ",".';
    case 'BAD_SCALAR_START':
      return 'A value can not start with this character: put the value in quotes.';
    case 'RESOURCE_EXHAUSTION':
      return 'The file is nested too deeply.';
    case 'BAD_ALIAS':
    case 'ALIAS_PROPS':
    case 'MULTIPLE_ANCHORS':
      return 'This anchor or alias is not valid YAML: write the value itself, in quotes where it starts with "*" or "&".';
    case 'BAD_DIRECTIVE':
      return 'Unknown directive: take the line that starts with "%" away.';
    default:
      return 'This is not valid YAML here: look at the indentation, the quotes, and the ":" on this line and the one above.';
  }
}
