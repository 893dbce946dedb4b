import type { NodeReader, Place } from './node-reader.ts';
import type { ValueRule } from './value-rules.ts';

/** Reading of checked values, on top of the reader of nodes. */
export interface Section {
  reader: NodeReader;
  /** One text that keeps the rule; undefined after it was reported, or where it is absent. */
  value(place: Place | undefined, rule: ValueRule): string | undefined;
  /** A list of texts that keep the rule, each once. */
  values(place: Place | undefined, rule: ValueRule, noun: string): string[];
  /** One of the words given. */
  word<Word extends string>(place: Place | undefined, words: readonly Word[], noun: string): Word | undefined;
  /** Answers true for a key's first place, and reports every later one with the line of the first. */
  uniqueness(noun: string): (key: string, place: Place) => boolean;
}

export function createSection(reader: NodeReader): Section {
  const { report } = reader;
  const section: Section = {
    reader,
    value: (place, rule) => {
      const text = reader.text(place);
      if (place === undefined || text === undefined) return undefined;
      const result = rule(text);
      if (result.ok) return result.value;
      report.add(place.offset, place.path, result.message);
      return undefined;
    },
    values: (place, rule, noun) => {
      const isFirst = section.uniqueness(noun);
      const values: string[] = [];
      for (const entry of reader.list(place)) {
        const value = section.value(entry, rule);
        if (value !== undefined && isFirst(value, entry)) values.push(value);
      }
      return values;
    },
    word: (place, words, noun) => {
      const text = reader.text(place);
      if (place === undefined || text === undefined) return undefined;
      const word = words.find((candidate) => candidate === text);
      if (word === undefined)
        report.add(place.offset, place.path, `Unknown ${noun}. Allowed: ${words.join(', ')}.`);
      return word;
    },
    uniqueness: (noun) => {
      const firstOffsets = new Map<string, number>();
      return (key, place) => {
        const first = firstOffsets.get(key);
        if (first === undefined) {
          firstOffsets.set(key, place.offset);
          return true;
        }
        report.add(
          place.offset,
          place.path,
          `${noun} stands twice; the first is on line ${report.lineOf(first)}.`,
        );
        return false;
      };
    },
  };
  return section;
}
