import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { TrafficRecord } from '../../src/sandbox/slack/traffic/traffic.ts';
import { startCpuTime } from '../cpu-time.ts';
import type { SlackPerson } from '../driver/slack-person.ts';
import { visibleText } from '../driver/visible-text.ts';
import { sample } from '../long-form.ts';
import { openForm } from '../world/new-account-form.ts';
import { type RunningWorkspace, startWorkspace } from '../world/running-workspace.ts';
import { effects, expectAcceptedBySlack, expectAcknowledged } from './workspace-state.ts';

/** Part of every hostile text, to find it wherever Keysmith sends it. */
const MARK = 'zqhostile';

const RIGHT_TO_LEFT = '\u202e';
const HOSTILE: [what: string, text: string][] = [
  ['a mention of everybody', `<!channel> <!here> <!everyone> ${MARK}`],
  ['a mention of a person', `<@U0CYX00003> ${MARK}`],
  ['a mention of a group', `<!subteam^S012345> ${MARK}`],
  ['a link that shows another URL', `<https://evil.test/${MARK}|https://wandb.ai>`],
  ['a bare URL', `https://evil.test/${MARK}`],
  ['a date that Slack computes', `<!date^1392734382^{date_long} ${MARK}|x>`],
  ['markup', `*bold* _italic_ ~struck~ \`code\` ${MARK}`],
  ['a code block', `\`\`\`${MARK}\`\`\``],
  ['a quotation', `&gt; ${MARK} &amp; <b>`],
  ['emoji by name', `:white_check_mark: approved :tada: ${MARK}`],
  ['Unicode emoji', `👩🏽‍🚀 ${MARK} 🇩🇪`],
  ['SQL', `'); drop table service_accounts; -- ${MARK}`],
  ['a template', `\${7*7} {{7*7}} ${MARK} <%= 7 %>`],
  ['HTML', `<script>alert("${MARK}")</script>`],
  ['JSON', `"},{"type":"section","text":"${MARK}"}`],
];
const INVISIBLE: [what: string, text: string][] = [
  ['marks that reverse the writing direction', `live-${RIGHT_TO_LEFT}lave-${MARK}`],
  ['direction isolates', `\u2066${MARK}\u2069`],
  ['zero-width spaces', `night\u200bly-${MARK}`],
  ['a NUL', `${MARK}\0`],
  ['an escape sequence', `\u001b[2J${MARK}`],
  ['a lone surrogate', `${MARK}\ud83d`],
  ['a line separator', `${MARK}\u2028x`],
  ['private-use characters', `${MARK}\ue000`],
];
const LONG: [what: string, text: string] = ['10,000 characters', MARK.padEnd(10_000, 'x')];

let workspace: RunningWorkspace;
let ada: SlackPerson;
/** Collected after each test, as the local Slack keeps only the last thousand requests. */
const traffic: TrafficRecord[] = [];
beforeAll(async () => {
  workspace = await startWorkspace();
  ada = workspace.slack.as('Ada');
});
afterAll(() => workspace.stop());
afterEach(async () => {
  while (ada.view()) await ada.close();
  expectAcknowledged(workspace);
  traffic.push(...workspace.slack.traffic.splice(0));
});

let ordinal = 0;
/** Counts down, so that the newest account comes first in a list. */
const freshName = () => `hostile-${9999 - ++ordinal}x`;
const submitWith = async (fields: Record<string, string>, line?: string) => {
  await openForm(ada, 'ml-platform', line);
  await ada.fill('name', freshName());
  for (const [field, value] of Object.entries(fields)) await ada.fill(field, value);
  return ada.submit({ unchecked: true });
};
const accounts = () =>
  workspace.rows<{ name: string; purpose: string; used_by: string; subject: string }>(
    'select name, purpose, used_by, subject from service_accounts order by created_at_ms, id',
  );

