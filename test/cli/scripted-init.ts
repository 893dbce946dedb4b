import { type InitDependencies, runInit } from '../../src/cli/init.ts';
import { cancelled, type Prompt } from '../../src/cli/prompt.ts';

/** Answers in order; Ctrl-C when they run out. Refuses an answer that the form would refuse. */
export function scriptedPrompt(answers: readonly string[]): Prompt & { shown: string[] } {
  const left = [...answers];
  const shown: string[] = [];
  const next = (message: string, validate: (answer: string) => string | undefined = () => undefined) => {
    shown.push(message);
    const answer = left.shift();
    if (answer === undefined) return Promise.resolve(cancelled);
    const problem = validate(answer.trim());
    if (problem !== undefined) throw new Error(`${message}: ${problem}`);
    return Promise.resolve(answer);
  };
  return {
    shown,
    note: (title, text) => shown.push(`${title}: ${text}`),
    choose: ({ message }) => next(message),
    text: ({ message, validate }) => next(message, validate),
    secret: ({ message, validate }) => next(message, validate),
  };
}

export async function init(cwd: string, answers: readonly string[], changes: Partial<InitDependencies> = {}) {
  const prompt = scriptedPrompt(answers);
  const errors: string[] = [];
  const printError = (line: string) => errors.push(line);
  const code = await runInit({ cwd, prompt, isTerminal: true, printError, ...changes });
  return { code, shown: prompt.shown.join('\n'), errors: errors.join('\n') };
}
