import type { ListenerContext } from '../listener-context.ts';

/** The app was uninstalled. Asks Slack, because the event may arrive after the app was installed again. */
export async function appUninstalled({ ports }: ListenerContext): Promise<void> {
  await ports.installation.check();
}
