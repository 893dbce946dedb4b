import './block.css';
import '../elements/element.css';
import type {
  ActionsBlock,
  ContextBlock,
  HeaderBlock,
  ImageBlock,
  InputBlock,
  RichTextBlock,
  SectionBlock,
} from '@slack/types';
import { memo, useLayoutEffect, useState } from 'react';
import type { Block } from '../../../slack/protocol/page-protocol.ts';
import { plainText } from '../../mrkdwn/emoji.ts';
import { RichText } from '../../mrkdwn/rich-text.tsx';
import { Image, imageUrl, Unknown } from '../elements/element-view.tsx';
import { ConfirmationProvider } from '../form/confirmation.tsx';
import type { Surface } from '../form/surface.ts';
import { BlockFailure, BlockFailureContext } from '../form/use-element.tsx';
import { Actions, Context, Input, Section } from './layout-blocks.tsx';

interface BlocksProps {
  blocks: Block[];
  surface: Surface;
  /** Block ID → the error to show at its field. */
  errors?: Record<string, string>;
}

/** Draws the blocks of a message, a modal or a Home tab. */
export function Blocks({ blocks, surface, errors = {} }: BlocksProps) {
  const { values, directory } = surface;
  // A layout effect runs before the browser paints, so no field is ever seen without its initial value.
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

/** The block types that the page can draw. */
type DrawnBlock =
  | ActionsBlock
  | ContextBlock
  | HeaderBlock
  | ImageBlock
  | InputBlock
  | RichTextBlock
  | SectionBlock
  | { type: 'divider' };

interface BlockViewProps {
  block: Block;
  surface: Surface;
  error: string | undefined;
}

const BlockView = memo(function BlockView(props: BlockViewProps) {
  const { type, block_id } = props.block;
  const [failure, setFailure] = useState<string>();
  return (
    <BlockFailureContext value={setFailure}>
      <div className={`block block-${type}`} data-block-id={block_id}>
        <BlockContent {...props} />
        {failure === undefined ? null : <BlockFailure text={failure} />}
      </div>
    </BlockFailureContext>
  );
});

function BlockContent({ block, surface, error }: BlockViewProps) {
  const { block_id: blockId } = block;
  // The server has validated the block, so its type determines its other fields.
  const drawn = block as unknown as DrawnBlock;
  switch (drawn.type) {
    case 'section':
      return <Section block={drawn} blockId={blockId} surface={surface} />;
    case 'header':
      return <h3 className="block-title">{plainText(drawn.text)}</h3>;
    case 'divider':
      return <hr />;
    case 'context':
      return <Context block={drawn} directory={surface.directory} />;
    case 'actions':
      return <Actions block={drawn} blockId={blockId} surface={surface} />;
    case 'input':
      return <Input block={drawn} blockId={blockId} surface={surface} error={error} />;
    case 'image':
      return (
        <figure className="image-block">
          {drawn.title && <figcaption>{plainText(drawn.title)}</figcaption>}
          <Image url={imageUrl(drawn)} altText={drawn.alt_text} />
        </figure>
      );
    case 'rich_text':
      return <RichText block={drawn} directory={surface.directory} />;
    default:
      return <Unknown type={block.type} />;
  }
}
