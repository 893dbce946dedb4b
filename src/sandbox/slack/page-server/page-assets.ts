import { readFile } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import type { BuildOptions } from 'esbuild';

interface PageAsset {
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
  // Every browser that can run the page supports WOFF2.
  loader: { '.woff2': 'file', '.woff': 'empty' },
  logLevel: 'silent',
};

const contentTypes: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.woff2': 'font/woff2',
};

/**
 * Bundles the page's script, styles and fonts in memory and returns them by path (`/page.js`). Throws esbuild's errors. */
async function bundlePage(directory: string): Promise<Map<string, PageAsset>> {
  const { build } = await import('esbuild');
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

/** The files served directly from the page's directory; everything else is bundled. */
const files: Record<string, { file: string; contentType: string }> = {
  '/': { file: 'index.html', contentType: 'text/html; charset=utf-8' },
  '/icon.svg': { file: 'icon.svg', contentType: 'image/svg+xml' },
};

export interface PageAssets {
  /** Returns undefined for a path that isn't part of the page. The HTML gets the nonce. */
  read(path: string, nonce: string): Promise<PageAsset | undefined>;
  /** Bundles ahead of the first request. */
  prepare(): Promise<void>;
}

const bundles = new Map<string, ReturnType<typeof bundlePage>>();

/** Creates the page's files. The bundle of a directory is built once in a process. */
export function createPageAssets(directory: string): PageAssets {
  const bundle = () => {
    const bundling = bundles.get(directory) ?? bundlePage(directory);
    bundles.set(directory, bundling);
    return bundling;
  };
  return {
    async read(path, nonce) {
      const known = Object.hasOwn(files, path) ? files[path] : undefined;
      if (!known) return (await bundle()).get(path);
      const content = await readFile(join(directory, known.file), 'utf8');
      return { contentType: known.contentType, content: content.replaceAll('{{nonce}}', nonce) };
    },
    async prepare() {
      await bundle();
    },
  };
}
