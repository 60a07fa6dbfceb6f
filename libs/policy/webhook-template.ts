import { valueAt } from './prompt.js';

/**
 * What an endpoint is told instead of the whole event: JSON with `{{call.id}}` placeholders, or such JSON as one text.
 * There is no logic in it.
 */
export type PayloadTemplate = string | Record<string, unknown>;

/** The longest that a filled template may get, in characters. A template names a value as often as it likes. */
export const MAX_FILLED_CHARACTERS = 64 * 1024;

/**
 * Fills a template from an event. A text that is one placeholder and nothing else becomes the value itself, number,
 * object or null; within a longer text a value is written as text. What the event does not have becomes null, or empty.
 * @returns null where it would get longer than MAX_FILLED_CHARACTERS: then the event itself is what is told
 */
export function fillTemplate(template: PayloadTemplate, event: unknown): string | null {
  const values = new Values(event);
  try {
    const text =
      typeof template === 'string' ? fillText(template, values) : JSON.stringify(filled(template, values));
    return text.length > MAX_FILLED_CHARACTERS ? null : text;
  } catch (error) {
    if (error instanceof TooLong) return null;
    throw error;
  }
}

class TooLong extends Error {}

/** The values of an event, as long as together they are short enough: the filling ends there, and not a second later. */
class Values {
  private left = MAX_FILLED_CHARACTERS;

  constructor(private readonly event: unknown) {}

  at(path: string): unknown {
    const value = valueAt(this.event, path.split('.')) ?? null;
    this.left -= JSON.stringify(value).length;
    if (this.left < 0) throw new TooLong();
    return value;
  }
}

/** Why a template given as text cannot be used; null: it can. Whatever an event holds, what comes out is JSON. */
export function templateFault(template: PayloadTemplate): string | null {
  if (typeof template !== 'string') return null;
  if (ESCAPED_PLACEHOLDER.test(template)) return 'must not have a backslash right before a placeholder';
  try {
    const sample: unknown = JSON.parse(fillText(template, new Values({})));
    return typeof sample === 'object' && sample !== null ? null : 'must be a JSON object or list';
  } catch {
    return 'must be JSON, with its placeholders inside or instead of its values';
  }
}

/** The backslash would take the first character of whatever value comes, and often that makes no JSON. */
const ESCAPED_PLACEHOLDER = /(?<!\\)(?:\\\\)*\\\{\{/;

const PLACEHOLDER = /\{\{\s*([^{}"]+?)\s*\}\}/g;
const ONLY_PLACEHOLDER = /^\{\{\s*([^{}"]+?)\s*\}\}$/;

function filled(value: unknown, values: Values): unknown {
  if (typeof value === 'string') {
    const [, path] = ONLY_PLACEHOLDER.exec(value) ?? [];
    if (path !== undefined) return values.at(path);
    return value.replace(PLACEHOLDER, (_, name: string) => asText(values.at(name)));
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, values));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, values)]));
  }
  return value;
}

/** A JSON string of the template, whole; or a placeholder that stands outside of any. */
const STRING_OR_PLACEHOLDER = /"(?:[^"\\]|\\.)*"|\{\{\s*([^{}"]+?)\s*\}\}/g;

function fillText(template: string, values: Values): string {
  return template.replace(STRING_OR_PLACEHOLDER, (piece, path?: string) => {
    if (path !== undefined) return JSON.stringify(values.at(path));
    return piece.replace(PLACEHOLDER, (_, name: string) =>
      JSON.stringify(asText(values.at(name))).slice(1, -1),
    );
  });
}

function asText(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
