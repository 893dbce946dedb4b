import { isAlias, isMap, isScalar, isSeq, type Node } from 'yaml';
import { nearestName } from '../../domain/accounts/names.ts';
import type { ProblemReport } from './yaml-tree.ts';

/** A value in the file: its node, where it starts, and how to name it. */
export interface Place {
  node: Node | null;
  offset: number;
  path: string;
}

/** The values of a map by key. */
type Fields<Key extends string> = Partial<Record<Key, Place>>;

/** Typed reading of nodes. Each answers undefined after it reported what was found instead. */
export interface NodeReader {
  report: ProblemReport;
  map<Key extends string>(
    place: Place,
    keys: readonly Key[],
    required?: readonly Key[],
  ): Fields<Key> | undefined;
  /** As `map`; further keys are nobody's mistake. */
  openMap<Key extends string>(place: Place, keys: readonly Key[]): Fields<Key> | undefined;
  /** The entries of a list; empty where the place is absent. */
  list(place: Place | undefined): Place[];
  text(place: Place | undefined): string | undefined;
  flag(place: Place | undefined): boolean | undefined;
  wholeNumber(
    place: Place | undefined,
    bounds: { least: number; most: number; noun: string },
  ): number | undefined;
}

export function createNodeReader(report: ProblemReport): NodeReader {
  const refuse = (place: Place, expected: string) => {
    report.add(place.offset, place.path, refusal(place.node, expected));
    return undefined;
  };
  return {
    report,
    map: (place, keys, required = []) => {
      if (!isMap(place.node)) return refuse(place, `a map with ${keys.join(', ')}`);
      const fields = readFields(report, place, place.node.items, { keys, isOpen: false });
      for (const key of required) {
        if (fields[key] === undefined) {
          report.add(place.offset, place.path, `"${key}" is missing here.`);
        }
      }
      return fields;
    },
    openMap: (place, keys) =>
      isMap(place.node)
        ? readFields(report, place, place.node.items, { keys, isOpen: true })
        : refuse(place, 'a map'),
    list: (place) => {
      if (place === undefined) return [];
      if (!isSeq(place.node)) return refuse(place, 'a list') ?? [];
      return place.node.items.map((item, index) => placeOf(item, place.offset, `${place.path}[${index}]`));
    },
    text: (place) => {
      if (place === undefined) return undefined;
      if (!isScalar(place.node) || typeof place.node.value !== 'string') return refuse(place, 'text');
      return place.node.value;
    },
    flag: (place) => {
      if (place === undefined) return undefined;
      if (!isScalar(place.node) || typeof place.node.value !== 'boolean')
        return refuse(place, 'true or false');
      return place.node.value;
    },
    wholeNumber: (place, { least, most, noun }) => {
      if (place === undefined) return undefined;
      const expected = `a whole number of ${noun} from ${least} to ${most}`;
      if (!isScalar(place.node) || typeof place.node.value !== 'number') return refuse(place, expected);
      const { value } = place.node;
      if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
      report.add(place.offset, place.path, `Expected ${expected}.`);
      return undefined;
    },
  };
}

function readFields<Key extends string>(
  report: ProblemReport,
  place: Place,
  items: readonly { key: unknown; value: unknown }[],
  { keys, isOpen }: { keys: readonly Key[]; isOpen: boolean },
): Fields<Key> {
  const fields: Fields<Key> = {};
  const prefix = place.path === '' ? '' : `${place.path}.`;
  for (const item of items) {
    const keyPlace = placeOf(item.key, place.offset, place.path);
    const name = isScalar(item.key) ? item.key.value : undefined;
    const key = keys.find((candidate) => candidate === name);
    if (key === undefined) {
      if (!isOpen) report.add(keyPlace.offset, place.path, unknownKeyText(name, keys));
      continue;
    }
    const earlier = fields[key];
    if (earlier === undefined) {
      fields[key] = placeOf(item.value, keyPlace.offset, `${prefix}${key}`);
    } else {
      const line = report.lineOf(earlier.offset);
      report.add(
        keyPlace.offset,
        `${prefix}${key}`,
        `"${key}" stands here a second time; the first is on line ${line}.`,
      );
    }
  }
  return fields;
}

function placeOf(node: unknown, fallbackOffset: number, path: string): Place {
  const known = (node ?? null) as Node | null;
  return { node: known, offset: known?.range?.[0] ?? fallbackOffset, path };
}

function unknownKeyText(name: unknown, keys: readonly string[]): string {
  const allowed = `Allowed here: ${keys.join(', ')}.`;
  if (typeof name !== 'string') return `A key is not plain text. ${allowed}`;
  // Only what reads like a key is repeated: the file may be something else altogether, with secrets in it.
  const unknown = /^[a-z_-]{1,32}$/i.test(name) ? `Unknown key "${name}"` : 'Unknown key';
  const nearest = nearestName(name, keys);
  return nearest === undefined
    ? `${unknown}. ${allowed}`
    : `${unknown}: did you mean "${nearest}"? ${allowed}`;
}

function refusal(node: Node | null, expected: string): string {
  if (isAlias(node)) return 'Aliases ("*" before a word) are not supported: write the value itself.';
  if (isMap(node)) return `Expected ${expected}, found a map.`;
  if (isSeq(node)) return `Expected ${expected}, found a list.`;
  const value = isScalar(node) ? node.value : null;
  if (value === null || value === undefined) return `Expected ${expected}, found nothing.`;
  if (typeof value === 'string') return `Expected ${expected}, found text.`;
  const kind = typeof value === 'boolean' ? 'true or false' : 'a number';
  return expected === 'text'
    ? `Expected text, found ${kind}: put it in quotes.`
    : `Expected ${expected}, found ${kind}.`;
}
