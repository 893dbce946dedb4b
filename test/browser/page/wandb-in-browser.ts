import type { Page } from 'playwright-core';
import { type DrivenSlack, startDrivenSlack } from '../../driver/driven-slack.ts';
import { type DrivenWandb, startDrivenWandb } from '../../driver/driven-wandb.ts';
import { app } from '../../sandbox/slack/slack-with-app.ts';
import { closePages, openPage, type PageOptions } from './open-page.ts';

/** A local Slack that shows the runs of a local W&B, without Keysmith, in a browser. */
export interface WandbInBrowser {
  slack: DrivenSlack;
  wandb: DrivenWandb;
  /** Opens a page whose errors are collected in `errors`; `path` as in the SDK's links. */
  open(path: string, options?: PageOptions): Promise<Page>;
  errors: string[];
  closePages(): Promise<void>;
  stop(): Promise<void>;
}

export async function startWandbInBrowser(): Promise<WandbInBrowser> {
  const [slack, wandb] = await Promise.all([startDrivenSlack({ app }), startDrivenWandb()]);
  if (wandb.pageRuns) slack.offerRuns(wandb.pageRuns, { baseUrl: 'http://localhost:3001' });
  await slack.preparePage();
  const errors: string[] = [];
  return {
    slack,
    wandb,
    errors,
    open: (path, options = {}) => openPage({ url: `${slack.wandbUrl}${path}`, ...options, errors }),
    closePages,
    async stop() {
      await closePages();
      await slack.stop();
      await wandb.stop();
    },
  };
}
