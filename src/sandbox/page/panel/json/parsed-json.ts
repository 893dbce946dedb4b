/** Undefined for what is no JSON object or array. */
export function parsedJson(text: string): { value: object } | undefined {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
