import { decodeUtf8, type RegularFileResult, readRegularFile } from '../secret-file.ts';
import { parseTeamsFile } from './parse-teams-file.ts';
import type { TeamsFileOptions, TeamsFileResult } from './teams-file.ts';

export const TEAMS_FILE_MAX_BYTES = 16 * 1024 * 1024;

/** Reads and parses the file at `path`; `file` names it in the problems, else `path` does. */
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
    ? refuse('The file is not UTF-8 text: save it as UTF-8.')
    : parseTeamsFile(text, file, options);
}

function unreadableText(reason: Extract<RegularFileResult, { ok: false }>['reason']): string {
  switch (reason) {
    case 'absent':
      return 'There is no such file: write one, or let "npm run keysmith -- init" write an example.';
    case 'forbidden':
      return 'The file may not be read by this user: change its owner or mode.';
    case 'not_a_file':
      return 'This is no regular file.';
    case 'too_large':
      return 'The file is larger than 16 MiB, which no teams file needs.';
    case 'unreadable':
      return 'The file can not be read.';
  }
}
