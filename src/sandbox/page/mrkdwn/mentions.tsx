import type { ReactNode } from 'react';
import type { Directory } from '../session/directory.ts';
import { formatSlackDate } from './slack-date.ts';

export function Emoji({ name, glyph }: { name: string; glyph: string }) {
  return (
    <span className="emoji" role="img" aria-label={name.replaceAll('_', ' ')}>
      {glyph}
    </span>
  );
}

/** `url` must have passed `safeUrl`. */
export function OutsideLink({ url, children }: { url: string; children: ReactNode }) {
  return (
    <a href={url} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

export function Mention({ children, isMine = false }: { children: ReactNode; isMine?: boolean }) {
  return <span className={isMine ? 'mention mention-me' : 'mention'}>{children}</span>;
}

export function UserMention({ id, directory }: { id: string; directory: Directory }) {
  return <Mention isMine={id === directory.me}>{`@${directory.author(id).name}`}</Mention>;
}

interface ChannelMentionProps {
  id: string;
  label?: string | undefined;
  directory: Directory;
}

/** As Slack draws it: a conversation that the reader isn't in stays without its name. */
export function ChannelMention({ id, label, directory }: ChannelMentionProps) {
  return <Mention>{`#${directory.channelName(id) ?? label ?? 'private channel'}`}</Mention>;
}

interface DateMentionProps {
  timestampSeconds: number;
  format: string;
  url?: string | undefined;
}

export function DateMention({ timestampSeconds, format, url }: DateMentionProps) {
  const date = new Date(timestampSeconds * 1_000);
  const shown = formatSlackDate(timestampSeconds, format, new Date());
  if (Number.isNaN(date.getTime())) return shown;
  const time = (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {shown}
    </time>
  );
  return url === undefined ? time : <OutsideLink url={url}>{time}</OutsideLink>;
}
