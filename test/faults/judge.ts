import type { LedgerLine } from '../house.js';

/** A call as the database has it. */
export interface CallRow {
  id: string;
  to: string;
  status: string;
  attempts: { id: string; status: string }[];
}

/** All calls, as CallRow. */
export const CALL_ROWS = `
  SELECT id, to_number AS "to", status,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', attempts.id, 'status', attempts.status)), '[]')
     FROM attempts WHERE call_id = calls.id) AS attempts
  FROM calls`;

/** What a judgement takes into account beside the rows and the ledger. */
export interface Allowances {
  /** Calls that rightly still wait, by id. */
  held?: ReadonlySet<string>;
  /** The scenario stops calls on purpose: without a dial they may be cancelled, blocked or expired. */
  mayBeStopped?: boolean;
  /** Attempts whose fate an injected fault may have hidden from everybody on our side. */
  ambiguous?: ReadonlySet<string>;
  /** Attempts whose end the carrier told nobody, and has forgotten since. */
  endedUnheard?: ReadonlySet<string>;
  /** The carrier does not tell machines from people. */
  hearsNoMachines?: boolean;
  /** A call is made in steps: one whose dialer died in between ends there by itself, without a request to ring. */
  isMadeInSteps?: boolean;
  /**
   * The carrier has one word for a busy line and for a callee who declined, and one for a number that does not exist and for
   * nobody's answering.
   */
  tellsRoughly?: boolean;
}

export interface Judgement {
  rungTwice: string[];
  lost: string[];
  wrongState: string[];
  unknown: string[];
  unknownThatRang: string[];
  /** Unknown although the carrier knows the attempt, and could have said so. */
  unknownToUsOnly: string[];
  /** Unknown although no fault that was injected can have made it so. */
  unknownWithoutCause: string[];
}

/** What the carrier's ledger tells of one number. Each number is called for one call only. */
interface Rung {
  requests: LedgerLine[];
  rings: number;
  end: LedgerLine | null;
  hasBegun: boolean;
}

/** States that only a dial can lead to. */
const DIALLED = new Set(['completed', 'voicemail', 'no-answer', 'busy']);

/** States in which a call ends that a rule or a person kept from being dialled. */
const STOPPED = new Set(['blocked', 'cancelled', 'expired']);

const FINAL = new Set([...DIALLED, ...STOPPED, 'failed']);

/**
 * Holds the accepted calls against the carrier's ledger and the database, and nothing else: no log, no metric, no word
 * of the dialer's own. No call may be tried again (`max_retries` 0), so that one number rings at most once.
 */
export function judge(
  accepted: readonly string[],
  rows: readonly CallRow[],
  ledger: readonly LedgerLine[],
  allowances: Allowances = {},
): Judgement {
  const { held = new Set(), ambiguous = new Set(), endedUnheard = new Set() } = allowances;
  const byId = new Map(rows.map((row) => [row.id, row]));
  const rung = ledgerByNumber(ledger);
  const requests = ledger.filter(({ kind }) => kind === 'request');
  const requestsOf = countBy(requests.map(({ id }) => id));
  const twice = new Set([...rung].filter(([, { rings }]) => rings > 1).map(([to]) => to));
  for (const { id, to } of requests) if ((requestsOf.get(id) ?? 0) > 1) twice.add(to);
  const unknown = rows.filter(({ status }) => status === 'outcome_unknown');
  const unanswered = new Set(requests.filter(isAmbiguous).map(({ id }) => id));
  return {
    rungTwice: [...twice],
    lost: accepted.filter((id) => {
      const status = byId.get(id)?.status;
      return status === undefined || !(FINAL.has(status) || status === 'outcome_unknown' || held.has(id));
    }),
    wrongState: idsOf(rows.filter((row) => isWrong(row, rung.get(row.to), allowances))),
    unknown: idsOf(unknown),
    unknownThatRang: idsOf(unknown.filter(({ to }) => (rung.get(to)?.rings ?? 0) > 0)),
    unknownToUsOnly: idsOf(
      unknown.filter(
        ({ to, attempts }) =>
          rung.get(to)?.hasBegun === true && !attempts.some(({ id }) => endedUnheard.has(id)),
      ),
    ),
    unknownWithoutCause: idsOf(
      unknown.filter(({ attempts }) =>
        attempts.every(
          ({ id, status }) =>
            status !== 'unknown' || !(unanswered.has(id) || ambiguous.has(id) || endedUnheard.has(id)),
        ),
      ),
    ),
  };
}

