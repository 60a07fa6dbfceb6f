const PLACEHOLDER = /\{\{\s*([^{}]+?)\s*\}\}/g;

export interface FilledText {
  text: string;
  /** Placeholders that the payload had no value for; each became empty. */
  missing: string[];
}

/**
 * Fills `{{key}}` and `{{key.path}}` from a call's payload. A missing value becomes empty and is named, so that
 * it can be shown on the call. Only the payload's own properties are read: a placeholder cannot walk a prototype.
 */
export function fillPlaceholders(template: string, payload: unknown): FilledText {
  const missing = new Set<string>();
  const text = template.replace(PLACEHOLDER, (_, path: string) => {
    const value = valueAt(payload, path.split('.'));
    if (value === undefined || value === null) {
      missing.add(path);
      return '';
    }
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
  return { text, missing: [...missing] };
}

/** The value at a path of an object's own properties; undefined where there is none. */
export function valueAt(value: unknown, path: string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null && Object.hasOwn(inner, key)
        ? (inner as Record<string, unknown>)[key]
        : undefined,
    value,
  );
}
