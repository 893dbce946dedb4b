/**
 * Reads a body of at most `maxBytes`. Leaving the loop early ends the body's iterator, which destroys most streams.
 *
 * @returns the bytes; undefined as soon as the body turns out to be larger
 */
export async function readBytesWithin(
  body: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/**
 * Reads the text of a response whose body has at most `maxBytes` after decompression.
 *
 * @returns the text, invalid UTF-8 replaced; undefined for a larger body, whose connection is then closed
 */
export async function readTextWithin(response: Response, maxBytes: number): Promise<string | undefined> {
  const { body } = response;
  if (body === null) return '';
  if (Number(response.headers.get('content-length')) > maxBytes) {
    body.cancel().catch(() => {});
    return undefined;
  }
  const bytes = await readBytesWithin(body, maxBytes);
  return bytes && new TextDecoder().decode(bytes);
}
