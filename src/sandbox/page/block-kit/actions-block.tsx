import type { ActionsBlock } from '@slack/types';
import type { Element } from './element.ts';
import { LooseElement } from './loose-element.tsx';
import type { Surface } from './surface.ts';

interface ActionsProps {
  block: ActionsBlock;
  blockId: string;
  surface: Surface;
}

export function Actions({ block, blockId, surface }: ActionsProps) {
  return (
    <div className="actions">
      {block.elements.map((element) => (
        <LooseElement
          key={element.action_id}
          element={element as Element}
          blockId={blockId}
          surface={surface}
        />
      ))}
    </div>
  );
}
