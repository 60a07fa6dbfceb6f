import type { CallingSchedule } from './calling-window.js';
import type { DialFacts } from './decide-dial.js';
import { NEVER_CALLED, type NumberLimits } from './number-limits.js';

/** Working days of 2026 and after, without a break. */
export const OFFICE_HOURS: CallingSchedule = {
  timezone: 'UTC',
  startDate: '2026-01-01',
  endDate: null,
  daysOfWeek: [1, 2, 3, 4, 5],
  callTimeRanges: [{ start: '09:00', end: '17:00' }],
};

/** An environment without limits, whose guard is off. */
export const FREE_ENVIRONMENT: DialFacts['environment'] = {
  killSwitch: false,
  legalGuard: 'off',
  trustCallTimezone: false,
  legalDates: [],
  maxAttemptsPerNumberDay: null,
  maxAttemptsPerNumberWeek: null,
  minAttemptGapMinutes: null,
  successCooldownHours: null,
} satisfies NumberLimits & DialFacts['environment'];

/** Calls that cost nothing, of a campaign without budgets. */
export const FREE_OF_CHARGE: DialFacts['spending'] = {
  needed: 0,
  totalBudget: null,
  dailyBudget: null,
  spent: 0,
  spentToday: 0,
  reserved: 0,
};

/** Numbers and a clock of which nothing is known that would hold a call. */
export const UNTOUCHED = {
  history: NEVER_CALLED,
  cooldownHourSeconds: 3600,
  callerIds: null,
  trunks: [{ name: 'test', restsUntil: null }],
};
