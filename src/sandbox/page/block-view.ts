import type {
  ActionsBlock,
  ContextBlock,
  HeaderBlock,
  ImageBlock,
  InputBlock,
  RichTextBlock,
  SectionBlock,
} from '@slack/types';
import type { Block } from '../page-protocol.ts';
import { make } from './dom.ts';
import type { Element } from './element.ts';
import { drawElement, drawImage, drawUnknown } from './element-view.ts';
import { drawInput } from './input-block.ts';
import { type Keyed, keepChildren } from './keyed-children.ts';
import { drawRichText } from './rich-text.ts';
import type { Surface } from './surface.ts';
import { drawText, plainText } from './text-object.ts';

/** The blocks that the page draws. */
type DrawnBlock =
  | ActionsBlock
  | ContextBlock
  | HeaderBlock
  | ImageBlock
  | InputBlock
  | RichTextBlock
  | SectionBlock
  | { type: 'divider' };

/** Shows `blocks` in `parent`; those that have not changed are left as they stand. */
export function showBlocks(parent: HTMLElement, blocks: Block[], surface: Surface): void {
  surface.values.adopt(blocks);
  const items = blocks.map(
    (block): Keyed => ({
      key: block.block_id,
      signature: JSON.stringify(block),
      draw: () => drawBlock(block, surface),
    }),
  );
  keepChildren(parent, items);
}

function drawBlock(block: Block, surface: Surface): HTMLElement {
  // The server has found the block valid, so its type says what else is in it.
  const content = drawContent(block as DrawnBlock & Block, block.block_id, surface);
  return make('div', { class: `block block-${block.type}`, 'data-block-id': block.block_id }, content);
}

function drawContent(block: DrawnBlock, blockId: string, surface: Surface): Node {
  switch (block.type) {
    case 'section':
      return drawSection(block, blockId, surface);
    case 'header':
      return make('h3', { class: 'block-title' }, plainText(block.text));
    case 'divider':
      return make('hr');
    case 'context':
      return drawContext(block, surface);
    case 'actions':
      return drawActions(block, blockId, surface);
    case 'input':
      return drawInput(block, blockId, surface);
    case 'image':
      return make(
        'figure',
        {},
        block.title ? make('figcaption', {}, plainText(block.title)) : null,
        drawImage(block.alt_text),
      );
    case 'rich_text':
      return drawRichText(block, surface.directory);
    default:
      return drawUnknown((block as Block).type);
  }
}

function drawSection(block: SectionBlock, blockId: string, surface: Surface): HTMLElement {
  const { directory } = surface;
  const text = block.text && make('div', { class: 'text' }, drawText(block.text, directory));
  const fields =
    block.fields &&
    make(
      'div',
      { class: 'fields' },
      ...block.fields.map((field) => make('div', { class: 'text' }, drawText(field, directory))),
    );
  const name = block.text?.text ?? '';
  const accessory = block.accessory && drawPart(block.accessory as Element, blockId, name, surface);
  return make(
    'div',
    { class: 'section' },
    make('div', { class: 'section-body' }, text, fields),
    accessory && make('div', { class: 'accessory' }, accessory),
  );
}

function drawContext(block: ContextBlock, { directory }: Surface): HTMLElement {
  const parts = block.elements.map((element) =>
    element.type === 'image'
      ? drawImage(element.alt_text)
      : make('span', { class: 'text' }, drawText(element, directory)),
  );
  return make('div', { class: 'context' }, ...parts);
}

function drawActions(block: ActionsBlock, blockId: string, surface: Surface): HTMLElement {
  const parts = block.elements.map((element) => drawPart(element as Element, blockId, '', surface));
  return make('div', { class: 'actions' }, ...parts);
}

/** An element outside of an input block: using it is told to the app at once. */
function drawPart(element: Element, blockId: string, near: string, surface: Surface): HTMLElement {
  const placeholder = 'placeholder' in element ? element.placeholder?.text : undefined;
  const actionId = 'action_id' in element ? (element.action_id ?? '') : '';
  return drawElement(element, {
    surface,
    blockId,
    actionId,
    name: placeholder ?? (near || 'Options'),
    dispatches: true,
  });
}
