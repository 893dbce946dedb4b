import type { ContextBlock } from '@slack/types';
import { createElement } from 'react';
import { Text } from '../../mrkdwn/text-object.tsx';
import type { Directory } from '../../session/directory.ts';
import { Image, imageUrl } from './image.tsx';

export function Context({ block, directory }: { block: ContextBlock; directory: Directory }) {
  const parts = block.elements.map((element) => drawPart(element, directory));
  return createElement('div', { className: 'context' }, ...parts);
}

function drawPart(part: ContextBlock['elements'][number], directory: Directory) {
  if (part.type === 'image') return <Image url={imageUrl(part)} altText={part.alt_text} />;
  return (
    <span className="text">
      <Text object={part} directory={directory} />
    </span>
  );
}
