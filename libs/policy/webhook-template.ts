import { valueAt } from './prompt.js';

/**
 * What an endpoint is told instead of the whole event: JSON with `{{call.id}}` placeholders, or such JSON as one text.
 * There is no logic in it.
 */
export type PayloadTemplate = string | Record<string, unknown>;

/**
 * Fills a template from an event. A text that is one placeholder and nothing else becomes the value itself, number,
 * object or null; within a longer text a value is written as text. What the event does not have becomes null, or empty.
 */
export function fillTemplate(template: PayloadTemplate, event: unknown): string {
  if (typeof template === 'string') return fillText(template, event);
  return JSON.stringify(filled(template, event));
}

/** Why a template given as text cannot be used; null: it can. Whatever an event holds, what comes out is JSON. */
export function templateFault(template: PayloadTemplate): string | null {
  if (typeof template !== 'string') return null;
  try {
    const sample: unknown = JSON.parse(fillText(template, {}));
    return typeof sample === 'object' && sample !== null ? null : 'must be a JSON object or list';
  } catch {
    return 'must be JSON, with its placeholders inside or instead of its values';
  }
}

const PLACEHOLDER = /\{\{\s*([^{}"]+?)\s*\}\}/g;
const ONLY_PLACEHOLDER = /^\{\{\s*([^{}"]+?)\s*\}\}$/;

function filled(value: unknown, event: unknown): unknown {
  if (typeof value === 'string') {
    const [, path] = ONLY_PLACEHOLDER.exec(value) ?? [];
    if (path !== undefined) return valueAt(event, path.split('.')) ?? null;
    return value.replace(PLACEHOLDER, (_, name: string) => asText(valueAt(event, name.split('.'))));
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, event));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, filled(inner, event)]));
  }
  return value;
}

/** A JSON string of the template, whole; or a placeholder that stands outside of any. */
const STRING_OR_PLACEHOLDER = /"(?:[^"\\]|\\.)*"|\{\{\s*([^{}"]+?)\s*\}\}/g;

function fillText(template: string, event: unknown): string {
  return template.replace(STRING_OR_PLACEHOLDER, (piece, path?: string) => {
    if (path !== undefined) return JSON.stringify(valueAt(event, path.split('.')) ?? null);
    return piece.replace(PLACEHOLDER, (_, name: string) =>
      JSON.stringify(asText(valueAt(event, name.split('.')))).slice(1, -1),
    );
  });
}

function asText(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
