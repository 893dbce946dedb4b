import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { z } from 'zod';
import { nearestName } from '../domain/accounts/names.ts';
import type { ConfigProblem } from './configuration.ts';
import { decodeUtf8, readRegularFile } from './secret-file.ts';
import { type SettingName, settings } from './settings.ts';

/** Reads settings through their schemas and collects what is wrong with them. */
export interface SettingReader {
  isSet(name: SettingName): boolean;
  /** The checked value; undefined where it is unset, or after its problems were noted. */
  optional<Value>(name: SettingName, schema: z.ZodType<Value>): Value | undefined;
  /** As `optional`, and notes `missing` where it is unset. */
  required<Value>(name: SettingName, schema: z.ZodType<Value>, missing: string): Value | undefined;
  problem(name: SettingName, message: string): void;
}

export function createSettingReader(
  values: ReadonlyMap<string, string>,
  problems: ConfigProblem[],
): SettingReader {
  const problem = (name: SettingName, message: string) => {
    // A setting that two parts need is read twice.
    if (!problems.some((noted) => noted.name === name && noted.message === message)) {
      problems.push({ name, message });
    }
    return undefined;
  };
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
    problem,
  };
}

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
