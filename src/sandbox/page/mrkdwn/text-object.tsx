import type { MrkdwnElement, PlainTextElement } from '@slack/types';
import type { Directory } from '../session/directory.ts';
import { Mrkdwn } from './mrkdwn-view.tsx';
import { plainText } from './plain-text.ts';

interface TextProps {
  object: PlainTextElement | MrkdwnElement;
  directory: Directory;
}

/** A text object of Block Kit. Plain text is shown as it is, but for emoji names where it asks for them. */
export function Text({ object, directory }: TextProps) {
  if (object.type === 'plain_text') return plainText(object);
  return <Mrkdwn text={object.text} directory={directory} verbatim={object.verbatim === true} />;
}
