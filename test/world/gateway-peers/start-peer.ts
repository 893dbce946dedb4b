import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { NODE_COMPILE_CACHE } from '../../process/main-process.ts';

/** A server in a process of its own, so that it shares no processor time and no memory with others. */
export interface Peer {
  url: string;
  /** For the gateway: of one of its service accounts. */
  authorization: string;
}

export interface PeerUsage {
  /** The memory of the process now, and at most since the last time. */
  bytes: number;
  mostBytes: number;
  /** Since its start. */
  cpuMs: number;
}

export interface StartedPeer extends Peer {
  usage(): Promise<PeerUsage>;
  stop(): Promise<void>;
}

/** `upstream` is the W&B server; the others forward to it. */
export async function startPeer(
  role: 'upstream' | 'library' | 'gateway',
  upstreamUrl = '',
): Promise<StartedPeer> {
  const child = fork(join(import.meta.dirname, 'peer.ts'), [role, upstreamUrl], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { ...process.env, NODE_COMPILE_CACHE },
  });
  const message = async () => {
    const given = new AbortController();
    const { signal } = given;
    const ended = once(child, 'exit', { signal }).then(() => Promise.reject(new Error(`the ${role} ended`)));
    const [received] = await Promise.race([once(child, 'message', { signal }), ended]);
    ended.catch(() => {});
    given.abort();
    return received;
  };
  const peer: Peer = await message();
  return {
    ...peer,
    async usage() {
      const reply = message();
      child.send('usage');
      return await reply;
    },
    async stop() {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}
