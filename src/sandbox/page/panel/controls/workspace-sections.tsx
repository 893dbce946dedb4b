import { Switch } from 'react-aria-components';
import { PressButton } from '../fields.tsx';
import { switchInstallation, switchPerson } from '../panel-api.ts';
import { type ControlProps, ControlSection } from './control-sections.tsx';

/** Deactivates people. The last active one must stay, because the page acts as someone. */
export function People({ controls: { people }, act }: ControlProps) {
  const isLast = people.filter(({ isActive }) => isActive).length === 1;
  return (
    <ControlSection
      title="People"
      purpose={
        <>
          See what the app does when people leave the workspace. Keysmith looks for contacts who left once a
          day. In the sandbox of <code>npm start</code>, make it look now: find the job with{' '}
          <code>npm run keysmith -- jobs --kind contact_check</code> and start it with{' '}
          <code>npm run keysmith -- jobs run ID</code>.
        </>
      }
    >
      <ul className="memberships">
        {people.map(({ id, name, isActive }) => (
          <li key={id}>
            <Switch
              className="panel-switch"
              isSelected={isActive}
              isDisabled={isActive && isLast}
              onChange={(wanted) =>
                void act(
                  switchPerson({ person: id, isActive: wanted }),
                  `${name} was ${wanted ? 'reactivated' : 'deactivated'}.`,
                )
              }
            >
              <span className="panel-switch-track" />
              <span>
                <b>{name}</b> is active
              </span>
            </Switch>
          </li>
        ))}
      </ul>
    </ControlSection>
  );
}

export function Installation({ controls: { isInstalled }, act }: ControlProps) {
  return (
    <ControlSection
      title="Installation"
      purpose="An uninstalled app gets app_uninstalled. Its tokens and commands stop working."
    >
      <div className="control-line">
        {isInstalled ? (
          <PressButton
            onPress={() => void act(switchInstallation({ isInstalled: false }), 'The app was uninstalled.')}
          >
            Uninstall the app
          </PressButton>
        ) : (
          <PressButton
            onPress={() =>
              void act(switchInstallation({ isInstalled: true }), 'The app was installed again.')
            }
          >
            Install the app again
          </PressButton>
        )}
      </div>
    </ControlSection>
  );
}