function isWrong({ status, attempts }: CallRow, rung: Rung | undefined, allowances: Allowances): boolean {
  const { mayBeStopped = false, isMadeInSteps = false, ambiguous } = allowances;
  if (status === 'outcome_unknown') return false;
  if (rung?.end != null) return status !== stateOf(rung.end, allowances);
  if (rung?.hasBegun === true) return FINAL.has(status);
  if (status === 'failed' && isMadeInSteps && attempts.some(({ id }) => ambiguous?.has(id))) return false;
  if (status === 'failed') return !rung?.requests.some(({ result }) => result === 'invalid_number');
  if (STOPPED.has(status)) return !mayBeStopped;
  return DIALLED.has(status);
}

/** The call's state after the end that the carrier wrote down. */
function stateOf(end: LedgerLine, { hearsNoMachines = false, tellsRoughly = false }: Allowances): string {
  switch (end.status) {
    case 'completed':
      return end.answered_by === 'machine' && !hearsNoMachines ? 'voicemail' : 'completed';
    case 'no_answer':
      return 'no-answer';
    case 'canceled':
      return 'cancelled';
    case 'busy':
      return tellsRoughly ? 'failed' : 'busy';
    default:
      return tellsRoughly && end.sip_code === 404 ? 'no-answer' : 'failed';
  }
}

/** Results of a request that made no call. */
const NOTHING_BEGAN = new Set(['invalid_number', 'rate_limited', 'hung', 'too_late', 'invalid', 'replayed']);

/** Results of a request that was not answered, or not in a way that tells anything. */
const TELLS_NOTHING = new Set(['hung', 'error', 'dropped']);

/** A request answered with an error, or not at all, may or may not have made a call: with one it has the carrier's id. */
function madeACall({ result, provider_call_id: callId }: LedgerLine): boolean {
  return !NOTHING_BEGAN.has(result as string) && callId !== undefined;
}

/** No call, and nobody but the carrier's own record can tell: it is nothing that a look-up finds. */
export function isAmbiguous(line: LedgerLine): boolean {
  return line.kind === 'request' && TELLS_NOTHING.has(line.result as string) && !madeACall(line);
}

function ledgerByNumber(ledger: readonly LedgerLine[]): Map<string, Rung> {
  const rung = new Map<string, Rung>();
  for (const line of ledger) {
    const of = rung.get(line.to) ?? { requests: [], rings: 0, end: null, hasBegun: false };
    rung.set(line.to, of);
    if (line.kind === 'request') {
      of.requests.push(line);
      of.hasBegun ||= madeACall(line);
    }
    if (line.kind === 'ring') of.rings += 1;
    if (line.kind === 'end') of.end = line;
  }
  return rung;
}

/** Where an attempt belongs, and how many of its kind may be open at once. */
export interface Room {
  campaignId: string;
  limit: number;
}

/**
 * Campaigns that had more calls open at once than they may, with the most of each; open from the carrier's first
 * hearing of a call to its end.
 */
export function overfull(
  ledger: readonly LedgerLine[],
  roomOf: ReadonlyMap<string, Room>,
): (Room & { most: number })[] {
  const ends = new Map(ledger.filter(({ kind }) => kind === 'end').map(({ id, at }) => [id, at]));
  const moves = new Map<string, { room: Room; steps: { at: number; step: number }[] }>();
  for (const { kind, id, at } of ledger) {
    const endedAt = ends.get(id);
    const room = roomOf.get(id);
    if (kind !== 'request' || endedAt === undefined || room === undefined) continue;
    const of = moves.get(room.campaignId) ?? { room, steps: [] };
    moves.set(room.campaignId, of);
    of.steps.push({ at: Date.parse(at), step: 1 }, { at: Date.parse(endedAt), step: -1 });
  }
  return [...moves.values()]
    .map(({ room, steps }) => ({ ...room, most: mostOpen(steps) }))
    .filter(({ most, limit }) => most > limit);
}

function mostOpen(steps: { at: number; step: number }[]): number {
  let open = 0;
  return steps
    .sort((a, b) => a.at - b.at || a.step - b.step)
    .reduce((most, { step }) => Math.max(most, (open += step)), 0);
}

function idsOf(rows: readonly CallRow[]): string[] {
  return rows.map(({ id }) => id);
}

function countBy(keys: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
