import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Button } from 'react-aria-components';
import { Icon } from '../look/icons.tsx';

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
