import { Button, Dialog, Modal, ModalOverlay } from 'react-aria-components';
import { Icon } from '../look/icons.tsx';
import { Sidebar, type SidebarProps } from './sidebar.tsx';

interface SidebarDrawerProps extends SidebarProps {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
}

/** In narrow windows the sidebar lies over the page while it is wanted. */
export function SidebarDrawer({ isOpen, onOpenChange, ...sidebar }: SidebarDrawerProps) {
  return (
    <ModalOverlay className="drawer-curtain" isOpen={isOpen} onOpenChange={onOpenChange} isDismissable>
      <Modal className="drawer">
        <Dialog className="drawer-dialog" aria-label="Sidebar">
          <Sidebar {...sidebar} />
          <Button slot="close" className="drawer-close" aria-label="Close sidebar">
            <Icon name="cross" />
          </Button>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
