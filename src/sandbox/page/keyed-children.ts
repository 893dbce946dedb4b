const drawn = new WeakMap<Element, { key: string; signature: string }>();

export interface Keyed {
  key: string;
  /** The child is drawn anew when this differs from what it was drawn from. */
  signature: string;
  draw: () => Element;
}

/**
 * Makes `parent` hold one child per item, in order. A child whose item is unchanged stays the same element and is not
 * moved, so that what is typed, focused or selected in it survives.
 */
export function keepChildren(parent: Element, items: Keyed[]): void {
  const before = new Map<string, Element>();
  for (const child of parent.children) {
    const from = drawn.get(child);
    if (from) before.set(from.key, child);
  }
  const wanted = items.map((item) => {
    const old = before.get(item.key);
    if (old && drawn.get(old)?.signature === item.signature) return old;
    const made = item.draw();
    drawn.set(made, { key: item.key, signature: item.signature });
    return made;
  });
  const staying = new Set<Element>(wanted);
  for (const child of [...parent.children]) if (!staying.has(child)) child.remove();
  for (const [index, child] of wanted.entries()) {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  }
}
