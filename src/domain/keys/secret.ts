import { inspect } from 'node:util';

/**
 * Prevents a value from being printed by accident: templates, JSON, `console.log`, loggers and error messages show
 * `[secret]`. Only `reveal()` returns the value. It doesn't wipe memory.
 */
export class Secret<Value = string> {
  readonly #value: Value;

  constructor(value: Value) {
    this.#value = value;
  }

  reveal(): Value {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [Symbol.toPrimitive](): string {
    return '[secret]';
  }

  [inspect.custom](): string {
    return '[secret]';
  }
}
