import { createContext, useContext, useSyncExternalStore } from 'react';
import type {
  ActionRequest,
  Conversation,
  OpenHomeRequest,
  OptionsRequest,
  OptionsResponse,
  Outcome,
  PageEvent,
  PageMessage,
  PageWorkspace,
  State,
} from '../../slack/protocol/page-protocol.ts';
import { escapeEntities } from '../mrkdwn/mrkdwn-reference.ts';
import * as api from './api.ts';
import { createDirectory, type Directory } from './directory.ts';
import { followUpdates, type LiveUpdates } from './live-updates.ts';
import { countUnread, type MessageStore, markRead, type UnreadConversations } from './message-store.ts';
import { createObservable, type Observable } from './observable.ts';

export interface SessionState {
  workspace: PageWorkspace;
  directory: Directory;
  /** The open conversation. */
  openConversation?: Conversation;
  /** The messages of the open conversation, oldest first; undefined until they are loaded. */
  messages: PageMessage[] | undefined;
  unread: UnreadConversations;
  isConnected: boolean;
}

/** Slack as one person sees it: the state of the page and the actions of that person. */
export class Session {
  readonly state: Observable<SessionState>;
  /** Unsent lines: conversation ID → line. */
  readonly drafts = new Map<string, string>();
  readonly #as: string;
  readonly #store: MessageStore;
  readonly #updates: LiveUpdates;

