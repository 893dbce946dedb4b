import type { Button } from '@slack/types';
import { plainText } from '../blocks.ts';

export const COLLECT_ACTION = 'collect_key';

export function collectButton({ id }: { id: string }): Button {
  return {
    type: 'button',
    action_id: COLLECT_ACTION,
    style: 'primary',
    text: plainText('Collect key'),
    value: id,
  };
}
