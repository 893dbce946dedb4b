import { Button, type Key, Tag, TagGroup, TagList } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import type { Choice } from '../elements/choice.ts';

interface ChosenTokensProps {
  name: string;
  chosen: Choice[];
  remove: (keys: Set<Key>) => void;
}

export function ChosenTokens({ name, chosen, remove }: ChosenTokensProps) {
  return (
    <TagGroup className="tokens" aria-label={`Selected: ${name}`} onRemove={remove}>
      <TagList className="token-list">
        {chosen.map(({ key, text, mark }) => (
          <Tag key={key} id={key} className="token" textValue={text}>
            {mark}
            <span className="token-text">{text}</span>
            <Button slot="remove" className="token-remove">
              <Icon name="cross" />
            </Button>
          </Tag>
        ))}
      </TagList>
    </TagGroup>
  );
}
