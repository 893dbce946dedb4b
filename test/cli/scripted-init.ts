import { type InitDependencies, runInit } from '../../src/cli/init.ts';
import { cancelled, type Prompt } from '../../src/cli/prompt.ts';

/** Creates a prompt that gives these answers in order, then Ctrl-C. Throws for an answer that is invalid. */
export function scriptedPrompt(answers: readonly string[]): Prompt & { shown: string[] } {
  const remaining = [...answers];
  const shown: string[] = [];
  const next = (message: string, validate: (answer: string) => string | undefined = () => undefined) => {
    shown.push(message);
    const answer = remaining.shift();
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
