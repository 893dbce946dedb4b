import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { z } from 'zod';
import { nearestName } from '../domain/nearest-name.ts';
import type { ConfigProblem } from './configuration.ts';
import { decodeUtf8, readRegularFile } from './regular-file.ts';
import { type SettingName, settings } from './settings.ts';

/** Reads settings with their schemas and collects the problems. */
export interface SettingReader {
  isSet(name: SettingName): boolean;
  /** Returns the value. Undefined if it is unset, or if it added a problem. */
  optional<Value>(name: SettingName, schema: z.ZodType<Value>): Value | undefined;
  /** Like `optional`, but adds the problem `missing` if it is unset. */
  required<Value>(name: SettingName, schema: z.ZodType<Value>, missing: string): Value | undefined;
  /** Like `optional`, but an unusable value only adds a warning and counts as unset. For the sandbox. */
  usable<Value>(name: SettingName, schema: z.ZodType<Value>, instead: string): Value | undefined;
  problem(name: SettingName, message: string): void;
  warning(name: SettingName, message: string): void;
}

export function createSettingReader(
  values: ReadonlyMap<string, string>,
  problems: ConfigProblem[],
  warnings: ConfigProblem[],
): SettingReader {
  const addTo = (list: ConfigProblem[]) => (name: SettingName, message: string) => {
    // Some settings are read twice, for two parts of the configuration.
    if (!list.some((known) => known.name === name && known.message === message)) list.push({ name, message });
    return undefined;
  };
  const problem = addTo(problems);
  const warning = addTo(warnings);
  const optional: SettingReader['optional'] = (name, schema) => {
    const value = values.get(name);
    if (value === undefined) return undefined;
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    return problem(name, result.error.issues.map((issue) => issue.message).join(' '));
  };
  return {
    isSet: (name) => values.has(name),
    optional,
    required: (name, schema, missing) => (values.has(name) ? optional(name, schema) : problem(name, missing)),
    usable: (name, schema, instead) => {
      const value = values.get(name);
      if (value === undefined) return undefined;
      const result = schema.safeParse(value);
      return result.success
        ? result.data
        : warning(name, `The value is ignored; the sandbox uses ${instead}.`);
    },
    problem,
    warning,
  };
}

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Returns the trimmed settings by name. The environment takes precedence over the file `.env` in `cwd`. An empty value counts
 * as unset, and in the environment also hides the value in the file.
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
        message: 'The file can’t be read. It must be a text file that this user can read.',
      });
    }
    return {};
  }
  const text = decodeUtf8(content.bytes);
  if (text !== undefined) return parseEnv(text);
  problems.push({
    name: '.env',
    message: 'The file isn’t UTF-8 text. Save it as UTF-8.',
  });
  return {};
}

/** Names that other programs read and that are close to ours, such as that of many older Slack bots. */
const namesOfOthers = ['SLACK_API_TOKEN'];

/**
 * Adds a problem for each name that is nearly one of ours. Other unknown names are fine: container platforms add some, such as
 * `KEYSMITH_PORT` for a service named keysmith.
 */
export function reportMistypedNames(values: ReadonlyMap<string, string>, problems: ConfigProblem[]): void {
  const known: readonly string[] = [...settings.map((setting) => setting.name), ...namesOfOthers];
  for (const name of values.keys()) {
    if (known.includes(name) || !/^(KEYSMITH|SLACK|WANDB)_/.test(name)) continue;
    const nearest = nearestName(name, known, 2);
    if (nearest !== undefined) {
      problems.push({
        name,
        message: `Unknown setting. Did you mean ${nearest}?`,
      });
    }
  }
}
