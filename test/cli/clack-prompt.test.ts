import { PassThrough } from 'node:stream';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { cancelled, createClackPrompt, type Prompt } from '../../src/cli/prompt.ts';

/** Types these keys, one chunk after the other, at a prompt, and returns the answer and the output. */
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

const anyAnswer = () => undefined;
const enter = '\r';
const controlC = '\u0003';

it('the prompt returns the typed text or the selected choice', async () => {
  const name = await type(['acme', enter], (prompt) =>
    prompt.text({ message: 'Name?', validate: anyAnswer }),
  );
  expect(name.answer).toBe('acme');
  const options = [
    { value: 'a', label: 'First' },
    { value: 'b', label: 'Second' },
  ];
  const choice = await type(['\u001b[B', enter], (prompt) => prompt.choose({ message: 'Which?', options }));
  expect(choice.answer).toBe('b');
});

it('the prompt never shows a typed secret, even if it is refused', async () => {
  const validate = (answer: string) => (answer.startsWith('xoxb-') ? undefined : 'It starts with xoxb-.');
  const keys = ['hunter2', enter, ...Array<string>(7).fill('\u007f'), 'xoxb-77', enter];
  const { answer, shown } = await type(keys, (prompt) => prompt.secret({ message: 'Token?', validate }));
  expect(answer).toBe('xoxb-77');
  expect(shown).toContain('It starts with xoxb-.');
  expect(shown).not.toContain('hunter2');
  expect(shown).not.toContain('xoxb-77');
});

it('the prompt returns that the person cancelled with Ctrl-C', async () => {
  const text = await type([controlC], (prompt) => prompt.text({ message: 'Name?', validate: anyAnswer }));
  const secret = await type(['abc', controlC], (prompt) =>
    prompt.secret({ message: 'Token?', validate: anyAnswer }),
  );
  expect([text.answer, secret.answer]).toEqual([cancelled, cancelled]);
});
