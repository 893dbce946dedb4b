import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { Icon } from '../look/icons.tsx';
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

const COPIED_FOR_MS = 1_500;

/** Preformatted text with a copy button beside it: not in Slack, but it spares people the selecting. */
export function CodeBlock({ children }: { children: ReactNode }) {
  const code = useRef<HTMLPreElement>(null);
  const [said, setSaid] = useState<'' | 'Copied' | 'Selected'>('');
  useEffect(() => {
    if (said !== 'Copied') return;
    const timer = window.setTimeout(() => setSaid(''), COPIED_FOR_MS);
    return () => window.clearTimeout(timer);
  }, [said]);
  return (
    <div className="code-frame">
      <pre className="code-block" ref={code}>
        {children}
      </pre>
      <Button className="copy" aria-label="Copy code" onPress={() => void copy(code.current).then(setSaid)}>
        <Icon name={said === 'Copied' ? 'check' : 'copy'} />
      </Button>
      <span className="unseen" role="status">
        {said}
      </span>
    </div>
  );
}

async function copy(code: HTMLElement | null): Promise<'' | 'Copied' | 'Selected'> {
  if (!code) return '';
  try {
    await navigator.clipboard.writeText(code.textContent);
    return 'Copied';
  } catch {
    // No clipboard for this page: leave it selected, for the person's own copy key.
    getSelection()?.selectAllChildren(code);
    return 'Selected';
  }
}
