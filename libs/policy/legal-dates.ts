/** Dates the operator knows for a jurisdiction: what the rules cannot know ahead. */
export interface LegalDates {
  /** `holiday`: closed where the rule closes holidays. `blackout`: closed, such as in a declared emergency. */
  kind: 'holiday' | 'blackout';
  /** ISO 3166, or a state of the United States as `US-LA`. What holds for a country holds for its states. */
  jurisdiction: string;
  /** `YYYY-MM-DD`, each day by itself. */
  dates: readonly string[];
}

const DAY_MS = 86_400_000;
const MOST_DAYS = 366;
const FORM = /^(holiday|blackout):([A-Z]{2}(?:-[A-Z]{2})?):(\d{4}-\d\d-\d\d)(?:\.\.(\d{4}-\d\d-\d\d))?$/;

/** Reads `holiday:FR:2026-07-14` or `blackout:US-LA:2026-09-01..2026-09-10`; null for anything else. */
export function legalDatesOf(text: string): LegalDates | null {
  const [, kind, jurisdiction, first = '', last = first] = FORM.exec(text) ?? [];
  const startMs = dayMs(first);
  const days = (dayMs(last) - startMs) / DAY_MS + 1;
  if (kind === undefined || jurisdiction === undefined || !(days >= 1 && days <= MOST_DAYS)) return null;
  const dates = Array.from({ length: days }, (_, day) => dateOf(startMs + day * DAY_MS));
  return { kind: kind as LegalDates['kind'], jurisdiction, dates };
}

/** Whether what is said of `whole` holds for `part`: for itself, and for each of its states. */
export function covers(whole: string, part: string): boolean {
  return part === whole || part.startsWith(`${whole}-`);
}

function dayMs(date: string): number {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(ms) || dateOf(ms) !== date ? Number.NaN : ms;
}

function dateOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
