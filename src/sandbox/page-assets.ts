import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { extname, resolve, sep } from 'node:path';

const contentTypes: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.ts': 'text/javascript; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
};

export interface PageAsset {
  contentType: string;
  content: Buffer | string;
}

/**
 * The page's files, read afresh each time. TypeScript goes out as JavaScript, its types stripped, under its own name
 * and under `.js`. Undefined for what is not there, not of a known kind, or outside the directory.
 */
export async function readPageAsset(directory: string, path: string): Promise<PageAsset | undefined> {
  const root = resolve(directory);
  const file = resolve(root, `.${path.endsWith('/') ? `${path}index.html` : path}`);
  const contentType = contentTypes[extname(file)];
  if (!contentType || !file.startsWith(root + sep)) return undefined;
  if (file.endsWith('.ts')) return readScript(file, contentType);
  const content = await read(file);
  if (content) return { contentType, content };
  return file.endsWith('.js') ? readScript(file.replace(/\.js$/, '.ts'), contentType) : undefined;
}

async function readScript(file: string, contentType: string): Promise<PageAsset | undefined> {
  const source = await read(file);
  return source && { contentType, content: stripTypeScriptTypes(source.toString('utf8')) };
}

async function read(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch {
    return undefined;
  }
}
