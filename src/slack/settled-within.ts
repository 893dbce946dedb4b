/** The value of a promise if it comes in time, else undefined; the promise goes on. A rejection in time is thrown. */
export async function settledWithin<Value>(
  promise: Promise<Value>,
  milliseconds: number,
): Promise<{ value: Value } | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  try {
    return await Promise.race([promise.then((value) => ({ value })), late]);
  } finally {
    clearTimeout(timer);
  }
}
