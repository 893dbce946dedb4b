import { useState } from 'react';

interface ImageProps {
  /** Undefined for a `slack_file`, which the sandbox doesn't have. */
  url: string | undefined;
  altText: string;
}

/** Draws an image, or its alternative text if it can't be loaded. */
export function Image({ url, altText }: ImageProps) {
  const [failed, setFailed] = useState<string>();
  if (url === undefined || failed === url) {
    return (
      <span className="image-alt" role="img" aria-label={altText}>
        {altText}
      </span>
    );
  }
  return <img className="image" src={url} alt={altText} title={altText} onError={() => setFailed(url)} />;
}

export function imageUrl(image: object): string | undefined {
  return 'image_url' in image && typeof image.image_url === 'string' ? image.image_url : undefined;
}

/** A placeholder for a block or element that the sandbox can't draw. */
export function Unknown({ type }: { type: string }) {
  return <span className="not-drawn">{`The sandbox can’t draw “${type}”.`}</span>;
}
