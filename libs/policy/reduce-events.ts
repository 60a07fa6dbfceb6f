import type { Outcome } from './outcomes.js';

/**
 * What a carrier told us about an attempt, in our words. `sequence` counts a call's events from 1 without gaps;
 * a look-up tells the state after the event of that sequence.
 */
export interface CarrierEvent {
  source: 'callback' | 'lookup';
  kind: 'initiated' | 'ringing' | 'answered' | 'machine' | 'ended';
  /** When it happened, by the carrier's clock. */
  at: Date;
  /** Null: the carrier does not count this one. A look-up without a count tells all there is up to now. */
  sequence: number | null;
  providerCallId: string | null;
  /** For a look-up: when the call was answered, if it was. Callbacks say it by `answered` and `machine`. */
  answeredAt: Date | null;
  /** For `ended`: how. */
  outcome: Outcome | null;
  durationSeconds: number | null;
  answeredBy: 'human' | 'machine' | null;
  converted: boolean;
  sipCode: number | null;
  q850: number | null;
  /**
   * Where the carrier tells by an event of its own, at any time, whether a machine answered: `awaited` with an end that
   * such an event may yet change, `told` with that event. Absent: all that is known is in the events themselves.
   */
  detection?: 'awaited' | 'told';
  /** Found by its likeness (numbers and time), not by our reference: it may be another call. */
  isSurmised?: true;
}

/** The state of an attempt as all events together tell it. */
export interface AttemptProgress {
  phase: 'initiated' | 'ringing' | 'answered' | 'ended';
  /** Set with `ended`. */
  outcome: Outcome | null;
  /** True when it has ended, and nothing before the end can be missing: every sequence was heard, or looked up. */
  conclusive: boolean;
  answeredAt: Date | null;
  /** What the carrier heard at the other end; null: it did not say. */
  answeredBy: 'human' | 'machine' | null;
  endedAt: Date | null;
  durationSeconds: number;
  converted: boolean;
  providerCallId: string | null;
  sipCode: number | null;
  q850: number | null;
  /** Nothing is known but by likeness. The carrier's id of such a call is nobody's: it is not adopted. */
  isSurmised: boolean;
}

const RANK = { initiated: 0, ringing: 1, answered: 2, machine: 2, ended: 3 } as const;
const PHASES = ['initiated', 'ringing', 'answered', 'ended'] as const;

/**
 * Reduces all events of an attempt to its state. A function of the set: order and repetition change nothing.
 * Returns null when there are none.
 */
export function reduceEvents(events: CarrierEvent[]): AttemptProgress | null {
  if (events.length === 0) return null;
  const inOrder = [...events].sort(
    (a, b) =>
      Number(a.isSurmised ?? false) - Number(b.isSurmised ?? false) ||
      compare(a.sequence ?? Infinity, b.sequence ?? Infinity) ||
      RANK[a.kind] - RANK[b.kind] ||
      a.at.getTime() - b.at.getTime() ||
      compare(JSON.stringify(a), JSON.stringify(b)),
  );
  // The first end is the end: should a carrier name a second one later, it does not rewrite what was told.
  const end = inOrder.find((event) => event.kind === 'ended') ?? null;
  const furthest = Math.max(...events.map((event) => RANK[event.kind]));
  const machine = events.some((event) => event.kind === 'machine' || event.answeredBy === 'machine');
  const answeredAt = earliest(inOrder.map(answeredAtOf));

  return {
    phase: PHASES[furthest] ?? 'initiated',
    outcome: end === null ? null : outcomeOf(end, machine),
    conclusive: end !== null && isConclusive(end, events),
    answeredAt,
    answeredBy: machine
      ? 'machine'
      : events.some(({ answeredBy }) => answeredBy === 'human')
        ? 'human'
        : null,
    endedAt: end?.at ?? null,
    durationSeconds: durationOf(events, answeredAt, end),
    converted: events.some((event) => event.converted),
    providerCallId:
      inOrder.find((event) => event.providerCallId !== null && !event.isSurmised)?.providerCallId ?? null,
    sipCode: end?.sipCode ?? null,
    q850: end?.q850 ?? null,
    isSurmised: events.every(({ isSurmised }) => isSurmised === true),
  };
}

function answeredAtOf(event: CarrierEvent): Date | null {
  return event.kind === 'answered' || event.kind === 'machine'
    ? (event.answeredAt ?? event.at)
    : event.answeredAt;
}

function earliest(instants: (Date | null)[]): Date | null {
  return instants.reduce((first, at) => (first === null || (at !== null && at < first) ? at : first), null);
}

/** As long as the carrier says; where it never does, from the answer to the end. */
function durationOf(events: CarrierEvent[], answeredAt: Date | null, end: CarrierEvent | null): number {
  const told = events.flatMap(({ durationSeconds }) => durationSeconds ?? []);
  if (told.length > 0 || answeredAt === null || end === null) return Math.max(0, ...told);
  return Math.max(0, Math.round((end.at.getTime() - answeredAt.getTime()) / 1000));
}

/** Of texts any order will do, as long as it is always the same one. */
function compare<T extends string | number>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

/** A machine that was heard, at any time and in any order, makes an answered call a voicemail. */
function outcomeOf(end: CarrierEvent, machine: boolean): Outcome {
  const outcome = end.outcome ?? 'unknown';
  return outcome === 'answered' && machine ? 'voicemail' : outcome;
}

function isConclusive(end: CarrierEvent, events: CarrierEvent[]): boolean {
  if (end.source === 'lookup' || events.some((event) => looksPast(event, end))) return true;
  const isDetected = end.detection !== 'awaited' || events.some(({ detection }) => detection === 'told');
  return isDetected && (end.sequence === null || heardEverythingUpTo(end.sequence, events));
}

/** Whether a look-up told all that had happened up to this end. */
function looksPast({ source, kind, sequence, isSurmised }: CarrierEvent, end: CarrierEvent): boolean {
  if (source !== 'lookup' || isSurmised) return false;
  if (sequence === null || end.sequence === null) return kind === 'ended';
  return sequence >= end.sequence;
}

function heardEverythingUpTo(last: number, events: CarrierEvent[]): boolean {
  const heard = events.flatMap(({ sequence }) => (sequence !== null && sequence <= last ? [sequence] : []));
  return new Set(heard).size >= last;
}
