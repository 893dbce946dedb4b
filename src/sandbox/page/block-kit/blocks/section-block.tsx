import type { SectionBlock } from '@slack/types';
import { createElement, useId } from 'react';
import { Text } from '../../mrkdwn/text-object.tsx';
import type { Directory } from '../../session/directory.ts';
import type { Element } from '../elements/element-view.tsx';
import type { Surface } from '../form/surface.ts';
import { LooseElement } from './loose-element.tsx';

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
