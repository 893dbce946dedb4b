import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { nearestName } from '../nearest-name.ts';
import { decodeUtf8, readRegularFile } from '../regular-file.ts';
import type { ConfigProblem } from './configuration.ts';
import { settings } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The settings by name: the process's environment over the file `.env` in `cwd`. Values are trimmed, and empty ones count
 * as unset; one that is empty in the environment also hides the one in the file.
 */
export function readEnvironment(
  env: Environment,
  cwd: string,
  problems: ConfigProblem[],
): Map<string, string> {
  const values = new Map<string, string>();
  for (const source of [readEnvFile(cwd, problems), env]) {
    for (const [name, value] of Object.entries(source)) {
      if (value === undefined) continue;
      if (value.trim() === '') values.delete(name);
      else values.set(name, value.trim());
    }
  }
  return values;
}

function readEnvFile(cwd: string, problems: ConfigProblem[]): Environment {
  const content = readRegularFile(join(cwd, '.env'), 1024 * 1024);
  if (!content.ok) {
    if (content.reason !== 'absent') {
      problems.push({
        name: '.env',
        message: 'The file can not be read: it must be a text file that this user may read.',
      });
    }
    return {};
  }
  const text = decodeUtf8(content.bytes);
  if (text !== undefined) return parseEnv(text);
  problems.push({
    name: '.env',
    message: 'The file is not UTF-8 text: save it as UTF-8.',
  });
  return {};
}

/**
 * Names that look mistyped. Only near misses: container platforms add names of their own, such as `KEYSMITH_PORT` for a
 * service named keysmith.
 */
export function noteMistypedNames(values: ReadonlyMap<string, string>, problems: ConfigProblem[]): void {
  const known: readonly string[] = settings.map((setting) => setting.name);
  for (const name of values.keys()) {
    if (known.includes(name) || !/^(KEYSMITH|SLACK|WANDB)_/.test(name)) continue;
    const nearest = nearestName(name, known, 2);
    if (nearest !== undefined) {
      problems.push({
        name,
        message: `There is no such setting: did you mean ${nearest}?`,
      });
    }
  }
}
