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

/** `url` must come from {@link safeUrl}. */
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

/** Doesn't reveal the name of a conversation that the reader isn't in, as in Slack. */
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

/** Preformatted text with a copy button, which Slack doesn't have. */
export function CodeBlock({ children }: { children: ReactNode }) {
  const code = useRef<HTMLPreElement>(null);
  const [status, setStatus] = useState<'' | 'Copied' | 'Selected'>('');
  useEffect(() => {
    if (status !== 'Copied') return;
    const timer = window.setTimeout(() => setStatus(''), COPIED_FOR_MS);
    return () => window.clearTimeout(timer);
  }, [status]);
  return (
    <div className="code-frame">
      <pre className="code-block" ref={code}>
        {children}
      </pre>
      <Button className="copy" aria-label="Copy code" onPress={() => void copy(code.current).then(setStatus)}>
        <Icon name={status === 'Copied' ? 'check' : 'copy'} />
      </Button>
      <span className="unseen" role="status">
        {status}
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
    // Without clipboard access, the code stays selected for the person to copy.
    getSelection()?.selectAllChildren(code);
    return 'Selected';
  }
}
