import { type ReactNode, useId } from 'react';
import { Switch } from 'react-aria-components';
import type { Controls, SocketsDisconnected } from '../../../slack/protocol/panel-protocol.ts';
import { Icon } from '../../look/icons.tsx';
import { PressButton } from '../fields.tsx';
import type { Outcomes } from '../outcome.tsx';
import { disconnectSockets, expireNow, switchMembership } from '../panel-api.ts';

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

export function Time({ controls: { triggers, responseUrls, nextTriggerExpires }, act }: ControlProps) {
  return (
    <ControlSection title="Time" purpose="Have the app come too late, without waiting for it.">
      <Line purpose="A trigger_id opens a modal for 3 seconds; this ends all that are out.">
        <PressButton
          unavailable={triggers === 0 ? 'None is usable now.' : undefined}
          onPress={() => void act(expireNow({ what: 'triggers' }), 'The triggers have expired.')}
        >
          Let the triggers expire now ({triggers} usable)
        </PressButton>
      </Line>
      <Line purpose="The next command or button brings a trigger_id that opens nothing any more.">
        <PressButton
          unavailable={nextTriggerExpires ? 'Waiting for it.' : undefined}
          onPress={() => void act(expireNow({ what: 'next_trigger' }), 'The next trigger will be expired.')}
        >
          Let the next trigger be expired
        </PressButton>
      </Line>
      <Line purpose="A response_url is good for 30 minutes and 5 uses; this ends all that are out.">
        <PressButton
          unavailable={responseUrls === 0 ? 'None is usable now.' : undefined}
          onPress={() => void act(expireNow({ what: 'response_urls' }), 'The response URLs have expired.')}
        >
          Let the response URLs expire now ({responseUrls} usable)
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

const reasons: { reason: SocketsDisconnected['reason']; purpose: string }[] = [
  { reason: 'warning', purpose: 'Slack will soon close the connection: the app should open another first.' },
  { reason: 'refresh_requested', purpose: 'Slack renews the connection: the app should connect again.' },
  { reason: 'link_disabled', purpose: 'Socket Mode was switched off in the settings of the app.' },
];

export function Sockets({ controls: { sockets }, act }: ControlProps) {
  const unavailable = sockets === 0 ? 'None is open.' : undefined;
  return (
    <ControlSection
      title="Socket Mode"
      purpose={
        <>
          Try whether the app connects again. Open connections: <b>{sockets}</b>
          {sockets === 0 && ', so the app gets its requests over HTTP.'}
        </>
      }
    >
      {reasons.map(({ reason, purpose }) => (
        <div className="control-line" key={reason}>
          <PressButton
            unavailable={unavailable}
            onPress={() =>
              void act(disconnectSockets({ reason }), `Disconnected, with the reason ${reason}.`)
            }
          >
            Disconnect: <span className="panel-wire">{reason}</span>
          </PressButton>
          <p className="panel-quiet">{purpose}</p>
        </div>
      ))}
    </ControlSection>
  );
}

export function ControlSection({
  title,
  purpose,
  children,
}: {
  title: string;
  /** What it is good for, in one line. */
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

export interface ControlProps extends Pick<Outcomes, 'act'> {
  controls: Controls;
}
