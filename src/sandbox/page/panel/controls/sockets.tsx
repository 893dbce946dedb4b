import type { SocketsDisconnected } from '../../../slack/protocol/panel-protocol.ts';
import { disconnectSockets } from '../feed/panel-api.ts';
import { PressButton } from '../fields/press-button.tsx';
import { type ControlProps, ControlSection } from './control-section.tsx';

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
