import type { Button as ButtonElement } from '@slack/types';
import { ProgressBar, Button as ReactAriaButton } from 'react-aria-components';
import { safeUrl } from '../../mrkdwn/mrkdwn-reference.ts';
import { plainText } from '../../mrkdwn/plain-text.ts';
import type { Place } from '../form/place.ts';
import { useElement } from '../form/use-element.ts';
import { ElementFrame } from './element-frame.tsx';

export function Button({ element, place }: { element: ButtonElement; place: Place }) {
  const { isBusy, report } = useElement(place, element.confirm);
  const press = (): void => {
    const url = element.url === undefined ? undefined : safeUrl(element.url);
    const open = () => url !== undefined && window.open(url, '_blank', 'noopener,noreferrer');
    void report({ type: 'button' }, open);
  };
  const style = element.style ? ` button-${element.style}` : '';
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <ReactAriaButton
        className={`button${style}`}
        isPending={isBusy}
        onPress={press}
        {...(element.accessibility_label ? { 'aria-label': element.accessibility_label } : {})}
      >
        <span className="button-text">{plainText(element.text)}</span>
        {isBusy && <ProgressBar className="spinner" isIndeterminate aria-label="Loading" />}
      </ReactAriaButton>
    </ElementFrame>
  );
}
