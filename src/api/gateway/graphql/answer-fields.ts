import type { AnswerEdit } from './guarded-operation.ts';
import { isIdKey } from './named-objects.ts';
import type { SelectedField } from './selected-fields.ts';

const MAX_IDS = 10_000;

/** A key of an answer, for all fields that share it. */
interface AnswerField {
  isMasked: boolean;
  isUrl: boolean;
  isId: boolean;
  inner: AnswerFields;
}

export type AnswerFields = ReadonlyMap<string, AnswerField>;

/** `url`, `directUrl`, `uploadUrl`, and lists such as `parquetUrls`. */
const URL_FIELD = /^urls?$|Urls?$|URLs?$/;

/** Merges fields by the key that they have in the answer, as the server does. */
export function mergeFields(fields: readonly SelectedField[]): AnswerFields {
  const groups = new Map<string, SelectedField[]>();
  for (const field of fields) {
    const group = groups.get(field.responseKey);
    if (group) group.push(field);
    else groups.set(field.responseKey, [field]);
  }
  const merged = new Map<string, AnswerField>();
  for (const [key, group] of groups) {
    merged.set(key, {
      isMasked: group.some(({ isMasked }) => isMasked),
      isUrl: group.some(({ name, isLeaf }) => isLeaf && URL_FIELD.test(name)),
      isId: group.some(({ name, isLeaf }) => isLeaf && isIdKey(name)),
      inner: mergeFields(group.flatMap(({ selections }) => selections)),
    });
  }
  return merged;
}

/** Returns how often something holds in a selection. */
function count(fields: AnswerFields, holds: (field: AnswerField) => boolean): number {
  let found = 0;
  for (const field of fields.values()) found += (holds(field) ? 1 : 0) + count(field.inner, holds);
  return found;
}

/** Returns undefined for an answer that may stay as it is. */
export function createAnswerEdit(fields: AnswerFields): AnswerEdit | undefined {
  const maskedFields = count(fields, ({ isMasked }) => isMasked);
  const hasUrls = count(fields, ({ isUrl }) => isUrl) > 0;
  if (maskedFields === 0 && !hasUrls) return undefined;
  return {
    maskedFields,
    hasUrls,
    apply(answer, rewriteUrl) {
      visitAnswer(answer, fields, (object, key, field) => {
        if (field.isMasked) object[key] = null;
        else if (field.isUrl) object[key] = rewritten(object[key], rewriteUrl);
      });
    },
  };
}

export function selectsIds(fields: AnswerFields): boolean {
  return count(fields, ({ isId }) => isId) > 0;
}

/** Returns distinct IDs of an answer, at most 10,000. */
export function collectIds(answer: unknown, fields: AnswerFields): string[] {
  const ids = new Set<string>();
  visitAnswer(answer, fields, (object, key, { isId, isMasked }) => {
    if (!isId || isMasked) return;
    for (const value of scalarsOf(object[key])) {
      if (ids.size < MAX_IDS && (typeof value === 'string' || typeof value === 'number'))
        ids.add(String(value));
    }
  });
  return [...ids];
}

/** Calls `visit` for each key that an answer has of a selection. Without recursion: an upstream can nest lists without end. */
function visitAnswer(
  answer: unknown,
  fields: AnswerFields,
  visit: (object: Record<string, unknown>, key: string, field: AnswerField) => void,
): void {
  const data = isObject(answer) && Object.hasOwn(answer, 'data') ? answer.data : undefined;
  const open: [value: unknown, fields: AnswerFields][] = [[data, fields]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [value, selected] = next;
    if (Array.isArray(value)) {
      for (const one of value) open.push([one, selected]);
    } else if (isObject(value)) {
      // By the keys of the answer: a thousand selected fields of each empty object would take seconds.
      for (const key of Object.keys(value)) {
        const field = selected.get(key);
        if (field === undefined) continue;
        visit(value, key, field);
        if (field.inner.size > 0) open.push([value[key], field.inner]);
      }
    }
  }
}

function rewritten(value: unknown, rewriteUrl: (url: string) => string): unknown {
  if (typeof value === 'string') return rewriteUrl(value);
  if (!Array.isArray(value)) return value;
  const open = [value];
  for (let list = open.pop(); list; list = open.pop()) {
    for (const [index, one] of list.entries()) {
      if (typeof one === 'string') list[index] = rewriteUrl(one);
      else if (Array.isArray(one)) open.push(one);
    }
  }
  return value;
}

function scalarsOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
