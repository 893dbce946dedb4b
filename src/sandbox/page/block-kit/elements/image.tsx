import { useState } from 'react';

interface ImageProps {
  /** Absent for a file in Slack, which the sandbox has not. */
  url: string | undefined;
  altText: string;
}

/** A picture; where it can't be loaded, what it shows in words. */
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

/** Stands where a newer or rarer part of Block Kit does. */
export function Unknown({ type }: { type: string }) {
  return <span className="not-drawn">{`The sandbox does not draw “${type}”.`}</span>;
}
