import type { InputBlock } from '@slack/types';
import { plainText } from '../../mrkdwn/plain-text.ts';
import type { Element } from '../elements/element-view.tsx';
import { ElementView } from '../elements/element-view.tsx';
import type { Surface } from '../form/surface.ts';

interface InputProps {
  block: InputBlock;
  blockId: string;
  surface: Surface;
  error: string | undefined;
}

export function Input({ block, blockId, surface, error }: InputProps) {
  const label = plainText(block.label);
  const place = {
    surface,
    blockId,
    actionId: block.element.action_id ?? '',
    name: label,
    field: {
      label,
      hint: block.hint && plainText(block.hint),
      isRequired: block.optional !== true,
      error,
    },
    dispatches: block.dispatch_action === true,
  };
  return <ElementView element={block.element as Element} place={place} />;
}
