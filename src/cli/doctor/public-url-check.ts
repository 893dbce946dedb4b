import type { Finding } from './finding.ts';
import { failureText } from './slack-call.ts';

/** Whether Keysmith answers there. Only warnings: it need not run while the doctor does. */
export async function checkPublicUrl(
  publicUrl: string,
  options: { fetch: typeof fetch; timeoutMs: number },
): Promise<Finding[]> {
  const subject = 'PUBLIC_URL';
  try {
    const response = await options.fetch(`${publicUrl}/healthz`, {
      redirect: 'manual',
      signal: AbortSignal.timeout(options.timeoutMs),
    });
    await response.body?.cancel();
    if (response.status === 200) return [{ mark: 'ok', subject, text: 'Keysmith answers there' }];
    const remedy = 'If Keysmith runs, its proxy must pass every path on to it, without a redirect.';
    return [{ mark: 'warning', subject, text: `/healthz answered HTTP ${response.status}`, remedy }];
  } catch (error) {
    const remedy = 'If Keysmith does not run yet, that is to be expected: start it and run the doctor again.';
    return [{ mark: 'warning', subject, text: `it ${failureText(error)}`, remedy }];
  }
}
