import { z } from 'zod';
import type { Block } from '../page-protocol.ts';
import { blockList } from './blocks.ts';
import { normalizeBlocks } from './normalize.ts';
import { type Checked, check } from './problems.ts';
import { isViewTooLarge } from './view.ts';

/** A Home tab as Slack keeps it, with everything filled in that the app left out. */
export interface HomeView {
  type: 'home';
  submit: null;
  close: null;
  blocks: Block[];
  private_metadata: string;
  callback_id: string;
  external_id: string;
  clear_on_close: false;
  notify_on_close: false;
}

/** @see https://docs.slack.dev/reference/views/home-tab-views */
const home = z.strictObject({
  type: z.literal('home'),
  blocks: blockList(100),
  private_metadata: z.string().max(3000).optional(),
  callback_id: z.string().max(255).optional(),
  external_id: z.string().max(255).optional(),
});

export type CheckedHomeView = Checked<HomeView> | { ok: false; tooLarge: true };

export function checkHomeView(view: unknown): CheckedHomeView {
  if (isViewTooLarge(view)) return { ok: false, tooLarge: true };
  const checked = check(home, view, '/view');
  if (!checked.ok) return checked;
  const { blocks, private_metadata = '', callback_id = '', external_id = '' } = checked.value;
  return {
    ok: true,
    value: {
      type: 'home',
      submit: null,
      close: null,
      blocks: normalizeBlocks(blocks),
      private_metadata,
      callback_id,
      external_id,
      clear_on_close: false,
      notify_on_close: false,
    },
  };
}
