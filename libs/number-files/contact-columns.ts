import { FORBIDDEN_KEYS, UNSTORABLE } from '#policy/call-fields.js';
import { CONTACT_FIELDS, type ContactField } from './contact-row.js';
import { looksDialled, NUMBER_HEADINGS, plain } from './layout.js';
import { NumberFileFault } from './number-file-fault.js';

/** Writes what stands in one cell of a record, which is not empty, into the fields of a row. */
type Column = (text: string, fields: Record<string, unknown>) => void;

export interface ContactColumns {
  hasHeading: boolean;
  /** Whether a column has JSON, in which anything may stand. */
  hasJson: boolean;
  /** By their places in a record. */
  columns: Column[];
}

/**
 * Reads the heading of a file of contacts. Every column must be known: one that is dropped in silence would be missed in
 * the call.
 * @param numberColumn the heading of the column with the numbers, where it is none of the usual ones
 * @throws NumberFileFault that names each column it does not know
 */
export function contactColumns(record: string[], numberColumn?: string): ContactColumns {
  if (numberColumn === undefined && record.length === 1 && looksDialled(record[0]!)) {
    return { hasHeading: false, hasJson: false, columns: [setter(['to'], (text) => text)] };
  }
  const numberAt = placeOfNumbers(record, numberColumn);
  if (numberColumn !== undefined && numberAt === -1) {
    throw new NumberFileFault(`It has no column ${numberColumn}.`, {
      column: 'The file has no such column.',
    });
  }
  const faults: Record<string, string> = {};
  const taken: string[][] = [];
  const columns = record.map((heading, place): Column => {
    const column = place === numberAt ? TO : columnOf(heading);
    const fault = typeof column === 'string' ? column : clash(column.path, taken);
    if (typeof column !== 'string' && fault === null) {
      taken.push(column.path);
      return setter(column.path, column.read);
    }
    faults[heading === '' ? `column ${place + 1}` : heading] = fault ?? '';
    return () => undefined;
  });
  if (numberAt === -1 && record.every((cell) => !looksDialled(cell))) {
    faults.to = 'There is no column with the numbers, such as to.';
  }
  const [first] = Object.entries(faults);
  if (first === undefined) {
    const hasJson = taken.some((path) => path.length === 1 && NESTING.includes(path[0]!));
    return { hasHeading: true, hasJson, columns };
  }
  if (record.some(looksDialled)) {
    throw new NumberFileFault('Its first line must name its columns: to, timezone, payload.name …');
  }
  throw new NumberFileFault(first[1], faults);
}

interface KnownColumn {
  path: string[];
  read: (text: string) => unknown;
}

const TO: KnownColumn = { path: ['to'], read: (text) => text };

/** `-1`: there is none, or one cannot tell which. `to` itself comes before its other names. */
function placeOfNumbers(record: string[], numberColumn: string | undefined): number {
  if (numberColumn !== undefined) {
    return record.findIndex((heading) => plain(heading) === plain(numberColumn));
  }
  const exact = record.findIndex((heading) => plain(heading) === 'to');
  return exact === -1 ? record.findIndex((heading) => NUMBER_HEADINGS.includes(plain(heading))) : exact;
}

const BY_HEADING = new Map<string, ContactField>(CONTACT_FIELDS.map((field) => [plain(field), field]));
const NESTING = ['payload', 'context'];
const NESTED = /^(payload|context)\.(.+)$/i;

/** @returns a sentence for a column that is not known */
function columnOf(heading: string): KnownColumn | string {
  const [, of, key] = NESTED.exec(heading) ?? [];
  if (of !== undefined && key !== undefined) {
    const path = [of.toLowerCase(), ...key.split('.')];
    if (path.includes('')) return 'A key of it is empty.';
    if (UNSTORABLE.test(heading) || heading.includes('\ufffd')) return 'The heading is not UTF-8.';
    const forbidden = path.find((one) => FORBIDDEN_KEYS.has(one));
    return forbidden === undefined ? { path, read: (text) => text } : `The key ${forbidden} is not allowed.`;
  }
  const field = BY_HEADING.get(plain(heading));
  switch (field) {
    case undefined:
      return `There is no such column: a column is one of ${CONTACT_FIELDS.join(', ')}, or payload.… or context.… with a key.`;
    case 'payload':
    case 'context':
      return { path: [field], read: parsed };
    case 'priority':
      return { path: [field], read: (text) => (/^[+-]?\d+$/.test(text) ? Number(text) : text) };
    case 'is_testing':
    case 'allow_duplicates':
      return { path: [field], read: (text) => BOOLEANS[text.toLowerCase()] ?? text };
    case 'to':
    case 'timezone':
    case 'not_before':
    case 'expires_at':
      return { path: [field], read: (text) => text };
  }
}

const BOOLEANS: Record<string, boolean> = { true: true, false: false, 1: true, 0: false };

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Two columns for one place, or for a place and one within it. */
function clash(path: string[], taken: string[][]): string | null {
  const other = taken.find((one) => {
    const shared = Math.min(one.length, path.length);
    return one.slice(0, shared).join('\0') === path.slice(0, shared).join('\0');
  });
  return other === undefined ? null : `It says the same as the column ${other.join('.')}.`;
}

function setter(path: string[], read: (text: string) => unknown): Column {
  const [first, ...rest] = path as [string, ...string[]];
  const last = rest.pop();
  if (last === undefined) return (text, fields) => (fields[first] = read(text));
  return (text, fields) => {
    let at = (fields[first] ??= {}) as Record<string, unknown>;
    for (const key of rest) at = (at[key] ??= {}) as Record<string, unknown>;
    at[last] = read(text);
  };
}
