/** How well a rule is known: read in its own text, told by somebody else, or neither. */
export type Standing = 'confirmed' | 'secondary' | 'unconfirmed';

/** Hours of a day, `HH:MM`, start included, end not. */
export interface Hours {
  start: string;
  end: string;
}

/** At most `calls` in `hours`, counted per `scope`. */
export interface AttemptCap {
  calls: number;
  hours: number;
  scope: 'person' | 'number' | 'debt';
}

/**
 * What one jurisdiction says of calling people, as it was understood on `reviewedOn`: a dated fact, and nobody's legal
 * advice. A change of the law is a new row; the old one gets its last day.
 */
export interface LegalRule {
  id: string;
  /** ISO 3166, or a state of the United States as `US-FL`. */
  jurisdiction: string;
  standing: Standing;
  source: string;
  /** Of the called person's clock. A weekday (1 = Monday) that is left out is not restricted; an empty one is closed. */
  week: Partial<Record<Weekday, readonly Hours[]>>;
  /** Whether public holidays of the jurisdiction are closed. Which days those are, the operator says. */
  holidays: 'open' | 'closed';
  caps: readonly AttemptCap[];
  /** Days of silence after a person has refused. */
  silenceDaysAfterRefusal: number | null;
  /** `YYYY-MM-DD`, first day in force; null: longer than anybody needs to know. */
  effectiveFrom: string | null;
  /** The last day, itself included; null: until further notice. */
  effectiveTo: string | null;
  reviewedOn: string;
}

export type Weekday = 1 | 2 | 3 | 4 | 5 | 6 | 7;

/** A row with what most rows leave open. */
export function legalRule(
  row: Pick<LegalRule, 'id' | 'jurisdiction' | 'standing' | 'source'> & Partial<LegalRule>,
): LegalRule {
  return {
    week: {},
    holidays: 'open',
    caps: [],
    silenceDaysAfterRefusal: null,
    effectiveFrom: null,
    effectiveTo: null,
    reviewedOn: '2026-11-23',
    ...row,
  };
}

/** Whether a rule is in force on a date, `YYYY-MM-DD`. */
export function isInForce({ effectiveFrom, effectiveTo }: LegalRule, date: string): boolean {
  return (effectiveFrom === null || effectiveFrom <= date) && (effectiveTo === null || date <= effectiveTo);
}

/** The same hours on some days. */
export function on(days: readonly Weekday[], ...hours: Hours[]): LegalRule['week'] {
  return Object.fromEntries(days.map((day) => [day, hours]));
}

/** `9-20` and `9:30-20` as hours. */
export function hours(text: string): Hours {
  const [start = '', end = ''] = text.split('-').map(clock);
  return { start, end };
}

export const WEEKDAYS: readonly Weekday[] = [1, 2, 3, 4, 5];
export const WEEKEND: readonly Weekday[] = [6, 7];
export const EVERY_DAY: readonly Weekday[] = [...WEEKDAYS, ...WEEKEND];
export const SATURDAY: readonly Weekday[] = [6];
export const SUNDAY: readonly Weekday[] = [7];

function clock(text: string): string {
  const [hour = '', minute = '00'] = text.split(':');
  return `${hour.padStart(2, '0')}:${minute}`;
}
