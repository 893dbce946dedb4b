import { inspect } from 'node:util';

/**
 * A value that must never be printed by accident: templates, JSON, `console.log`, loggers and error messages all show
 * `[secret]`. Only `reveal()` gives the value. It does not wipe memory.
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
