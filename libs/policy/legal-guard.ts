import type { CallingSchedule } from './calling-window.js';
import { calleePlace, NOWHERE, type CalleePlace } from './callee-zones.js';
import { covers, legalDatesOf, type LegalDates } from './legal-dates.js';
import { ELSEWHERE } from './legal-rules/elsewhere.js';
import {
  EVERY_DAY,
  isInForce,
  legalRule,
  type AttemptCap,
  type Hours,
  type LegalRule,
} from './legal-rules/legal-rule.js';
import { UNITED_STATES } from './legal-rules/united-states.js';
import { areOpen, type WallClock } from './open-together.js';
import { segmentAt, zoneOffsets } from './zone-offsets.js';

/** How far local law is enforced, from not at all to wherever a source is known. `auto`: where it is confirmed. */
export const LEGAL_GUARDS = ['off', 'warn', 'auto', 'enforce'] as const;
export type LegalGuard = (typeof LEGAL_GUARDS)[number];

/** What the guard looks at. */
export interface GuardFacts {
  call: { to: string; timezone: string | null };
  /** Null: the environment's. */
  campaign: { legalGuard: LegalGuard | null };
  environment: GuardSettings;
}

export interface GuardSettings {
  legalGuard: LegalGuard;
  /** Whether a `timezone` given with a call is where the person is, and not one candidate more. */
  trustCallTimezone: boolean;
  /** As `legalDatesOf` reads them. */
  legalDates: string[];
}

/** What the law says of one call. */
export interface Guard {
  mode: LegalGuard;
  place: CalleePlace;
  /** Nobody can tell the person's clock, and hours are enforced: no call. */
  isBlind: boolean;
  rules: readonly GuardRule[];
  /** The clocks that must all be open for a call to go. */
  enforcedClocks: readonly WallClock[];
}

interface GuardRule {
  rule: LegalRule;
  enforced: boolean;
  clocks: readonly { zone: string; clock: WallClock }[];
}

/** Every legal rule there is, over all time. */
export const LEGAL_RULES: readonly LegalRule[] = [...UNITED_STATES, ...ELSEWHERE];

/** Whether one mode lets calls go that the other holds. */
export function isLooser(mode: LegalGuard, than: LegalGuard): boolean {
  return LEGAL_GUARDS.indexOf(mode) < LEGAL_GUARDS.indexOf(than);
}

/** The rules that concern a call at `at`, each in every zone the person may be in. A campaign only tightens. */
export function guardOf({ call, campaign, environment }: GuardFacts, at: Date): Guard {
  const mode = guardModeOf({ campaign, environment });
  if (mode === 'off') return OFF;
  const place = calleePlace(call.to, call.timezone, environment.trustCallTimezone);
  return guardIn(place, mode, at, environment.legalDates);
}

/** A campaign's own mode, where that is no looser than its environment's. */
export function guardModeOf({
  campaign,
  environment,
}: Pick<GuardFacts, 'campaign' | 'environment'>): LegalGuard {
  const own = campaign.legalGuard;
  return own === null || isLooser(own, environment.legalGuard) ? environment.legalGuard : own;
}

const OFF: Guard = { mode: 'off', place: NOWHERE, isBlind: false, rules: [], enforcedClocks: [] };

/** The law is the same for everybody in one place on one day; by place, then by all else that it hangs on. */
const guards = new WeakMap<CalleePlace, Map<string, Guard>>();

function guardIn(place: CalleePlace, mode: LegalGuard, at: Date, legalDates: readonly string[]): Guard {
  const key = `${mode} ${Math.floor(at.getTime() / DAY_MS)} ${JSON.stringify(legalDates)}`;
  const known = guards.get(place) ?? new Map<string, Guard>();
  const kept = known.get(key);
  if (kept) return kept;
  // Yesterday's guards are of no more use.
  if (known.size >= MOST_GUARDS) known.clear();
  const guard = readGuard(place, mode, at, legalDates);
  guards.set(place, known.set(key, guard));
  return guard;
}

const MOST_GUARDS = 8;
const DAY_MS = 86_400_000;

function readGuard(place: CalleePlace, mode: LegalGuard, at: Date, legalDates: readonly string[]): Guard {
  const dates = legalDates.flatMap((text) => legalDatesOf(text) ?? []);
  const rules = [...rulesOf(place.jurisdictions, at), ...blackoutsOf(place.jurisdictions, dates)].map(
    (rule) => ({
      rule,
      enforced: isEnforced(rule, mode),
      clocks: clocksOf(rule, place.zones, closedDates(rule, dates)),
    }),
  );
  const isEnforcing = mode === 'enforce' || rules.some(({ enforced }) => enforced);
  // Equal hours in one zone are one clock, whichever laws name them.
  const enforcedClocks = new Set(
    rules.flatMap(({ enforced, clocks }) => (enforced ? clocks : [])).map(({ clock }) => clock),
  );
  return {
    mode,
    place,
    isBlind: place.zones.length === 0 && isEnforcing,
    rules,
    enforcedClocks: [...enforcedClocks],
  };
}

/** The clocks that must all be open for a call to go. */
export function enforcedClocks(guard: Guard): readonly WallClock[] {
  return guard.enforcedClocks;
}

