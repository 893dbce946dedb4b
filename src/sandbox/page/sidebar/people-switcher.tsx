import type { Person } from '../../slack/protocol/page-protocol.ts';
import { Avatar } from '../look/avatar.tsx';
import { writeAddress } from '../session/address.ts';
import { useSessionState } from '../session/use-session.ts';

/** Through whose eyes the page looks. Links, so that a person's view can be kept. */
export function PeopleSwitcher() {
  const { workspace } = useSessionState();
  return (
    <nav className="people" aria-label="People">
      <h2 className="people-heading">You are</h2>
      <ul>
        {workspace.people.map((person) => (
          <li key={person.id}>
            <PersonLink person={person} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function PersonLink({ person }: { person: Person }) {
  const { workspace, directory, shown } = useSessionState();
  return (
    <a
      className="person"
      href={writeAddress({ as: person.id, ...(shown ? { in: shown.id } : {}) })}
      aria-current={person.id === workspace.me.id ? 'true' : undefined}
    >
      <Avatar author={directory.author(person.id)} />
      <span className="person-text">
        <span className="person-name">{person.realName}</span>
        <span className="person-about">{person.about}</span>
      </span>
    </a>
  );
}
