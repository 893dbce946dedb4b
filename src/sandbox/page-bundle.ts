import { basename, extname, join, relative, sep } from 'node:path';
import type { BuildOptions } from 'esbuild';

export interface PageAsset {
  contentType: string;
  content: Buffer | string;
}

const outputDirectory = '/page';

const options: BuildOptions = {
  bundle: true,
  write: false,
  minify: true,
  format: 'esm',
  target: 'es2022',
  jsx: 'automatic',
  outdir: outputDirectory,
  assetNames: 'fonts/[name]',
  define: { 'process.env.NODE_ENV': '"production"' },
  // Every browser that can run the page reads WOFF 2.
  loader: { '.woff2': 'file', '.woff': 'empty' },
  logLevel: 'silent',
};

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.woff2': 'font/woff2',
};

/**
 * The page's script, styles and fonts from their sources, each under its path (`/page.js`); nothing is written to disk.
 * Throws what a developer can act on: esbuild's own errors, or that the development dependencies are not installed.
 */
export async function bundlePage(directory: string): Promise<Map<string, PageAsset>> {
  const { build } = await importEsbuild();
  const { outputFiles = [] } = await build({
    ...options,
    entryPoints: { page: join(directory, 'page.tsx') },
  });
  return new Map(
    outputFiles.map(({ path, contents }) => {
      const contentType = contentTypes[extname(basename(path))] ?? 'application/octet-stream';
      return [
        `/${relative(outputDirectory, path).split(sep).join('/')}`,
        { contentType, content: Buffer.from(contents) },
      ];
    }),
  );
}

async function importEsbuild() {
  try {
    return await import('esbuild');
  } catch (cause) {
    throw new Error(
      'The sandbox needs the development dependencies: run `npm ci` without `--omit=dev`, or set SLACK_BOT_TOKEN.',
      { cause },
    );
  }
}
