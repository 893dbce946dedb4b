import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { CredentialEcho } from './credential-echo.ts';
import type { UpstreamResponse } from './forward.ts';
import { responseHeaders } from './forwarded-headers.ts';

/** What of a response goes to the workload: it doesn't contain Keysmith's credential. */
export interface SafeResponse {
  status: number;
  /** Those that the workload gets. `Location` isn't among them. */
  headers: Record<string, string>;
  /** Not compressed. An error of the connection or of the decompression destroys it. */
  readonly body: Readable;
  /** Reads the whole body instead, if it is short. */
  readShort?: () => Promise<Buffer>;
}

/** As many bytes as a stream would hold anyway. */
const MAX_SHORT_BYTES = 64 * 1024;

export function safeHeaders({ headers }: UpstreamResponse, echo: CredentialEcho): Record<string, string> {
  const safe = responseHeaders(headers);
  for (const name of Object.keys(safe)) safe[name] = echo.hideIn(safe[name] ?? '');
  return safe;
}

/**
 * Decompresses a response, as Keysmith asks for none that is compressed but some servers send it, and hides Keysmith's credential in
 * it. Returns undefined, and reads nothing, if it can't be decompressed.
 */
export function safeResponse(response: UpstreamResponse, echo: CredentialEcho): SafeResponse | undefined {
  const { status, body } = response;
  const { 'content-encoding': encoding, ...headers } = safeHeaders(response, echo);
  if (isPlain(encoding)) {
    const isShort =
      Number(headers['content-length']) <= MAX_SHORT_BYTES && headers['content-type'] !== undefined;
    return {
      status,
      headers,
      get body() {
        return through(body, echo.createStream());
      },
      ...(isShort && { readShort: async () => echo.hideInBytes(Buffer.from(await body.arrayBuffer())) }),
    };
  }
  // A part of a compressed file can't be decompressed.
  const decompress = status === 206 ? undefined : decompression(encoding);
  if (decompress === undefined) return undefined;
  delete headers['content-length'];
  return { status, headers, body: through(through(body, decompress), echo.createStream()) };
}

/** An error reaches the reader of the result. */
function through(body: Readable, stream: Transform): Transform {
  pipeline(body, stream, () => {});
  return stream;
}

/** RFC 9110, section 12.5.3: servers shouldn't name `identity`, but some do. */
function isPlain(encoding: string | undefined): encoding is undefined {
  return /^(?:identity)?$/i.test(encoding?.trim() ?? '');
}

function decompression(encoding: string) {
  switch (encoding.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return undefined;
  }
}

/** Returns whether the body of a response was not compressed as its headers say. */
export function isZlibError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^(?:Z_|ERR_BROTLI|ERR__)/.test(String(error.code));
}