/** The caps on attempts that rules in force at `at` name: facts, which nothing here enforces. */
export function legalCaps({ rules }: Guard): { rule: string; enforced: boolean; cap: AttemptCap }[] {
  return rules.flatMap(({ rule, enforced }) => rule.caps.map((cap) => ({ rule: rule.id, enforced, cap })));
}

/** What the guard found at `at`, for the evidence: the person's clocks, and every rule with its verdict. */
export function guardEvidence({ mode, place, rules }: Guard, at: Date): Record<string, unknown> {
  return {
    mode,
    jurisdictions: place.jurisdictions,
    zones: place.zones.map((zone) => ({ zone, local: localTime(zone, at) })),
    zonesFrom: place.source,
    confidence: place.confidence,
    rules: rules.map(({ rule, enforced, clocks }) => ({
      rule: rule.id,
      standing: rule.standing,
      source: rule.source,
      reviewedOn: rule.reviewedOn,
      enforced,
      closedIn: clocks.flatMap(({ zone, clock }) => (areOpen([clock], at) ? [] : [zone])),
    })),
  };
}

function rulesOf(jurisdictions: readonly string[], at: Date): LegalRule[] {
  const today = at.toISOString().slice(0, 10);
  return LEGAL_RULES.filter((rule) => jurisdictions.includes(rule.jurisdiction) && isInForce(rule, today));
}

/** An emergency that the operator has told of, as a rule: it is known first hand. */
function blackoutsOf(jurisdictions: readonly string[], dates: readonly LegalDates[]): LegalRule[] {
  const told = dates.filter(
    ({ kind, jurisdiction }) => kind === 'blackout' && jurisdictions.some((one) => covers(jurisdiction, one)),
  );
  return told.map(({ jurisdiction }) =>
    legalRule({
      id: BLACKOUT,
      jurisdiction,
      standing: 'confirmed',
      source: 'the operator',
      holidays: 'closed',
    }),
  );
}

const BLACKOUT = 'blackout';

function isEnforced({ standing }: LegalRule, mode: LegalGuard): boolean {
  if (mode === 'auto') return standing === 'confirmed';
  return mode === 'enforce' && standing !== 'unconfirmed';
}

/** By rule, zone and closed dates; and by hours, since equal hours of two rules in one zone are one clock. */
const clocks = new Map<string, WallClock>();

function clocksOf(rule: LegalRule, zones: readonly string[], closed: string[]): GuardRule['clocks'] {
  // Operators change their dates now and then; what is kept for old ones is of no more use.
  if (clocks.size >= MOST_CLOCKS) clocks.clear();
  const dates = closed.join();
  return zones.map((zone) => {
    const key = `${rule.id} ${zone} ${dates}`;
    const clock = clocks.get(key) ?? clockOf(rule, zone, closed);
    clocks.set(key, clock);
    return { zone, clock };
  });
}

function clockOf(rule: LegalRule, zone: string, closed: string[]): WallClock {
  const key = [zone, JSON.stringify(rule.week), ...closed].join(' ');
  const kept = clocks.get(key);
  if (kept) return kept;
  const clock = dayGroups(rule).map(({ days, hours }): CallingSchedule => ({
    timezone: zone,
    startDate: '1970-01-01',
    endDate: null,
    daysOfWeek: days,
    callTimeRanges: hours.map(({ start, end }) => ({ start, end: closingEarly(end) })),
    holidays: closed,
  }));
  clocks.set(key, clock);
  return clock;
}

/** The weekdays that have any hours, those with the same ones together. */
function dayGroups({ week }: LegalRule): { days: number[]; hours: readonly Hours[] }[] {
  const groups = new Map<string, { days: number[]; hours: readonly Hours[] }>();
  for (const day of EVERY_DAY) {
    const hours = week[day] ?? ALL_DAY;
    const name = JSON.stringify(hours);
    groups.set(name, { days: [...(groups.get(name)?.days ?? []), day], hours });
  }
  return [...groups.values()].filter(({ hours }) => hours.length > 0);
}

const MOST_CLOCKS = 10_000;
const ALL_DAY = [{ start: '00:00', end: '24:00' }];

function closedDates({ id, jurisdiction, holidays }: LegalRule, dates: readonly LegalDates[]): string[] {
  if (holidays === 'open') return [];
  const wanted = id === BLACKOUT ? 'blackout' : 'holiday';
  return dates
    .filter(({ kind, jurisdiction: where }) => kind === wanted && covers(where, jurisdiction))
    .flatMap((told) => [...told.dates]);
}

/** A minute before the law does, since the phone rings after the decision. The end of a day that is all open is none. */
function closingEarly(end: string): string {
  if (end === '24:00') return end;
  const minutes = Number(end.slice(0, 2)) * 60 + Number(end.slice(3)) - 1;
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

const WEEKDAY_NAMES = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];

/** `Mon 2026-11-23 07:42` */
function localTime(zone: string, at: Date): string {
  const offsets = zoneOffsets(zone);
  const local = new Date(at.getTime() + (offsets.offsetsMs[segmentAt(offsets, at.getTime())] ?? 0));
  const [date, time = ''] = local.toISOString().split('T');
  return `${WEEKDAY_NAMES[local.getUTCDay()]} ${date} ${time.slice(0, 5)}`;
}
