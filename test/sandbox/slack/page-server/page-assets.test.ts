import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startSlackWithApp } from '../slack-with-app.ts';

/** Starts Slack with a page of a few files and secrets outside its directory. */
async function startWithPage() {
  const above = await mkdtemp(join(tmpdir(), 'page-'));
  onTestFinished(() => rm(above, { recursive: true }));
  const pageDirectory = join(above, 'page');
  await mkdir(join(pageDirectory, 'parts'), { recursive: true });
  await writeFile(join(above, 'secret.html'), 'secret');
  await mkdir(join(above, 'page-2'));
  await writeFile(join(above, 'page-2', 'secret.html'), 'secret');
  await writeFile(
    join(pageDirectory, 'index.html'),
    '<!doctype html><meta property="csp-nonce" nonce="{{nonce}}"><title>Page</title>',
  );
  await writeFile(join(pageDirectory, 'page.css'), 'body { margin: 0 }');
  await writeFile(
    join(pageDirectory, 'page.tsx'),
    "import './page.css';\nimport { two } from './parts/part.ts';\nconst shown: number = two;\nconsole.log('shown', shown);\n",
  );
  await writeFile(join(pageDirectory, 'parts', 'part.ts'), 'export const two = 2 as number;\n');
  await writeFile(join(pageDirectory, 'notes.md'), 'notes');
  const { slack } = await startSlackWithApp({ pageDirectory });
  /** Uses node:http because fetch normalizes the path. */
  return (path: string) =>
    new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
      const { hostname, port } = new URL(slack.url);
      const sent = request({ hostname, port, path }, async (response) => {
        let body = '';
        for await (const chunk of response.setEncoding('utf8')) body += chunk;
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body });
      });
      sent.on('error', reject).end();
    });
}

describe('the page server', () => {
  it.each([
    ['/', 'text/html; charset=utf-8', '<!doctype html>'],
    ['/?as=U0ADA00001', 'text/html; charset=utf-8', '<!doctype html>'],
    ['/page.css', 'text/css; charset=utf-8', 'margin'],
    ['/page.js', 'text/javascript; charset=utf-8', 'shown'],
  ])('serves %s with no-store', async (path, contentType, content) => {
    const get = await startWithPage();
    const { status, headers, body } = await get(path);
    expect([status, headers['content-type']]).toEqual([200, contentType]);
    expect(headers).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
    expect(body).toContain(content);
  });

  it('bundles the imports of the script and strips the types', async () => {
    const get = await startWithPage();
    const { body } = await get('/page.js');
    expect(body).not.toContain('import');
    expect(body).not.toContain('number');
  });

  it('allows only scripts and styles from itself, and inline styles with a nonce that is new for each response', async () => {
    const get = await startWithPage();
    const [first, second] = [await get('/'), await get('/')];
    const nonceOf = ({ body }: { body: string }) => body.match(/nonce="([^"]{20,})"/)?.[1];
    expect(first.headers['content-security-policy']).toContain(
      `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonceOf(first)}'`,
    );
    expect(first.headers['content-security-policy']).not.toContain('unsafe');
    expect(nonceOf(second)).not.toBe(nonceOf(first));
  });

  it.each([
    '/../secret.html',
    '/%2e%2e/secret.html',
    '/..%2fsecret.html',
    '/parts/../../secret.html',
    '/../page-2/secret.html',
    '/..%5csecret.html',
    '/page.css%00.html',
    '/%ff',
    '/notes.md',
    '/page.tsx',
    '/parts/part.ts',
    '/constructor',
    '/nowhere.html',
    '/parts',
  ])('does not serve %s', async (path) => {
    const get = await startWithPage();
    const { status, body } = await get(path);
    expect([400, 404]).toContain(status);
    expect(body).not.toContain('secret\n');
    expect(body).not.toBe('secret');
  });
});
