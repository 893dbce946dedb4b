import type { Conversation, PageWorkspace } from '../../slack/protocol/page-protocol.ts';
import { readWandbPath, titleOfPlace } from '../wandb/wandb-address.ts';
import { fetchWorkspace } from './api.ts';
import { titleOf } from './directory.ts';
import { createMessageStore, type MessageStore } from './message-store.ts';
import { createObservable, type Observable } from './observable.ts';
import { Session } from './session.ts';

type Place =
  | { status: 'loading' }
  | { status: 'failed'; reason: string }
  | { status: 'open'; session: Session; address: Address };

/** Opens the person and conversation named in the URL, or the nearest ones that exist. */
export interface Navigation {
  place: Observable<Place>;
  follow(): void;
}

export function createNavigation(): Navigation {
  const place = createObservable<Place>({ status: 'loading' });
  // Kept when switching to another person, since each person would have their own client.
  const stores = new Map<string, MessageStore>();
  let session: Session | undefined;
  let turn = 0;

  const storeOf = (personId: string): MessageStore => {
    const store = stores.get(personId) ?? createMessageStore();
    stores.set(personId, store);
    return store;
  };
  const followAddress = async (): Promise<void> => {
    turn += 1;
    const myTurn = turn;
    const address = readAddress(location.hash);
    const before = session?.state.get().openConversation;
    if (session === undefined || session.workspace.me.id !== address.as) {
      const workspace = await findWorkspace(address.as, session === undefined);
      if (myTurn !== turn) return;
      session?.stop();
      session = new Session({ workspace, store: storeOf(workspace.me.id) });
    }
    const { me, team, conversations } = session.workspace;
    const conversation = findConversation(conversations, address.in, before);
    if (conversation === undefined) throw new Error(`${me.realName} isn’t in any conversation.`);
    const { wandb } = address;
    const shown: Address = { as: me.id, in: conversation.id, ...(wandb !== undefined && { wandb }) };
    history.replaceState(null, '', writeAddress(shown));
    if (wandb !== undefined && session.workspace.wandb) {
      document.title = `${titleOfPlace(readWandbPath(wandb))} · W&B`;
      session.leave();
      place.set({ status: 'open', session, address: shown });
      return;
    }
    document.title = `${titleOf(session.workspace, conversation)} · ${me.realName} · ${team.name}`;
    const loaded = session.show(conversation);
    place.set({ status: 'open', session, address: shown });
    await loaded;
  };
  return {
    place,
    follow: () => {
      followAddress().catch((error: unknown) => {
        place.set({ status: 'failed', reason: error instanceof Error ? error.message : String(error) });
      });
    },
  };
}

/** Falls back to the first person if the URL names one that doesn't exist. */
function findWorkspace(as: string | undefined, isPageLoad: boolean): Promise<PageWorkspace> {
  const first = () => fetchWorkspace(undefined, { isPageLoad });
  return as === undefined ? first() : fetchWorkspace(as, { isPageLoad }).catch(first);
}

/** Everyone has their own direct message with the app, so switching person there opens the other's. */
function findConversation(
  conversations: Conversation[],
  wanted: string | undefined,
  before: Conversation | undefined,
): Conversation | undefined {
  const exact = conversations.find(({ id }) => id === wanted);
  const isMineElsewhere = wanted === before?.id && before?.kind === 'app_dm';
  const counterpart = isMineElsewhere ? conversations.find(({ kind }) => kind === 'app_dm') : undefined;
  return exact ?? counterpart ?? conversations[0];
}

/** The person and the conversation in the URL, and the place in the W&B tab if that is open: `#as=U…&in=C…&wandb=…`. */
export interface Address {
  as?: string;
  in?: string;
  wandb?: string;
}

function readAddress(hash: string): Address {
  const fields = new URLSearchParams(hash.replace(/^#/, ''));
  const person = fields.get('as');
  const conversation = fields.get('in');
  const wandb = fields.get('wandb');
  return {
    ...(person ? { as: person } : {}),
    ...(conversation ? { in: conversation } : {}),
    ...(wandb === null ? {} : { wandb }),
  };
}

export function writeAddress(address: Address): string {
  return `#${new URLSearchParams({ ...address })}`;
}
