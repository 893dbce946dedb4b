import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundlePage, type PageAsset } from './page-bundle.ts';

/** What stands in the page's directory as it goes out; everything else is bundled. */
const files: Record<string, { file: string; contentType: string }> = {
  '/': { file: 'index.html', contentType: 'text/html; charset=utf-8' },
  '/icon.svg': { file: 'icon.svg', contentType: 'image/svg+xml' },
};

export interface PageAssets {
  /** Undefined for what is not part of the page. Waits for the bundle. The document names the nonce. */
  read(path: string, nonce: string): Promise<PageAsset | undefined>;
  /** Bundles now what would be bundled when the page is first looked at. */
  prepare(): Promise<void>;
}

/** The page's files; its script is bundled once. */
export function createPageAssets(directory: string): PageAssets {
  let bundling: ReturnType<typeof bundlePage> | undefined;
  const bundle = () => {
    bundling ??= bundlePage(directory);
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
