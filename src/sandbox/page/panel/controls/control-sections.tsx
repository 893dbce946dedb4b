import { type ReactNode, useId } from 'react';
import { Switch } from 'react-aria-components';
import type { Controls, DisconnectRequest } from '../../../slack/protocol/panel-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { PressButton } from '../fields.tsx';
import type { Outcomes } from '../outcome.tsx';
import { disconnectSockets, expireNow, switchMembership } from '../panel-api.ts';

export interface ControlProps extends Pick<Outcomes, 'act'> {
  controls: Controls;
}

export function ControlSection({
  title,
  purpose,
  children,
}: {
  title: string;
  /** What the controls are for, in one line. */
  purpose: ReactNode;
  children: ReactNode;
}) {
  const titleId = useId();
  return (
    <section className="control-section" aria-labelledby={titleId}>
      <h3 id={titleId}>{title}</h3>
      <p className="panel-quiet">{purpose}</p>
      {children}
    </section>
  );
}

export function Membership({ controls: { channels }, act }: ControlProps) {
  return (
    <ControlSection title="Membership" purpose="See how the app behaves in channels it isn’t a member of.">
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

export function Time({ controls: { triggers, responseUrls, nextTriggerExpires }, act }: ControlProps) {
  return (
    <ControlSection title="Time" purpose="Make the app miss its deadlines.">
      <Line purpose="A trigger_id opens a modal within 3 seconds. Expires all outstanding ones.">
        <PressButton
          unavailable={triggers === 0 ? 'No active triggers.' : undefined}
          onPress={() => void act(expireNow({ what: 'triggers' }), 'All triggers expired.')}
        >
          Expire all triggers ({triggers} active)
        </PressButton>
      </Line>
      <Line purpose="The next command or button sends a trigger_id that has already expired.">
        <PressButton
          unavailable={nextTriggerExpires ? 'Waiting for the next trigger.' : undefined}
          onPress={() =>
            void act(expireNow({ what: 'next_trigger' }), 'The next trigger will arrive expired.')
          }
        >
          Expire the next trigger
        </PressButton>
      </Line>
      <Line purpose="A response_url works for 30 minutes and 5 uses. Expires all outstanding ones.">
        <PressButton
          unavailable={responseUrls === 0 ? 'No active response URLs.' : undefined}
          onPress={() => void act(expireNow({ what: 'response_urls' }), 'All response URLs expired.')}
        >
          Expire all response URLs ({responseUrls} active)
        </PressButton>
      </Line>
    </ControlSection>
  );
}

function Line({ purpose, children }: { purpose: string; children: ReactNode }) {
  return (
    <div className="control-line">
      {children}
      <p className="panel-quiet">{purpose}</p>
    </div>
  );
}

const reasons: { reason: DisconnectRequest['reason']; purpose: string }[] = [
  {
    reason: 'warning',
    purpose: 'Slack will soon close the connection. The app should open a new one first.',
  },
  { reason: 'refresh_requested', purpose: 'Slack refreshes the connection. The app should reconnect.' },
  { reason: 'link_disabled', purpose: 'Socket Mode was turned off in the app’s settings.' },
];

export function Sockets({ controls: { sockets }, act }: ControlProps) {
  const unavailable = sockets === 0 ? 'No open connections.' : undefined;
  return (
    <ControlSection
      title="Socket Mode"
      purpose={
        <>
          Check that the app reconnects. Open connections: <b>{sockets}</b>
          {sockets === 0 && ', so the app gets its requests over HTTP.'}
        </>
      }
    >
      {reasons.map(({ reason, purpose }) => (
        <div className="control-line" key={reason}>
          <PressButton
            unavailable={unavailable}
            onPress={() => void act(disconnectSockets({ reason }), `Disconnected with reason ${reason}.`)}
          >
            Disconnect: <span className="panel-wire">{reason}</span>
          </PressButton>
          <p className="panel-quiet">{purpose}</p>
        </div>
      ))}
    </ControlSection>
  );
}
