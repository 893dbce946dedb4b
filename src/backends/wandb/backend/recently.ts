const VALID_FOR_MS = 60_000;
const MAX_ENTRIES = 1000;

/** Asks once for all who ask the same in one minute. A failure is not kept; who waits for it gets it. */
export function recently<Value>(
  { now }: { now: () => number },
  read: (key: string) => Promise<Value>,
): (key: string) => Promise<Value> {
  const known = new Map<string, { atMs: number; value: Promise<Value> }>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined && now() < found.atMs + VALID_FOR_MS) return found.value;
    if (known.size >= MAX_ENTRIES) known.clear();
    const asked = { atMs: now(), value: read(key) };
    known.set(key, asked);
    asked.value.catch(() => known.get(key) === asked && known.delete(key));
    return asked.value;
  };
}