describe('An account name', () => {
  test.each([...HOSTILE, ...INVISIBLE, LONG])('is refused at its field if it is %s', async (_what, name) => {
    const before = effects(workspace);

    const outcome = await submitWith({ name });

    expect(outcome).toMatchObject({ ok: false, error: 'errors', errors: { name: expect.any(String) } });
    expect(effects(workspace)).toEqual(before);
  });

  test.each([...HOSTILE, LONG])(
    'typed after the command is refused at its field, or becomes a plain name that the form proposes, if it is %s',
    async (what, name) => {
      const before = effects(workspace);
      await ada.command('ml-platform', `/wandb sa new "${name.replaceAll('"', '').replaceAll("'", '')}"`);
      await ada.waitForView((view) => view.submit === 'Create');

      const isProposed = /^[a-z][a-z0-9-]*$/.test(String(ada.values().name)) && what !== LONG[0];
      expect(isProposed).toBe(['a bare URL', 'emoji by name'].includes(what));
      if (!isProposed) {
        expect(await ada.submit({ unchecked: true })).toMatchObject({
          ok: false,
          errors: { name: expect.any(String) },
        });
      }
      expect(effects(workspace)).toEqual(before);
    },
  );
});

test.each(INVISIBLE)('A name typed after the command loses %s in the form', async (_what, name) => {
  await ada.command('ml-platform', `/wandb sa new "${name}"`);
  await ada.waitForView((view) => view.submit === 'Create');

  expect(ada.values().name).not.toMatch(/[\p{Cf}\p{Zl}\p{Zp}]/u);
});

describe('The fields Purpose and Used by', () => {
  test.each(HOSTILE)('store and show %s unchanged', async (_what, text) => {
    expect(await submitWith({ purpose: text, used_by: text })).toEqual({ ok: true });

    const account = accounts().at(-1);
    expect(account).toMatchObject({ purpose: text, used_by: text });
    const lastTs = ada.messages('ml-platform').at(-1)?.ts ?? '';
    await ada.command('ml-platform', `/wandb sa show ${account?.name}`);
    const message = await ada.waitForMessage(
      'ml-platform',
      ({ ts, text: summary }) => ts > lastTs && summary === 'A service account.',
    );
    const shown = message.blocks.flatMap(({ fields }) => (fields ?? []) as object[]);
    expect(shown).toContainEqual({ type: 'plain_text', text: `Purpose\n${text}`, emoji: false });
    expect(shown).toContainEqual({ type: 'plain_text', text: `Used by\n${text}`, emoji: false });
  });

  test.each([...INVISIBLE, LONG])('refuse %s with an error at each field', async (_what, text) => {
    const before = effects(workspace);

    expect(await submitWith({ purpose: `a${text}b`, used_by: `a${text}b` })).toMatchObject({
      ok: false,
      errors: { purpose: expect.any(String), used_by: expect.any(String) },
    });
    expect(effects(workspace)).toEqual(before);
  });
});

describe('The subject of a federated account', () => {
  const federated = async (subject: string) => {
    const cy = workspace.slack.as('Cy');
    await openForm(cy, 'ml-platform');
    await cy.fill('method', 'federated');
    await cy.waitForView((view) => view.blocks.some(({ block_id }) => block_id === 'subject'));
    await cy.fill('name', freshName());
    await cy.fill('issuer', 'https://token.actions.githubusercontent.com');
    await cy.fill('subject', subject);
    const warned = await cy.submit({ unchecked: true });
    // A subject that looks like a mistake is accepted the second time.
    const isWarning = JSON.stringify(warned).includes('press Create again');
    const outcome = isWarning ? await cy.submit({ unchecked: true }) : warned;
    while (cy.view()) await cy.close();
    return outcome;
  };

  // A wildcard is refused.
  const WITHOUT_WILDCARDS = HOSTILE.map(([what, text]) => [what, text.replaceAll('*', '_')] as const);
  test.each(WITHOUT_WILDCARDS)('is stored and shown unchanged if it is %s', async (_what, subject) => {
    expect(await federated(subject)).toEqual({ ok: true });

    expect(accounts().at(-1)).toMatchObject({ subject });
    const message = await workspace.slack.as('Cy').waitForMessage('ml-platform', subject);
    const preformatted = message.blocks
      .filter(({ type }) => type === 'rich_text')
      .map((block) => JSON.stringify(block));
    expect(preformatted.join()).toContain(JSON.stringify(subject).slice(1, -1));
  });

  test.each([...INVISIBLE, LONG])('is refused at its field if it contains %s', async (_what, text) => {
    const before = effects(workspace);

    expect(await federated(`a${text}b`)).toMatchObject({
      ok: false,
      errors: { subject: expect.any(String) },
    });
    expect(effects(workspace)).toEqual(before);
  });
});

