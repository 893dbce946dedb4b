import type { Button as ButtonElement, Overflow as OverflowElement, PlainTextOption } from '@slack/types';
import {
  Menu,
  MenuItem,
  MenuTrigger,
  Popover,
  ProgressBar,
  Button as ReactAriaButton,
} from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import { plainText } from '../../mrkdwn/emoji.ts';
import { safeUrl } from '../../mrkdwn/mrkdwn-reference.ts';
import { ElementFrame, type Place } from '../form/field.tsx';
import { useElement } from '../form/use-element.tsx';

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

export function Overflow({ element, place }: { element: OverflowElement; place: Place }) {
  const { isBusy, report } = useElement(place, element.confirm);
  return (
    <ElementFrame place={place} isBusy={isBusy}>
      <MenuTrigger>
        <ReactAriaButton className="button overflow-opener" aria-label="More actions">
          <Icon name="more" />
        </ReactAriaButton>
        <Popover className="popup" placement="bottom end">
          <Menu className="menu">
            {element.options.map((option) => (
              <OverflowItem
                key={option.value}
                option={option}
                choose={() => void report({ type: 'overflow', selected_option: option })}
              />
            ))}
          </Menu>
        </Popover>
      </MenuTrigger>
    </ElementFrame>
  );
}

function OverflowItem({ option, choose }: { option: PlainTextOption; choose: () => void }) {
  const text = plainText(option.text);
  const url = option.url === undefined ? undefined : safeUrl(option.url);
  const link = url === undefined ? {} : { href: url, target: '_blank', rel: 'noopener noreferrer' };
  return (
    <MenuItem className="popup-item" textValue={text} onAction={choose} {...link}>
      <span className="popup-item-text">{text}</span>
      {option.description && <span className="popup-item-description">{plainText(option.description)}</span>}
      {url !== undefined && <Icon name="external-link" />}
    </MenuItem>
  );
}
