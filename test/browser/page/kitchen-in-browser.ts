import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Page } from 'playwright-core';
import { type KitchenSink, startKitchenSink } from '../../sandbox/slack/kitchen-sink/kitchen-sink-app.ts';
import { closePages, openPage, type PageOptions } from './open-page.ts';

export interface KitchenInBrowser extends KitchenSink {
  open(options?: PageOptions): Promise<Page>;
  /** Errors from the consoles and scripts of the pages. */
  errors: string[];
  /** Returns the latest payload of the given type. */
  lastReceived(type: string): KitchenSink['received'][number]['body'];
  /** Makes the app receive requests without responding until the returned function is called. */
  hold(): () => void;
  /** Destroys the event streams of the pages, as a broken network does. */
  cutEventStreams(): void;
  closePages(): Promise<void>;
}

/** Starts the kitchen-sink app and a browser for its sandbox page. */
export async function startKitchenInBrowser(transport: 'http' | 'socket'): Promise<KitchenInBrowser> {
  const kitchen = await startKitchenSink({ transport });
  await kitchen.slack.preparePage();
  const errors: string[] = [];
  const streams = watchEventStreams();
  let held: Promise<void> | undefined;
  kitchen.app.use(async ({ next }) => {
    await held;
    await next();
  });
  return {
    ...kitchen,
    errors,
    open: (options = {}) => openPage({ url: kitchen.slack.url, ...options, errors }),
    lastReceived: (wanted) => kitchen.received.findLast(({ type }) => type === wanted)?.body,
    hold() {
      const holding = Promise.withResolvers<void>();
      held = holding.promise;
      return () => {
        held = undefined;
        holding.resolve();
      };
    },
    cutEventStreams: streams.cut,
    closePages,
    async stop() {
      streams.forget();
      await closePages();
      await kitchen.stop();
    },
  };
}

/** Collects the sockets from Node's diagnostics channel, because the sandbox can't cut its own streams. */
function watchEventStreams() {
  const open = new Set<IncomingMessage>();
  const note = (report: unknown) => {
    const { request } = report as { request: IncomingMessage };
    if (request.url?.startsWith('/sandbox/events')) open.add(request);
  };
  subscribe('http.server.request.start', note);
  return {
    cut() {
      for (const request of open) request.socket.destroy();
      open.clear();
    },
    forget: () => unsubscribe('http.server.request.start', note),
  };
}
