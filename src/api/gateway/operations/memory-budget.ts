/** Bounds the bytes of bodies and answers that Keysmith holds at the same time, of each account and of all. */
export interface MemoryBudget {
  /** Begins to hold something of an account. Release it in the end. */
  hold(account: string): Held;
}

export interface Held {
  /** Returns whether there is room for this many bytes in all. If not, the size stays as it was. */
  resize(bytes: number): boolean;
  /** Can be called more than once. */
  release(): void;
}

export function createMemoryBudget({
  maxBytes,
  maxBytesPerAccount,
}: {
  maxBytes: number;
  maxBytesPerAccount: number;
}): MemoryBudget {
  const byAccount = new Map<string, number>();
  let total = 0;
  return {
    hold(account) {
      let held = 0;
      let isReleased = false;
      const setTo = (bytes: number) => {
        const ofAccount = (byAccount.get(account) ?? 0) + bytes - held;
        total += bytes - held;
        held = bytes;
        if (ofAccount === 0) byAccount.delete(account);
        else byAccount.set(account, ofAccount);
      };
      return {
        resize(bytes) {
          const more = bytes - held;
          const fits = total + more <= maxBytes && (byAccount.get(account) ?? 0) + more <= maxBytesPerAccount;
          if (isReleased || (more > 0 && !fits)) return false;
          setTo(bytes);
          return true;
        },
        release() {
          isReleased = true;
          setTo(0);
        },
      };
    },
  };
}
