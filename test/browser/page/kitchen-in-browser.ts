import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { IncomingMessage } from 'node:http';
import type { Page } from 'playwright-core';
import { type KitchenSink, startKitchenSink } from '../../sandbox/slack/kitchen-sink/kitchen-sink-app.ts';
import { launchBrowser, openPage, type PageOptions } from './open-page.ts';

export interface KitchenInBrowser extends KitchenSink {
  open(options?: PageOptions): Promise<Page>;
  /** Errors that the pages' consoles and scripts have reported. */
  errors: string[];
  /** The payload of that type which came last. */
  lastReceived(type: string): KitchenSink['received'][number]['body'];
  /** From now on the app takes what comes and says nothing, until the returned function is called. */
  hold(): () => void;
  /** Ends the streams that bring the pages their news, as a broken network does. */
  cutEventStreams(): void;
  closePages(): Promise<void>;
}

/** The kitchen's page in a real browser. */
export async function startKitchenInBrowser(transport: 'http' | 'socket'): Promise<KitchenInBrowser> {
  const [kitchen, browser] = await Promise.all([startKitchenSink({ transport }), launchBrowser()]);
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
    open: (options = {}) => openPage(browser, { url: kitchen.slack.url, ...options, errors }),
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
    async closePages() {
      await Promise.all(browser.contexts().map((context) => context.close()));
    },
    async stop() {
      streams.forget();
      await browser.close();
      await kitchen.stop();
    },
  };
}

/** The sandbox can't cut them itself, so their sockets are taken from Node's own reports on its servers. */
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
