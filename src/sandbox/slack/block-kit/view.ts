import { z } from 'zod';
import type { Block } from '../protocol/page-protocol.ts';
import { blockList, normalizeBlocks, withTextDefaults } from './blocks.ts';
import { plainText } from './composition-objects.ts';
import { type Checked, check } from './problems.ts';

interface PlainText {
  type: 'plain_text';
  text: string;
  emoji?: boolean | undefined;
}

/** A modal as Slack stores it: the fields that the app left out have their defaults. */
export interface ModalView {
  type: 'modal';
  title: PlainText;
  submit: PlainText | null;
  close: PlainText | null;
  blocks: Block[];
  private_metadata: string;
  callback_id: string;
  external_id: string;
  clear_on_close: boolean;
  notify_on_close: boolean;
}

const maximumBytes = 250_000;

/** @see https://docs.slack.dev/reference/views/modal-views */
const modal = z
  .strictObject({
    type: z.literal('modal'),
    title: plainText(24),
    submit: plainText(24).optional(),
    close: plainText(24).optional(),
    blocks: blockList(100),
    private_metadata: z.string().max(3000).optional(),
    callback_id: z.string().max(255).optional(),
    external_id: z.string().max(255).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
  })
  .superRefine(({ blocks, submit }, context) => {
    if (!submit && blocks.some(({ type }) => type === 'input')) {
      context.addIssue({ code: 'custom', message: 'missing required field: submit' });
    }
  });

function isViewTooLarge(view: unknown): boolean {
  return Buffer.byteLength(JSON.stringify(view) ?? '') > maximumBytes;
}

type CheckedView = Checked<ModalView> | { ok: false; tooLarge: true };

export function checkView(view: unknown): CheckedView {
  if (isViewTooLarge(view)) return { ok: false, tooLarge: true };
  const checked = check(modal, view, '/view');
  if (!checked.ok) return checked;
  const { title, submit, close, blocks, ...rest } = checked.value;
  return {
    ok: true,
    value: {
      type: 'modal',
      title: withTextDefaults(title),
      submit: submit ? withTextDefaults(submit) : null,
      close: close ? withTextDefaults(close) : null,
      blocks: normalizeBlocks(blocks),
      private_metadata: rest.private_metadata ?? '',
      callback_id: rest.callback_id ?? '',
      external_id: rest.external_id ?? '',
      clear_on_close: rest.clear_on_close ?? false,
      notify_on_close: rest.notify_on_close ?? false,
    },
  };
}

/** A Home tab as Slack stores it: the fields that the app left out have their defaults. */
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

type CheckedHomeView = Checked<HomeView> | { ok: false; tooLarge: true };

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
