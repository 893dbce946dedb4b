import { checkView } from '../../../../src/sandbox/slack/block-kit/view.ts';
import { options } from '../slack-with-app.ts';

export const long = (length: number) => 'x'.repeat(length);
export const plain = (text: string) => ({ type: 'plain_text', text });
export const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
export const many = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, i) => make(i));
export const values = (count: number) => options(...many(count, String));
export const option = (text: string, value: string, more = {}) => ({ text: plain(text), value, ...more });

export const section = (more: object) => ({ type: 'section', ...more });
export const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), ...more });
export const actions = (...elements: object[]) => ({ type: 'actions', elements });
export const input = (element: object, more: object = {}) => ({
  type: 'input',
  label: plain('Label'),
  element,
  ...more,
});
export const select = (more: object) => input({ type: 'static_select', ...more });
export const confirm = (more: object) =>
  actions(
    button({
      confirm: { title: plain('T'), text: mrkdwn('t'), confirm: plain('Yes'), deny: plain('No'), ...more },
    }),
  );
export const group = (count: number) => ({ label: plain('Group'), options: values(count) });
export const image = (more: object) => ({
  type: 'image',
  image_url: 'https://acme.test/a.png',
  alt_text: 'a',
  ...more,
});

/** The smallest valid element of an input block. */
export function oneChoice() {
  return { type: 'radio_buttons', options: values(1) };
}

/** Returns Slack's error texts for a view; none if it is valid. */
export function problemsOf(view: unknown): string[] {
  const checked = checkView(view);
  if (checked.ok) return [];
  return 'problems' in checked ? checked.problems : ['too large'];
}
