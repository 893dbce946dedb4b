import type { PlainTextElement } from '@slack/types';

/** The emoji that apps commonly use. Other names stay as typed. */
const EMOJI: Readonly<Record<string, string>> = {
  '+1': '👍',
  '-1': '👎',
  alarm_clock: '⏰',
  arrow_right: '➡️',
  arrows_counterclockwise: '🔄',
  bell: '🔔',
  bulb: '💡',
  calendar: '📆',
  clock1: '🕐',
  closed_lock_with_key: '🔐',
  exclamation: '❗',
  eyes: '👀',
  fire: '🔥',
  gear: '⚙️',
  green_circle: '🟢',
  grey_question: '❔',
  heart: '❤️',
  heavy_check_mark: '✔️',
  hourglass: '⌛',
  hourglass_flowing_sand: '⏳',
  information_source: 'ℹ️',
  inbox_tray: '📥',
  key: '🔑',
  large_green_circle: '🟢',
  leftwards_arrow_with_hook: '↩️',
  link: '🔗',
  lock: '🔒',
  mag: '🔍',
  memo: '📝',
  no_bell: '🔕',
  no_entry: '⛔',
  no_entry_sign: '🚫',
  old_key: '🗝️',
  ok_hand: '👌',
  package: '📦',
  pencil: '📝',
  point_right: '👉',
  pray: '🙏',
  question: '❓',
  raised_hands: '🙌',
  raising_hand: '🙋',
  recycle: '♻️',
  red_circle: '🔴',
  robot_face: '🤖',
  rocket: '🚀',
  rotating_light: '🚨',
  shield: '🛡️',
  slightly_smiling_face: '🙂',
  smile: '😄',
  sparkles: '✨',
  star: '⭐',
  stopwatch: '⏱️',
  tada: '🎉',
  thumbsup: '👍',
  thumbsdown: '👎',
  unlock: '🔓',
  warning: '⚠️',
  wastebasket: '🗑️',
  wave: '👋',
  white_check_mark: '✅',
  wrench: '🔧',
  x: '❌',
  yellow_circle: '🟡',
  zap: '⚡',
};

export function emojiGlyph(name: string): string | undefined {
  return Object.hasOwn(EMOJI, name) ? EMOJI[name] : undefined;
}

/** Returns the text of a plain text object, with emoji names replaced if it sets `emoji`. */
export function plainText(text: PlainTextElement): string {
  if (text.emoji !== true) return text.text;
  return text.text.replace(/:([a-z0-9_+-]{1,40}):/g, (typed, name) => emojiGlyph(name) ?? typed);
}
