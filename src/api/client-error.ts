import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ApiError, apiErrorBody, PLAIN_ANSWER_HEADERS } from './api-error.ts';

/** Answers what is not even HTTP, in the shape of every other error, and closes the connection. */
export function answerClientError(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) return void socket.destroy();
  const refusal = refusalOf(error.code);
  const body = JSON.stringify(apiErrorBody(refusal));
  const headers = {
    ...PLAIN_ANSWER_HEADERS,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end(
    [`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`, ...lines, '', body].join('\r\n'),
    // Whatever else the other side sends is not read.
    () => socket.destroy(),
  );
}

/** Another answer has begun on this connection: ours would become a part of it. Node's own server looks at the same field. */
function isAnswering(socket: Socket & { _httpMessage?: ServerResponse | null }): boolean {
  return socket._httpMessage?.headersSent === true;
}

/** The codes of Node's parser (llhttp) and server: nodejs.org/api/http.html#event-clienterror. */
function refusalOf(code: string | undefined): ApiError {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return { status: 431, error: 'headers_too_large', description: 'The headers are too large.' };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { status: 413, error: 'body_too_large', description: 'The chunk extensions are too large.' };
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { status: 408, error: 'request_timeout', description: 'The request took too long to arrive.' };
    default:
      return { status: 400, error: 'invalid_request', description: 'This is not a valid HTTP request.' };
  }
}
