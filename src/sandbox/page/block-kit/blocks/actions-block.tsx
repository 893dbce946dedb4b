import type { ActionsBlock } from '@slack/types';
import type { Element } from '../elements/element-view.tsx';
import type { Surface } from '../form/surface.ts';
import { LooseElement } from './loose-element.tsx';

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
