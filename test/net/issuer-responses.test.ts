import type { IncomingMessage, ServerResponse } from 'node:http';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createIssuerDocuments } from '../../src/net/issuer-documents.ts';
import { startIssuer } from '../world/issuer-server.ts';

const PUBLIC_ONLY = { isPrivateNetwork: false, ca: undefined };
const documents = (options: { allowInsecure: boolean }) =>
  createIssuerDocuments({ noProxy: undefined, ...options });

describe('an issuer’s response', () => {
  test('asks for a key set first, as kube-apiserver requires, then for JSON, then for anything', async () => {
    const issuer = await startIssuer();
    // kube-apiserver: `application/jwk-set+json` is the only type of its keys, `application/json` that of its discovery.
    const strict = (type: string) => (request: IncomingMessage, response: ServerResponse) => {
      const accepted = String(request.headers.accept)
        .split(',')
        .map((range) => range.split(';')[0]?.trim());
      if (!accepted.includes(type)) return void response.writeHead(406).end();
      response.writeHead(200, { 'content-type': type }).end('{"good":true}');
    };
    for (const type of ['application/jwk-set+json', 'application/json'])
      issuer.respond(`/${type}`, strict(type));

    for (const type of ['application/jwk-set+json', 'application/json']) {
      expect(await documents({ allowInsecure: true }).read(`${issuer.url}/${type}`, PUBLIC_ONLY)).toEqual({
        ok: true,
        document: { good: true },
      });
    }
  });

  test.each(['text/plain', 'application/octet-stream', 'application/json; charset=utf-8', undefined])(
    'reads JSON of the content type %s, with or without a byte order mark',
    async (type) => {
      const issuer = await startIssuer();
      for (const text of ['{"good":true}', '\ufeff{"good":true}']) {
        issuer.respond('/doc', (_request, response) => {
          response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(text);
        });
        const read = await documents({ allowInsecure: true }).read(`${issuer.url}/doc`, PUBLIC_ONLY);
        expect(read).toEqual({ ok: true, document: { good: true } });
      }
    },
  );

  test.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('reads a response compressed with %s, and no more than 1 MiB of it', async (encoding, compress) => {
    const issuer = await startIssuer();
    const compressed = (text: string) => (request: IncomingMessage, response: ServerResponse) => {
      const isAccepted = String(request.headers['accept-encoding']).split(', ').includes(encoding);
      response.writeHead(isAccepted ? 200 : 500, { 'content-encoding': encoding }).end(compress(text));
    };
    issuer.respond('/doc', compressed('{"good":true}'));
    issuer.respond('/bomb', compressed(`{"a":"${'x'.repeat(4_000_000)}"}`));
    const insecure = documents({ allowInsecure: true });

    expect(await insecure.read(`${issuer.url}/doc`, PUBLIC_ONLY)).toEqual({
      ok: true,
      document: { good: true },
    });
    expect(await insecure.read(`${issuer.url}/bomb`, PUBLIC_ONLY)).toEqual({
      ok: false,
      reason: 'unusable',
      cause: 'response larger than 1 MiB',
    });
  });

  test('refuses a response that isn’t compressed as its header says, or in an unknown way', async () => {
    const issuer = await startIssuer();
    for (const encoding of ['gzip', 'x-unknown']) {
      const body = encoding === 'gzip' ? '{"good":true}' : gzipSync('{"good":true}');
      issuer.respond('/doc', (_request, response) => {
        response.writeHead(200, { 'content-encoding': encoding }).end(body);
      });
      expect(await documents({ allowInsecure: true }).read(`${issuer.url}/doc`, PUBLIC_ONLY)).toMatchObject({
        ok: false,
      });
    }
  });

  test.each([
    ['not JSON', 'not json', 'unusable'],
    ['an array', '[]', 'unusable'],
    ['null', 'null', 'unusable'],
    ['empty', '', 'unusable'],
    ['nested too deeply', `{"a":${'['.repeat(64)}${']'.repeat(64)}}`, 'unusable'],
    ['larger than 1 MiB', `{"a":"${'x'.repeat(1_100_000)}"}`, 'unusable'],
    ['not UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), 'unusable'],
  ])('refuses a document that is %s', async (_kind, body, reason) => {
    const issuer = await startIssuer();
    issuer.respond('/doc', (_request, response) => void response.end(body));

    const read = await documents({ allowInsecure: true }).read(`${issuer.url}/doc`, PUBLIC_ONLY);

    expect(read).toMatchObject({ ok: false, reason });
  });
});
