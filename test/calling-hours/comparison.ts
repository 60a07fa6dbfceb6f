import {
  closesAt,
  isOpen,
  isOver,
  localDate,
  nextOpening,
  type CallingSchedule,
} from '#policy/calling-window.js';
import { areOpen, commonClosing, nextCommonOpening } from '#policy/open-together.js';
import { RandomStream } from '../../apps/carrier/random-stream.js';
import type { ClockChange } from './clock-changes.js';
import { clockTable, showsSeconds, type ClockTable } from './clock-table.js';
import { drawnSchedule } from './drawn-schedule.js';
import { openMoments } from './walk.js';

/** What came of holding the engine against a walk over the moments. */
export interface Comparison {
  /** Schedules asked about at an instant, one alone or several that must be open together. */
  cases: number;
  /** Of those, the ones of several zones. */
  together: number;
  changes: number;
  zones: Set<string>;
  /** Each with all it takes to ask again. */
  mismatches: string[];
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const INSTANTS_EACH = 4;
/** Around one in so many changes, schedules of several zones are asked about as well. */
const TOGETHER_EVERY = 10;

/**
 * Draws so many schedules around each change of a clock, asks about each at several instants, and compares every answer.
 * The same seed draws the same.
 */
export function compareAround(
  changes: readonly ClockChange[],
  { schedulesEach, seed }: { schedulesEach: number; seed: number },
): Comparison {
  const comparing = new Comparing();
  changes.forEach(({ zone, atMs }, place) => {
    const random = new RandomStream(seed, zone, atMs);
    const isTogether = place % TOGETHER_EVERY === 0;
    const others = isTogether ? [place * 7 + 1, place * 11 + 2].map((n) => changes[n % changes.length]!) : [];
    const tables = tablesAround(atMs, [zone, ...others.map((other) => other.zone)]);
    for (let i = 0; i < schedulesEach; i++) {
      comparing.compareOne(random, tables[0]!, atMs);
      if (isTogether) comparing.compareTogether(random, tables, atMs);
    }
  });
  const { cases, together, zones, mismatches } = comparing;
  return { cases, together, changes: changes.length, zones, mismatches };
}

/** From two days before the change to a week after it; by the second, and a day and two, where clocks show seconds. */
function tablesAround(changeMs: number, zones: string[]): ClockTable[] {
  const [stepMs, before, after] = zones.some((zone) => showsSeconds(zone, changeMs))
    ? [1000, 1, 2]
    : [MINUTE_MS, 2, 7];
  const count = ((before + after) * DAY_MS) / stepMs;
  return zones.map((zone) => clockTable(zone, changeMs - before * DAY_MS, stepMs, count));
}

class Comparing {
  cases = 0;
  together = 0;
  readonly zones = new Set<string>();
  readonly mismatches: string[] = [];

  compareOne(random: RandomStream, table: ClockTable, changeMs: number): void {
    const schedule = drawnSchedule(random, table, changeMs);
    const open = openMoments([[{ schedule, table }]]);
    this.zones.add(table.zone);
    for (const from of drawnInstants(random, table, changeMs)) {
      const opens = nextOpening(schedule, from);
      const answers = { isOpen: isOpen(schedule, from), opens, closes: closesAt(schedule, from) };
      const faults = faultsIn(answers, open, from, table);

      const first = momentOf(table, from);
      const date = table.dates[table.dateAt[first]!];
      if (localDate(table.zone, from) !== date) faults.push(`its date is ${date}`);
      const over = isPast(table, schedule.endDate, first);
      if (isOver(schedule, from) !== over) faults.push(over ? 'it is over' : 'it is not over');
      if (over && opens !== null) faults.push('it never opens again');
      this.note(faults, [[schedule]], from);
    }
  }

  /** One or two schedules of each zone, of which one has to be open; in all zones. */
  compareTogether(random: RandomStream, tables: ClockTable[], changeMs: number): void {
    const groups = tables.map((table) =>
      Array.from({ length: random.chance(0.7) ? 1 : 2 }, () => ({
        schedule: drawnSchedule(random, table, changeMs),
        table,
      })),
    );
    const clocks = groups.map((group) => group.map(({ schedule }) => schedule));
    const open = openMoments(groups);
    for (const from of drawnInstants(random, tables[0]!, changeMs)) {
      this.together++;
      const answers = {
        isOpen: areOpen(clocks, from),
        opens: nextCommonOpening(clocks, from),
        closes: commonClosing(clocks, from),
      };
      this.note(faultsIn(answers, open, from, tables[0]!), clocks, from);
    }
  }

  private note(faults: string[], clocks: CallingSchedule[][], from: Date): void {
    this.cases++;
    if (faults.length === 0) return;
    this.mismatches.push(`${faults.join(', ')}: from ${from.toISOString()}, ${JSON.stringify(clocks)}`);
  }
}

interface Answers {
  isOpen: boolean;
  opens: Date | null;
  closes: Date | null;
}

/** What the answers should have been where they are not what the moments show, from the one of `from` on. */
function faultsIn(answers: Answers, open: Uint8Array, from: Date, table: ClockTable): string[] {
  const instantOf = (moment: number) => table.startMs + moment * table.stepMs;
  const endMs = instantOf(open.length);
  const first = momentOf(table, from);
  const wasOpen = open[first] === 1;
  const faults: string[] = [];
  if (answers.isOpen !== wasOpen) faults.push(wasOpen ? 'it is open' : 'it is closed');

  const opensMs = answers.opens?.getTime();
  const opensAt = open.indexOf(1, first);
  if (opensAt < 0) {
    if (opensMs !== undefined && opensMs < endMs) faults.push('it opens later, or never');
  } else {
    const expectedMs = wasOpen ? from.getTime() : instantOf(opensAt);
    if (opensMs !== expectedMs) faults.push(`it opens at ${new Date(expectedMs).toISOString()}`);
  }

  const closesMs = answers.closes?.getTime();
  const closesAt = open.indexOf(0, first);
  const limitMs = from.getTime() + DAY_MS;
  const expectedMs = closesAt < 0 ? limitMs : Math.min(limitMs, instantOf(closesAt));
  if (!wasOpen) {
    if (closesMs !== undefined) faults.push('nothing closes');
  } else if (expectedMs <= endMs && closesMs !== expectedMs) {
    faults.push(`it closes at ${new Date(expectedMs).toISOString()}`);
  }
  return faults;
}

/** Whether the clock shows no day up to `endDate` any more. */
function isPast({ dates, lastAt }: ClockTable, endDate: string | null, first: number): boolean {
  return endDate !== null && !dates.some((date, place) => date <= endDate && lastAt[place]! >= first);
}

/** Near the change more often than not, to the millisecond or on the minute; never in the last days of the table. */
function drawnInstants(
  random: RandomStream,
  { startMs, stepMs, dateAt }: ClockTable,
  changeMs: number,
): Date[] {
  return Array.from({ length: INSTANTS_EACH }, () => {
    const ms = random.chance(0.6)
      ? changeMs + random.between(-180, 180) * MINUTE_MS
      : startMs + random.between(0, 0.6 * dateAt.length) * stepMs;
    return new Date(
      random.chance(0.8) ? Math.floor(ms) : startMs + Math.round((ms - startMs) / stepMs) * stepMs,
    );
  });
}

function momentOf({ startMs, stepMs }: ClockTable, at: Date): number {
  return Math.floor((at.getTime() - startMs) / stepMs);
}
