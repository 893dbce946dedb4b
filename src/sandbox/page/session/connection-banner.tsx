import { Button } from 'react-aria-components';
import { Icon } from '../look/icons.tsx';
import { useSession, useSessionState } from './use-session.ts';

/** Stands in the page from the beginning, so that it is read out when it fills. */
export function ConnectionBanner() {
  const session = useSession();
  const { isConnected } = useSessionState();
  return (
    <div role="status">
      {!isConnected && (
        <div className="connection">
          <Icon name="warning" />
          <span>The connection to the sandbox is lost. It is tried again every few seconds.</span>
          <Button className="connection-retry" onPress={() => session.reconnect()}>
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}
