import { type ArtifactStore, createArtifactStore } from './artifact-store.ts';
import { createRunStore, defaultRunLimits, type RunLimits, type RunStore } from './run-store.ts';
import { createSignedUrls, type SignedUrls } from './signed-urls.ts';
import { createStoredContents, type StoredContents } from './stored-contents.ts';

/** Everything that the server keeps of runs. */
export interface RunKeeping {
  store: RunStore;
  artifacts: ArtifactStore;
  contents: StoredContents;
  urls: SignedUrls;
  baseUrl: () => string;
}

/** The largest file that the server keeps; a larger one is refused with 413. */
export const MAX_CONTENT_BYTES = 16 * 2 ** 20;

const contentLimits = { maxContentBytes: MAX_CONTENT_BYTES, maxBytes: 128 * 2 ** 20, maxContents: 5000 };

export function createRunKeeping({
  baseUrl,
  now,
  limits,
}: {
  /** Without a slash at its end; only asked for after the server has started. */
  baseUrl: () => string;
  now: () => number;
  limits?: Partial<RunLimits> | undefined;
}): RunKeeping {
  const contents = createStoredContents(contentLimits);
  return {
    contents,
    store: createRunStore(contents, now, { ...defaultRunLimits, ...limits }),
    artifacts: createArtifactStore(contents, now),
    urls: createSignedUrls({ baseUrl, now }),
    baseUrl,
  };
}
