import { Switch } from 'react-aria-components';
import { Icon } from '../../look/icons.tsx';
import { switchMembership } from '../feed/panel-api.ts';
import { type ControlProps, ControlSection } from './control-section.tsx';

export function Membership({ controls: { channels }, act }: ControlProps) {
  return (
    <ControlSection
      title="Membership"
      purpose="Try what the app says where it was not invited, or was removed."
    >
      <ul className="memberships">
        {channels.map(({ id, name, kind, hasApp }) => (
          <li key={id}>
            <Switch
              className="panel-switch"
              isSelected={hasApp}
              onChange={(isMember) =>
                void act(
                  switchMembership({ conversation: id, isMember }),
                  `The app is ${isMember ? 'now' : 'no longer'} a member of #${name}.`,
                )
              }
            >
              <span className="panel-switch-track" />
              <span>
                The app is a member of{' '}
                <b>
                  {kind === 'private' ? <Icon name="lock" /> : '#'}
                  {name}
                </b>
                {kind === 'private' && <span className="unseen"> (private)</span>}
              </span>
            </Switch>
          </li>
        ))}
      </ul>
    </ControlSection>
  );
}
