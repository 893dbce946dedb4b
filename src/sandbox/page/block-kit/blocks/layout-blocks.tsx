import type { ActionsBlock, ContextBlock, InputBlock, SectionBlock } from '@slack/types';
import { createElement, useId } from 'react';
import { plainText } from '../../mrkdwn/emoji.ts';
import { Text } from '../../mrkdwn/mrkdwn-view.tsx';
import type { Directory } from '../../session/directory.ts';
import { type Element, ElementView, Image, imageUrl } from '../elements/element-view.tsx';
import type { Surface } from '../form/surface.ts';

interface SectionProps {
  block: SectionBlock;
  blockId: string;
  surface: Surface;
}

type Fields = NonNullable<SectionBlock['fields']>;

export function Section({ block, blockId, surface }: SectionProps) {
  const { text, fields, accessory } = block;
  const { directory } = surface;
  const textId = useId();
  return (
    <div className="section">
      <div className="section-body">
        {text && (
          <div className="text" id={textId}>
            <Text object={text} directory={directory} />
          </div>
        )}
        {fields && <Fields fields={fields} directory={directory} />}
      </div>
      {accessory && (
        <div className="accessory">
          <LooseElement
            element={accessory as Element}
            blockId={blockId}
            surface={surface}
            namedBy={text && textId}
          />
        </div>
      )}
    </div>
  );
}

function Fields({ fields, directory }: { fields: Fields; directory: Directory }) {
  const cells = fields.map((field) =>
    createElement('div', { className: 'text' }, <Text object={field} directory={directory} />),
  );
  return createElement('div', { className: 'fields' }, ...cells);
}

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

interface LooseElementProps {
  element: Element;
  blockId: string;
  surface: Surface;
  /** The ID of the text beside the element, which names it. */
  namedBy?: string | undefined;
}

/** Accessible names of elements without a label or placeholder. */
const NAMES: Partial<Record<Element['type'], string>> = {
  datepicker: 'Date',
  timepicker: 'Time',
  datetimepicker: 'Date and time',
  users_select: 'Person',
  multi_users_select: 'People',
  conversations_select: 'Conversation',
  multi_conversations_select: 'Conversations',
  channels_select: 'Channel',
  multi_channels_select: 'Channels',
};

/** Draws an element outside an input block. Every use of it is sent to the app immediately. */
function LooseElement({ element, blockId, surface, namedBy }: LooseElementProps) {
  const placeholder = 'placeholder' in element ? element.placeholder?.text : undefined;
  const actionId = 'action_id' in element ? (element.action_id ?? '') : '';
  const place = {
    surface,
    blockId,
    actionId,
    name: placeholder ?? NAMES[element.type] ?? 'Options',
    dispatches: true,
    ...(namedBy === undefined ? {} : { namedBy }),
  };
  return <ElementView element={element} place={place} />;
}
