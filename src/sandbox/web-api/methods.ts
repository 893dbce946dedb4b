import { authMethods } from './auth.ts';
import { chatMethods } from './chat.ts';
import { conversationMethods } from './conversations.ts';
import type { Method } from './method.ts';
import { userMethods } from './users.ts';
import { viewMethods } from './views.ts';

/** Every Web API method that the sandbox answers; others are `unknown_method`. */
export const webApiMethods: Record<string, Method> = {
  ...authMethods,
  ...chatMethods,
  ...conversationMethods,
  ...userMethods,
  ...viewMethods,
};
