import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** React Aria's live announcements, which may be about elements that no longer exist. */
const announcer = '[data-live-announcer]';

/**
 * Fails with every serious or critical violation that axe finds: its rule, its element and how to fix it. `part` is
 * a selector for something that covers the rest of the page.
 */
export async function expectNoSeriousViolations(page: Page, where: string, part = 'html'): Promise<void> {
  await analyze(new AxeBuilder({ page }).withTags(tags).include(part), where);
}

/** Checks only the color rules in the dark color scheme; everything else is the same as in the light one. */
export async function expectDarkWithoutViolations(page: Page, where: string, part = 'html'): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark' });
  const axe = new AxeBuilder({ page }).withRules(['color-contrast', 'link-in-text-block']);
  await analyze(axe.include(part), `${where}, dark`);
  await page.emulateMedia({ colorScheme: 'light' });
}

async function analyze(axe: AxeBuilder, where: string): Promise<void> {
  const { violations } = await axe.exclude(announcer).setLegacyMode().analyze();
  const problems = violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, impact, help, nodes }) =>
      nodes.map(
        ({ html, failureSummary }) => `${where}: ${id} (${impact}), ${help}\n${html}\n${failureSummary}`,
      ),
    );
  expect(problems.join('\n\n')).toBe('');
}
