import type { Conversation, Outcome, PageEvent, Workspace } from '../page-protocol.ts';
import * as api from './api.ts';
import { drawConversationHeader } from './conversation-header.ts';
import { createDirectory, type Directory } from './directory.ts';
import { openDrawer } from './drawer.ts';
import { escapeEntities } from './entities.ts';
import { followUpdates, type LiveUpdates } from './live-updates.ts';
import type { MessageStore } from './message-store.ts';
import { type OpenConversation, openConversation } from './open-conversation.ts';
import { drawSidebar } from './sidebar.ts';
import { createViewDialog, type ViewDialog } from './view-dialog.ts';

/** The parts of the page that a session fills. */
export interface Stage {
  sidebar: HTMLElement;
  header: HTMLElement;
  conversation: HTMLElement;
  connection: HTMLElement;
}

/** Slack as one person sees it. */
export class Session {
  workspace: Workspace;
  readonly #as: string;
  readonly #store: MessageStore;
  readonly #stage: Stage;
  readonly #updates: LiveUpdates;
  readonly #dialog: ViewDialog;
  readonly #unread = new Set<string>();
  #directory: Directory;
  #open: OpenConversation | undefined;

  constructor(parts: { workspace: Workspace; store: MessageStore; stage: Stage }) {
    this.workspace = parts.workspace;
    this.#as = parts.workspace.me.id;
    this.#store = parts.store;
    this.#stage = parts.stage;
    this.#directory = createDirectory(parts.workspace);
    const as = this.#as;
    this.#dialog = createViewDialog({
      act: (used) => api.reportAction({ as, ...used }),
      findOptions: (wanted) => api.findOptions({ as, ...wanted }),
      submit: (view, state) => this.#thenCatchUp(api.submitView({ as, view, state })),
      close: (view) => this.#thenCatchUp(api.closeView({ as, view })),
    });
    this.#updates = followUpdates(api.eventsUrl(as), {
      event: (event) => this.#take(event),
      connected: () => {
        this.#stage.connection.hidden = true;
        void this.#catchUp();
      },
      lost: () => {
        this.#stage.connection.hidden = false;
      },
    });
  }

  async show(conversation: Conversation): Promise<void> {
    const open = openConversation(conversation, {
      workspace: this.workspace,
      directory: this.#directory,
      store: this.#store,
      actions: {
        act: ({ conversation: id, ts }, used) =>
          api.reportAction({ as: this.#as, container: { conversation: id, ts }, ...used }),
      },
      send: (line) => this.#send(conversation.id, line),
    });
    this.#open = open;
    this.#unread.delete(conversation.id);
    await this.#updates.hold(() => this.#load(conversation.id));
    if (this.#open !== open) return;
    const header = drawConversationHeader(this.workspace, conversation, () =>
      openDrawer(this.#stage.sidebar),
    );
    this.#stage.header.replaceChildren(...header);
    this.#stage.conversation.replaceChildren(open.list.element, open.composer.element);
    this.#redraw();
    // On a phone the focus would bring up the keyboard.
    if (matchMedia('(hover: hover)').matches) open.composer.focus();
  }

  stop(): void {
    this.#updates.stop();
    this.#dialog.show([], this.#directory);
    this.#open = undefined;
  }

  #take(event: PageEvent): void {
    if (event.type === 'views') {
      this.#dialog.show(event.views, this.#directory);
      return;
    }
    this.#store.apply(event);
    if (event.type === 'message' && event.message.conversation !== this.#open?.conversation.id) {
      this.#unread.add(event.message.conversation);
    }
    this.#redraw();
  }

  #redraw(): void {
    if (!this.#open) return;
    const { id } = this.#open.conversation;
    const shown = { conversation: id, unread: this.#unread };
    this.#stage.sidebar.replaceChildren(...drawSidebar(this.workspace, this.#directory, shown));
    this.#open.list.show(this.#store.of(id));
  }

  async #load(conversation: string): Promise<void> {
    this.#store.load(conversation, await api.fetchMessages(this.#as, conversation));
  }

  /** Shows everything as the server has it now, for when events may have been missed. */
  #catchUp(): Promise<void> {
    return this.#updates.hold(async () => {
      try {
        this.workspace = await api.fetchWorkspace(this.#as);
        if (this.#open) await this.#load(this.#open.conversation.id);
      } catch {
        // The event stream breaks too, and leads back here when it stands again.
        return;
      }
      if (!this.#open) return;
      this.#directory = createDirectory(this.workspace);
      this.#redraw();
      this.#dialog.show(this.workspace.views, this.#directory);
    });
  }

  /** An answer may come before the event that tells what it changed. */
  async #thenCatchUp(answer: Promise<Outcome>): Promise<Outcome> {
    const outcome = await answer;
    if (outcome.ok) await this.#catchUp();
    return outcome;
  }

  async #send(conversation: string, line: string): Promise<void> {
    const typed = line.startsWith('/') ? line : escapeEntities(line);
    const outcome = await api.sendLine({ as: this.#as, conversation, line: typed });
    if (outcome.ok) return;
    const text = 'message' in outcome ? outcome.message : 'The app answered with errors.';
    this.#store.saySlackbot(conversation, text);
    this.#redraw();
  }
}
