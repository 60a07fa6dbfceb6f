import { localDate } from './calling-window.js';

/** What a dial would reserve, and what its campaign may still spend. In credits, which are USD. */
export interface Spending {
  /** Reserved by the dial until it is known what it cost; 0: calls cost nothing. */
  needed: number;
  /** Of the campaign: null where it has no budget. */
  totalBudget: number | null;
  dailyBudget: number | null;
  /** What its dials have cost. */
  spent: number;
  /** What was charged on the present day of its zone. */
  spentToday: number;
  /** What its dials of unknown cost reserve. */
  reserved: number;
}

/** Which of a campaign's budgets has no room for the dial; null: both have. */
export function exhaustedBudget({
  needed,
  totalBudget,
  dailyBudget,
  spent,
  spentToday,
  reserved,
}: Spending): 'total' | 'daily' | null {
  if (totalBudget !== null && isShort(totalBudget - spent - reserved, needed)) return 'total';
  return dailyBudget !== null && isShort(dailyBudget - spentToday - reserved, needed) ? 'daily' : null;
}

/** Whether the day's budget is gone for good, and not merely reserved by dials that may yet cost less. */
export function isDaySpent({ needed, dailyBudget, spentToday }: Spending): boolean {
  return dailyBudget !== null && isShort(dailyBudget - spentToday, needed);
}

/** Whether what is left does not reach for a dial. Nothing left, or debts, reach for none, cost it or not. */
export function isShort(left: number, needed: number): boolean {
  // Amounts have six decimals: a difference below that is an error of the floating point.
  return left < 0.0000005 || left + 0.0000005 < needed;
}

const QUARTER_MS = 900_000;

/** When the day of `at` is over on the clock of a zone. */
export function nextDayStart(timezone: string, at: Date): Date {
  const today = localDate(timezone, at);
  let ms = Math.ceil((at.getTime() + 1) / QUARTER_MS) * QUARTER_MS;
  // Every zone's midnight falls on a quarter of an hour.
  while (localDate(timezone, new Date(ms)) === today) ms += QUARTER_MS;
  return new Date(ms);
}
