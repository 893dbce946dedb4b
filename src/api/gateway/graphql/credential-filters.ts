import { parseBoundedJson } from '../../../net/json-bounds.ts';
import { isCredentialField } from './credential-names.ts';
import type { SelectedField } from './selected-fields.ts';

/** `filters`, `filter`, `order`, `orderBy`, `sort` … */
const FILTER_ARGUMENT = /filter|order|sort/i;
/** What follows is a workload's own: `config.license` is a setting of a run. */
const OWN_VALUES: ReadonlySet<string> = new Set(['config', 'summary', 'summarymetrics', 'keysinfo']);
/** W&B's own pages name a field like this: `{"key": {"section": "run", "name": "username"}}`. */
const NAMING_KEYS: ReadonlySet<string> = new Set(['name', 'key', 'field', 'column']);

/**
 * Returns whether a field filters or sorts by one that holds a credential: `runs(filters: "{\"user.apiKey\": {\"$gt\": \"a\"}}")`. The
 * answers would tell the key letter by letter.
 */
export function filtersByCredential({ arguments: given }: SelectedField): boolean {
  return Object.entries(given).some(([name, value]) => FILTER_ARGUMENT.test(name) && namesCredential(value));
}

/** Of text that isn't JSON: each of its words is looked at. */
const MAX_TEXT_LENGTH = 10_000;

function namesCredential(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(namesCredential);
  if (typeof value !== 'string') return hasCredentialKey(value);
  const parsed = parseBoundedJson(value);
  if (parsed.ok && typeof parsed.value === 'object') return hasCredentialKey(parsed.value);
  const isTooLong = (!parsed.ok && parsed.reason === 'too_large') || value.length > MAX_TEXT_LENGTH;
  // Also text such as `-created_at`, and lists of it.
  return isTooLong || (value.match(/[\w.]+/g) ?? []).some(isCredentialPath);
}

/** The nesting of arguments, and of JSON in them, is bounded. */
function hasCredentialKey(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasCredentialKey);
  if (typeof value !== 'object' || value === null) return false;
  const isOwn = 'section' in value && OWN_VALUES.has(comparedName(String(value.section)));
  return Object.entries(value).some(
    ([key, inner]) =>
      isCredentialPath(key) ||
      (!isOwn && NAMING_KEYS.has(key) && typeof inner === 'string' && isCredentialPath(inner)) ||
      hasCredentialKey(inner),
  );
}

/** No server has a longer one, and a megabyte of dots would take seconds. */
const MAX_PATH_LENGTH = 1_000;

function isCredentialPath(path: string): boolean {
  if (path.length > MAX_PATH_LENGTH) return true;
  const [first = '', ...inner] = path.split('.');
  return !OWN_VALUES.has(comparedName(first)) && [first, ...inner].some(isCredentialField);
}

function comparedName(name: string): string {
  return name.replaceAll('_', '').toLowerCase();
}