  constructor({ workspace, store }: { workspace: PageWorkspace; store: MessageStore }) {
    this.#as = workspace.me.id;
    this.#store = store;
    this.state = createObservable<SessionState>({
      workspace,
      directory: createDirectory(workspace),
      messages: undefined,
      unread: new Map(Object.entries(workspace.unread)),
      isConnected: true,
    });
    this.#updates = followUpdates(api.eventsUrl(this.#as), {
      event: (event) => this.#handle(event),
      connected: () => {
        this.#change({ isConnected: true });
        void this.#catchUp();
      },
      lost: () => this.#change({ isConnected: false }),
    });
  }

  get workspace(): PageWorkspace {
    return this.state.get().workspace;
  }

  async show(conversation: Conversation): Promise<void> {
    const { unread, openConversation } = this.state.get();
    if (openConversation?.id === conversation.id) return;
    const messages = this.#store.isLoaded(conversation.id) ? this.#store.of(conversation.id) : undefined;
    this.#change({ openConversation: conversation, messages, unread: markRead(unread, conversation.id) });
    void api.markRead({ as: this.#as, conversation: conversation.id });
    await this.#updates.hold(() => this.#load(conversation.id).catch(() => undefined));
    this.#refreshMessages();
  }

  /** Leaves the open conversation: what arrives there is unread. */
  leave(): void {
    const { openConversation: _left, ...rest } = this.state.get();
    this.state.set({ ...rest, messages: undefined });
  }

  stop(): void {
    this.#updates.stop();
  }

  reconnect(): void {
    this.#updates.reconnect();
  }

  /** Resolves when the app has responded. Failures appear as Slackbot messages in the conversation. */
  async send(conversation: string, line: string): Promise<void> {
    const outcome = await api.sendLine({ as: this.#as, conversation, line: escaped(line) });
    this.#showProblem(conversation, outcome);
  }

  /** Sends a reply to a message. */
  reply({ conversation, ts }: { conversation: string; ts: string }, line: string): Promise<Outcome> {
    return api.sendLine({ as: this.#as, conversation, line: escaped(line), thread: ts });
  }

  async runShortcut(
    callbackId: string,
    conversation: string,
    message?: { conversation: string; ts: string },
  ): Promise<void> {
    const request = { as: this.#as, callback_id: callbackId, ...(message ? { message } : {}) };
    this.#showProblem(conversation, await api.runShortcut(request));
  }

  act(request: Omit<ActionRequest, 'as'>): Promise<Outcome> {
    return api.reportAction({ as: this.#as, ...request });
  }

  findOptions(request: Omit<OptionsRequest, 'as'>): Promise<OptionsResponse> {
    return api.findOptions({ as: this.#as, ...request });
  }

  submitView(view: string, state: State): Promise<Outcome> {
    return this.#thenCatchUp(api.submitView({ as: this.#as, view, state }));
  }

  closeView(view: string): Promise<Outcome> {
    return this.#thenCatchUp(api.closeView({ as: this.#as, view }));
  }

  openAppHome(tab: OpenHomeRequest['tab']): Promise<Outcome> {
    return this.#thenCatchUp(api.reportHomeOpened({ as: this.#as, tab }));
  }

  /** Removes an ephemeral message from the page. As in Slack, the app isn't notified. */
  dismiss({ conversation, ts }: PageMessage): void {
    this.#store.apply({ type: 'message_deleted', conversation, ts });
    this.#refreshMessages();
  }

  #change(changes: Partial<SessionState>): void {
    this.state.set({ ...this.state.get(), ...changes });
  }

  #handle(event: PageEvent): void {
    switch (event.type) {
      case 'views':
        this.#change({ workspace: { ...this.workspace, views: event.views } });
        return;
      case 'home':
        this.#change({ workspace: { ...this.workspace, home: event.home } });
        return;
      case 'message':
        this.#noteUnread(event.message);
        this.#store.apply(event);
        break;
      case 'message_changed':
      case 'message_deleted':
        this.#store.apply(event);
        break;
      case 'workspace':
        void this.#catchUp();
        return;
    }
    this.#refreshMessages();
  }

  #noteUnread(message: PageMessage): void {
    const { unread, openConversation, workspace } = this.state.get();
    if (message.conversation === openConversation?.id) {
      void api.markRead({ as: this.#as, conversation: message.conversation });
      return;
    }
    const conversation = workspace.conversations.find(({ id }) => id === message.conversation);
    this.#change({ unread: countUnread(unread, message, conversation, this.#as) });
  }

  #refreshMessages(): void {
    const { openConversation } = this.state.get();
    if (openConversation && this.#store.isLoaded(openConversation.id))
      this.#change({ messages: this.#store.of(openConversation.id) });
  }

  async #load(conversation: string): Promise<void> {
    this.#store.load(conversation, await api.fetchMessages(this.#as, conversation));
  }

  /** Fetches the current state, in case events were missed. */
  #catchUp(): Promise<void> {
    return this.#updates.hold(async () => {
      try {
        const workspace = await api.fetchWorkspace(this.#as);
        const { openConversation: before } = this.state.get();
        const openConversation = workspace.conversations.find(({ id }) => id === before?.id) ?? before;
        this.#change({
          workspace,
          directory: createDirectory(workspace),
          unread: markRead(new Map(Object.entries(workspace.unread)), openConversation?.id ?? ''),
          ...(openConversation ? { openConversation } : {}),
        });
        if (openConversation) await this.#load(openConversation.id);
      } catch {
        // The event stream breaks as well, and runs this again when it has reconnected.
        return;
      }
      this.#refreshMessages();
    });
  }

  /** A response may arrive before the event with the change it caused. */
  async #thenCatchUp(response: Promise<Outcome>): Promise<Outcome> {
    const outcome = await response;
    if (outcome.ok) await this.#catchUp();
    return outcome;
  }

  #showProblem(conversation: string, outcome: Outcome): void {
    if (outcome.ok) return;
    const text = 'message' in outcome ? outcome.message : 'The app responded with errors.';
    this.#store.addSlackbotMessage(conversation, text);
    this.#refreshMessages();
  }
}

function escaped(line: string): string {
  return line.startsWith('/') ? line : escapeEntities(line);
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession needs a SessionContext around the component.');
  return session;
}

export function useSessionState(): SessionState {
  const { state } = useSession();
  return useSyncExternalStore(state.subscribe, state.get);
}
