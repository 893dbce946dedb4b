import { PAGE_ACTIONS } from '../../messages/accounts/account-list-message.ts';
import {
  ACCOUNT_MENU_ACTION,
  EARLIER_MENU_ACTION,
  EDIT_ACTION,
} from '../../messages/accounts/account-menu.ts';
import { accountMenuAction, earlierMenuAction, editAction } from './account-menu.ts';
import { EDIT_FORM_CALLBACK, submitEditForm } from './edit-account.ts';
import { turnPageAction } from './list-accounts.ts';
import { REVOKE_FORM_CALLBACK, submitRevokeForm } from './revoke-account.ts';

export const accountButtons = {
  [PAGE_ACTIONS.previous]: turnPageAction,
  [PAGE_ACTIONS.next]: turnPageAction,
  [ACCOUNT_MENU_ACTION]: accountMenuAction,
  [EARLIER_MENU_ACTION]: earlierMenuAction,
  [EDIT_ACTION]: editAction,
};

export const accountSubmissions = {
  [REVOKE_FORM_CALLBACK]: submitRevokeForm,
  [EDIT_FORM_CALLBACK]: submitEditForm,
};
