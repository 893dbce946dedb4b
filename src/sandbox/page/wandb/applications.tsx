import './applications.css';
import { ToggleButton } from 'react-aria-components';
import { Icon, Unseen } from '../look/icons.tsx';
import { type Address, writeAddress } from '../session/navigation.ts';
import { useSessionState } from '../session/session.ts';
import type { SidebarProps } from '../sidebar/sidebar.tsx';
import { WandbMark } from './wandb-mark.tsx';

/** The two sites of the sandbox, like the tabs of a browser. */
export function Applications({
  address,
  isWandb,
  hasPanel,
  onPanelChange,
}: SidebarProps & { address: Address; isWandb: boolean }) {
  const { unread } = useSessionState();
  const { wandb, ...inSlack } = address;
  return (
    <div className="applications">
      <nav aria-label="Applications">
        <a href={writeAddress(inSlack)} aria-current={isWandb ? undefined : 'page'}>
          <Icon name="message" />
          Slack
          {isWandb && unread.size > 0 && (
            <>
              <span className="applications-unread" />
              <Unseen>, unread messages</Unseen>
            </>
          )}
        </a>
        <a
          href={writeAddress({ ...inSlack, wandb: wandb ?? '' })}
          aria-current={isWandb ? 'page' : undefined}
        >
          <WandbMark />
          W&B
        </a>
      </nav>
      {isWandb && (
        <ToggleButton className="applications-tools" isSelected={hasPanel} onChange={onPanelChange}>
          <Icon name="code" />
          <span>Developer tools</span>
        </ToggleButton>
      )}
    </div>
  );
}
