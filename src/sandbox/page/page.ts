import type { Conversation, Workspace } from '../page-protocol.ts';
import { readAddress, writeAddress } from './address.ts';
import { fetchWorkspace } from './api.ts';
import { make } from './dom.ts';
import { closeDrawer } from './drawer.ts';
import { createMessageStore, type MessageStore } from './message-store.ts';
import { Session, type Stage } from './session.ts';

/** Who looks until the address says otherwise: Ada, whom the workspace begins with. */
const FIRST_PERSON = 'U0ADA00001';

const stage: Stage = {
  sidebar: part('sidebar'),
  header: part('conversation-header'),
  conversation: part('conversation'),
  connection: part('connection'),
};
/** Outlives the switch to another person, as every person's own client would. */
const stores = new Map<string, MessageStore>();
let session: Session | undefined;
let shown: Conversation | undefined;
let turn = 0;

/** Shows what the address says, as far as it exists. */
async function followAddress(): Promise<void> {
  turn += 1;
  const mine = turn;
  const address = readAddress(location.hash);
  if (session === undefined || session.workspace.me.id !== address.as) {
    const workspace = await findWorkspace(address.as);
    if (mine !== turn) return;
    session?.stop();
    session = new Session({ workspace, store: storeOf(workspace.me.id), stage });
  }
  const { me, team, conversations } = session.workspace;
  const conversation = findConversation(conversations, address.in);
  if (conversation === undefined) throw new Error(`${me.realName} is in no conversation.`);
  shown = conversation;
  history.replaceState(null, '', writeAddress({ as: me.id, in: conversation.id }));
  document.title = `${conversation.name} · ${me.realName} · ${team.name}`;
  closeDrawer();
  await session.show(conversation);
}

/** Instead of a person who isn't there (an old link): the first one. */
function findWorkspace(as: string | undefined): Promise<Workspace> {
  if (as === undefined) return fetchWorkspace(FIRST_PERSON);
  return fetchWorkspace(as).catch(() => fetchWorkspace(FIRST_PERSON));
}

/** Everyone has their own direct message with the app: from one person's, a switch leads to the other's. */
function findConversation(
  conversations: Conversation[],
  wanted: string | undefined,
): Conversation | undefined {
  const exact = conversations.find(({ id }) => id === wanted);
  const sameKind = wanted === shown?.id && shown?.kind === 'app_dm';
  return (
    exact ?? (sameKind ? conversations.find(({ kind }) => kind === 'app_dm') : undefined) ?? conversations[0]
  );
}

function storeOf(personId: string): MessageStore {
  const store = stores.get(personId) ?? createMessageStore();
  stores.set(personId, store);
  return store;
}

function part(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`index.html has no #${id}`);
  return element;
}

async function follow(): Promise<void> {
  try {
    await followAddress();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const retry = make('button', { type: 'button', class: 'button' }, 'Try again');
    retry.addEventListener('click', () => void follow());
    stage.conversation.replaceChildren(
      make(
        'div',
        { class: 'failure', role: 'alert' },
        make('p', {}, `The sandbox did not answer: ${reason}`),
        retry,
      ),
    );
  }
}

part('sidebar-curtain').addEventListener('click', closeDrawer);
stage.sidebar.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') closeDrawer();
});
window.addEventListener('hashchange', () => void follow());
void follow();
