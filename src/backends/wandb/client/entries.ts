import { z } from 'zod';

/** The entries of a list that fit its schema, and the others. */
export interface ReadEntries<Entry> {
  entries: Entry[];
  /** Unchecked. */
  unusable: unknown[];
}

/**
 * Returns the schema of a list whose entries may each be null or incomplete, as nearly everything in W&B's schema may be: one unusable
 * entry must not hide the others.
 */
export function entriesOf<Entry>(entry: z.ZodType<Entry>) {
  const whole = z.array(entry);
  return z.array(z.unknown()).transform((list): ReadEntries<Entry> => {
    // Five times as fast as one by one, and the common case.
    const all = whole.safeParse(list);
    if (all.success) return { entries: all.data, unusable: [] };
    const read: ReadEntries<Entry> = { entries: [], unusable: [] };
    for (const one of list) {
      const parsed = entry.safeParse(one);
      if (parsed.success) read.entries.push(parsed.data);
      else read.unusable.push(one);
    }
    return read;
  });
}

/** Text that a server may omit or return as null. */
export const optionalText = z
  .string()
  .nullish()
  .transform((text) => text ?? undefined);

/** The names in a connection such as `teams { edges { node { name } } }`, and how many edges have none. */
export const connectionNames = z
  .object({ edges: entriesOf(z.object({ node: z.object({ name: z.string().min(1) }) })).nullish() })
  .nullish()
  .transform((connection) => ({
    names: connection?.edges?.entries.map(({ node }) => node.name) ?? [],
    skipped: connection?.edges?.unusable.length ?? 0,
  }));
