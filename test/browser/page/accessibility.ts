import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** What the library has just said to screen readers, of elements that may be gone by now. */
const said = '[data-live-announcer]';

/**
 * Fails for what axe finds serious or critical in the page as it stands: which rule, in which element, how to mend it.
 * `part` is a selector, for what lies over the rest of the page.
 */
export async function expectNoSeriousViolations(page: Page, where: string, part = 'html'): Promise<void> {
  await analyze(new AxeBuilder({ page }).withTags(tags).include(part), where);
}

/** Of the dark look only what has to do with colours: all else is as in the light one. */
export async function expectDarkWithoutViolations(page: Page, where: string, part = 'html'): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' });
  const axe = new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']);
  await analyze(axe.include(part), `${where}, dark`);
  await page.emulateMedia({ colorScheme: 'light' });
}

async function analyze(axe: AxeBuilder, where: string): Promise<void> {
  const { violations } = await axe.exclude(said).setLegacyMode().analyze();
  const told = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, help, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) => `${where}: ${id} (${impact}), ${help}\n${html}\n${failureSummary}`,
      ),
    );
  expect(told.join('\n\n')).toBe('');
}
