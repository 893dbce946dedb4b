import type { Element } from '../elements/element-view.tsx';
import { ElementView } from '../elements/element-view.tsx';
import type { Surface } from '../form/surface.ts';

interface LooseElementProps {
  element: Element;
  blockId: string;
  surface: Surface;
  /** The ID of the text that the element stands beside. */
  namedBy?: string | undefined;
}

/** An element outside of an input block: using it is told to the app at once. */
export function LooseElement({ element, blockId, surface, namedBy }: LooseElementProps) {
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
