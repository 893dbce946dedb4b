import type {
  MultiUsersSelect as MultiUsersSelectElement,
  UsersSelect as UsersSelectElement,
} from '@slack/types';
import { Avatar } from '../../look/avatar.tsx';
import type { Directory } from '../../session/directory.ts';
import type { Choice } from '../elements/choice.ts';
import type { Place } from '../form/place.ts';
import { MultiNamedSelect } from '../multi-selects/multi-named-select.tsx';
import { NamedSelect } from './named-select.tsx';

export function UsersSelect({ element, place }: { element: UsersSelectElement; place: Place }) {
  const choices = peopleOf(place.surface.directory);
  const look = { element, place, choices, placeholder: 'Select a person' };
  return <NamedSelect {...look} stateKey="selected_user" />;
}

export function MultiUsersSelect({ element, place }: { element: MultiUsersSelectElement; place: Place }) {
  const choices = peopleOf(place.surface.directory);
  const look = { element, place, choices, placeholder: 'Select people' };
  return <MultiNamedSelect {...look} stateKey="selected_users" />;
}

function peopleOf(directory: Directory): Choice[] {
  return directory.people.map(({ id, name }) => ({
    key: id,
    text: name,
    mark: <Avatar author={directory.author(id)} />,
  }));
}
