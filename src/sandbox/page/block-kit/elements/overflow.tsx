import type { Overflow as OverflowElement, PlainTextOption } from '@slack/types';
import { Menu, MenuItem, MenuTrigger, Popover, Button as ReactAriaButton } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import { safeUrl } from '../../mrkdwn/mrkdwn-reference.ts';
import { plainText } from '../../mrkdwn/plain-text.ts';
import type { Place } from '../form/place.ts';
import { useElement } from '../form/use-element.ts';
import { ElementFrame } from './element-frame.tsx';

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
