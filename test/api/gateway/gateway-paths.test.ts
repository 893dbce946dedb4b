import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { readGatewayPath } from '../../../src/api/gateway/gateway-paths.ts';

const names = { entity: 'ml-platform', project: 'demo' };

describe('the allow-list of paths', () => {
  test.each([
    ['POST', '/graphql', { kind: 'graphql', path: '/graphql' }],
    ['POST', '/files/ml-platform/demo/run1/file_stream', { kind: 'file_stream', ...names, run: 'run1' }],
    ['GET', '/files/ml-platform/demo/run1/media/images/a.png', { kind: 'download', ...names }],
    ['GET', '/files/ml-platform/demo/run1/a%20%C3%A4%25.txt', { kind: 'download', ...names }],
    ['GET', '/artifacts/ml-platform/0a1b', { kind: 'download', ...names, project: undefined }],
    ['GET', '/artifactsV2/gcp-us/ml-platform/demo/set/QXJ0/0a1b/a.txt', { kind: 'download', ...names }],
    ['GET', '/artifactsV2/gcp-us/ml-platform/0a1b', { kind: 'download', ...names, project: undefined }],
  ])('lets %s %s pass', (method, path, expected) => {
    expect(readGatewayPath(method, path)).toMatchObject({ path, ...expected });
  });

  test.each([
    ['GET', '/graphql'],
    ['PUT', '/graphql'],
    ['POST', '/graphql/'],
    ['POST', '//graphql'],
    ['POST', '/Graphql'],
    ['POST', '/graphql/x'],
    ['POST', 'http://other.test/graphql'],
    ['POST', '/files/ml-platform/demo/run1/file_stream/'],
    ['POST', '/files/ml-platform/demo/run1/other'],
    ['POST', '/files/ml-platform/demo/run1'],
    ['POST', '/files/ml-platform/demo/run1/x/file_stream'],
    ['POST', '/files/ml-platform//run1/file_stream'],
    ['GET', '/files/ml-platform/demo/run1'],
    ['GET', '/files/ml-platform/demo/run1/../../../scim/Users'],
    ['GET', '/files/ml-platform/demo/run1/%2e%2e/%2E%2E/scim'],
    ['GET', '/files/ml-platform/demo/run1/%252e%252e/scim'],
    ['GET', '/files/ml-platform/demo/run1/a%2fb'],
    ['GET', '/files/ml-platform/demo/run1/a%5Cb'],
    ['GET', '/files/ml-platform/demo/run1/a\\b'],
    ['GET', '/files/ml-platform/demo/run1/a%00b'],
    ['GET', '/files/ml-platform/demo/run1/a%0d%0ab'],
    ['GET', '/files/ml-platform/demo/run1/a%'],
    ['GET', '/files/ml-platform/demo/run1/a%ff'],
    ['GET', '/files/ml-platform/demo/run1/ä'],
    ['GET', '/files/ml-platform/demo/run1/a#b'],
    ['GET', '/files/ml-platform%2Fdemo/x/run1/a'],
    ['GET', '/files/%20ml-platform/demo/run1/a'],
    ['GET', '/files/ml-platform/a%3Ab/run1/a'],
    ['GET', `/files/ml-platform/demo/run1/${'a'.repeat(5_000)}`],
    ['GET', '/artifacts/ml-platform'],
    ['GET', '/artifactsV2/gcp-us/ml-platform'],
    ['GET', '/scim/v2/Users'],
    ['GET', '/oidc/token'],
    ['DELETE', '/files/ml-platform/demo/run1/a'],
  ])('refuses %s %s', (method, path) => {
    expect(readGatewayPath(method, path)).toBeUndefined();
  });

  it('returns the same path for its own result, whatever a client sends', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary' }).map(encodeURIComponent),
      fc.constantFrom('.', '..', '%2e', '%2F', '//', '/', '\\', '%5c', '%25', '%00', ';', '?', '#', 'demo'),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), fc.boolean(), (pieces, joined) => {
        const path = `/files/ml-platform/demo/run1/${pieces.join(joined ? '/' : '')}`;
        const read = readGatewayPath('GET', path);
        if (read === undefined) return;
        expect(readGatewayPath('GET', read.path)).toEqual(read);
        const url = new URL(read.path, 'https://api.wandb.test');
        expect(url.pathname).toBe(read.path);
        expect(decodeURIComponent(read.path)).not.toMatch(/\\|\/\/|\/\.{1,2}(\/|$)|\p{Cc}/u);
      }),
    );
  });
});
