const KEPT = 50;

/** The commands that one person typed, for the arrow keys. Kept for the browser tab's life. */
export interface CommandHistory {
  add(line: string): void;
  /** The next older line; undefined at the end. */
  older(): string | undefined;
  /** The next newer line; the empty one after the newest. */
  newer(): string;
  isBrowsing(): boolean;
  stopBrowsing(): void;
}

export function createCommandHistory(personId: string): CommandHistory {
  const key = `commands ${personId}`;
  const lines: string[] = JSON.parse(sessionStorage.getItem(key) ?? '[]');
  let back = 0;
  return {
    add: (line) => {
      if (lines.at(-1) !== line) lines.push(line);
      lines.splice(0, lines.length - KEPT);
      sessionStorage.setItem(key, JSON.stringify(lines));
      back = 0;
    },
    older: () => {
      if (back >= lines.length) return undefined;
      back += 1;
      return lines.at(-back);
    },
    newer: () => {
      back = Math.max(0, back - 1);
      return back === 0 ? '' : (lines.at(-back) ?? '');
    },
    isBrowsing: () => back > 0,
    stopBrowsing: () => {
      back = 0;
    },
  };
}
