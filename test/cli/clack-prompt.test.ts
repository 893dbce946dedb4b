import { PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { cancelled, createClackPrompt, type Prompt } from '../../src/cli/prompt.ts';

/** Types these keys, one chunk after the other, at a prompt. */
async function type(keys: string[], ask: (prompt: Prompt) => Promise<unknown>) {
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (chunk) => {
    shown += chunk;
  });
  const answer = ask(createClackPrompt({ input, output }));
  for (const key of keys) {
    await wait(20);
    input.write(key);
  }
  return { answer: await answer, shown };
}

const fine = () => undefined;
const enter = '\r';
const controlC = '\u0003';

it('answers what was typed, or the choice on which the cursor stands', async () => {
  const name = await type(['acme', enter], (prompt) => prompt.text({ message: 'Name?', validate: fine }));
  expect(name.answer).toBe('acme');
  const options = [
    { value: 'a', label: 'First' },
    { value: 'b', label: 'Second' },
  ];
  const choice = await type(['\u001b[B', enter], (prompt) => prompt.choose({ message: 'Which?', options }));
  expect(choice.answer).toBe('b');
});

it('never shows what is typed as a secret, not even where it is refused', async () => {
  const validate = (answer: string) => (answer.startsWith('xoxb-') ? undefined : 'It starts with xoxb-.');
  const keys = ['hunter2', enter, ...Array<string>(7).fill('\u007f'), 'xoxb-77', enter];
  const { answer, shown } = await type(keys, (prompt) => prompt.secret({ message: 'Token?', validate }));
  expect(answer).toBe('xoxb-77');
  expect(shown).toContain('It starts with xoxb-.');
  expect(shown).not.toContain('hunter2');
  expect(shown).not.toContain('xoxb-77');
});

it('answers that the person left, on Ctrl-C', async () => {
  const text = await type([controlC], (prompt) => prompt.text({ message: 'Name?', validate: fine }));
  const secret = await type(['abc', controlC], (prompt) =>
    prompt.secret({ message: 'Token?', validate: fine }),
  );
  expect([text.answer, secret.answer]).toEqual([cancelled, cancelled]);
});
