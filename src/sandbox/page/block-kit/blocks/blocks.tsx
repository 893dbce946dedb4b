import './block.css';
import '../elements/element.css';
import { useLayoutEffect } from 'react';
import type { Block } from '../../../slack/protocol/page-protocol.ts';
import { ConfirmationProvider } from '../confirmation/confirmation.tsx';
import type { Surface } from '../form/surface.ts';
import { BlockView } from './block-view.tsx';

interface BlocksProps {
  blocks: Block[];
  surface: Surface;
  /** Block ID → what is wrong with what its element holds. */
  errors?: Record<string, string>;
}

/** The blocks of a message, a dialog's view or a Home tab. */
export function Blocks({ blocks, surface, errors = {} }: BlocksProps) {
  const { values, directory } = surface;
  // Before the browser paints, so that nobody sees a field without its initial value.
  useLayoutEffect(() => values.adopt(blocks), [values, blocks]);
  return (
    <ConfirmationProvider directory={directory}>
      <div className="blocks">
        {blocks.map((block) => (
          <BlockView key={block.block_id} block={block} surface={surface} error={errors[block.block_id]} />
        ))}
      </div>
    </ConfirmationProvider>
  );
}