describe('Text after the command', () => {
  const lines = (text: string) => [
    text,
    `sa ${text}`,
    `sa revoke ${text}`,
    `sa list ${text}`,
    `sa list --team "${text}"`,
    `sa revoke x --team "${text}"`,
    `sa new x --team "${text}"`,
    `--${text}`,
    `sa new a ${text}`,
  ];

  const texts = [...HOSTILE, ...INVISIBLE, LONG].map(([what, text], at) => ({ what, text, at }));
  test.each(texts)('gets a short response and has no effect if it is $what', async ({ text, at }) => {
    const before = effects(workspace);
    for (const line of sample(lines(text), { every: 3, from: at })) {
      const lastTs = ada.messages('ml-platform').at(-1)?.ts ?? '';
      expect(await ada.command('ml-platform', `/wandb ${line}`)).toEqual({ ok: true });
      const response = await ada.waitFor(
        'a response',
        () => ada.messages('ml-platform').find(({ ts }) => ts > lastTs) ?? ada.view(),
      );
      expect(visibleText(response).length).toBeLessThan(4_000);
      while (ada.view()) await ada.close();
    }
    expect(effects(workspace)).toEqual(before);
  });

  test('is parsed in bounded time if it has half a million words or characters', async () => {
    for (const text of [
      'a '.repeat(250_000),
      'x'.repeat(700_000),
      '"'.repeat(300_000),
      `${'—'.repeat(50_000)} a`,
      '-'.repeat(500_000),
      `sa new ${'a'.repeat(600_000)}`,
    ]) {
      const cpuTimeMs = startCpuTime();
      expect(
        await workspace.slack.deliver({ command: '/wandb', text }, { as: 'Ada', conversation: 'C0MLPLAT01' }),
      ).toMatchObject({ status: 200 });
      await ada.waitFor('a response', () => ada.messages('ml-platform').at(-1) ?? ada.view());
      expect(cpuTimeMs()).toBeLessThan(5_000);
      while (ada.view()) await ada.close();
    }
  });
});

/** A mention, or a date with or without its time. */
const OWN_MARKUP =
  /^<(@[UW][0-9A-Z]+|!date\^\d+\^\{date\w*\}( at \{time\})?\|\d{4}-\d\d-\d\d( \d\d:\d\d UTC)?)>$/;

describe('Everything Keysmith sent during these tests', () => {
  test('was accepted by Slack', () => {
    expectAcceptedBySlack({ slack: { traffic } });
  });

  test('has no typed text in markup or in a notification', () => {
    const markup = sentMarkup(traffic);

    expect(markup.length).toBeGreaterThan(50);
    expect(markup.filter((text) => text.includes(MARK))).toEqual([]);
  });

  test('has only mentions and dates that Keysmith itself composed', () => {
    const special = sentMarkup(traffic).flatMap((text) => text.match(/<[^>]*>/g) ?? []);
    const foreign = special.filter((one) => !OWN_MARKUP.test(one));

    expect([...new Set(foreign)]).toEqual([]);
  });
});

/** Returns every text that Slack reads as markup: mrkdwn text objects and the `text` of messages. */
function sentMarkup(traffic: readonly TrafficRecord[]): string[] {
  return traffic.flatMap((record) => {
    if (record.direction === 'to_slack') return markupIn(record.payload, true);
    // The response to an interaction may hold a view or errors.
    return markupIn(parsed(record.response?.body), false);
  });
}

function markupIn(value: unknown, isMessage: boolean): string[] {
  if (Array.isArray(value)) return value.flatMap((one) => markupIn(one, false));
  if (typeof value !== 'object' || value === null) return [];
  const { type, text } = value as { type?: unknown; text?: unknown };
  const own = typeof text === 'string' && (type === 'mrkdwn' || isMessage) ? [text] : [];
  return [...own, ...Object.values(value).flatMap((inner) => markupIn(inner, false))];
}

function parsed(body: string | undefined): unknown {
  try {
    return JSON.parse(body ?? '');
  } catch {
    return undefined;
  }
}
