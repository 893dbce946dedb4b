import type { z } from 'zod';
import type { ConfigProblem } from './configuration.ts';
import type { SettingName } from './settings.ts';

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
