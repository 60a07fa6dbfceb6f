import type { LedgerLine } from '../house.js';

/** A call as the database has it. */
export interface CallRow {
  id: string;
  to: string;
  status: string;
  attempts: { id: string; status: string }[];
}

/** What the carrier's ledger tells of one number. Each number is called for one call only. */
interface Rung {
  requests: LedgerLine[];
  rings: number;
  end: LedgerLine | null;
  hasBegun: boolean;
}

export interface Judgement {
  rungTwice: string[];
  lost: string[];
  wrongState: string[];
  unknown: string[];
  unknownThatRang: string[];
  /** Unknown although the carrier knows the attempt, and could have said so. */
  unknownToUsOnly: string[];
}

const FINAL = new Set([
  'completed',
  'voicemail',
  'no-answer',
  'busy',
  'failed',
  'blocked',
  'cancelled',
  'expired',
]);

/** States that only a dial can lead to. */
const DIALLED = new Set(['completed', 'voicemail', 'no-answer', 'busy']);

/**
 * Holds the accepted calls against the carrier's ledger and the database, and nothing else: no log, no metric, no word
 * of the dialer's own. No call may be tried again (`max_retries` 0), so that one number rings at most once.
 * @param held calls that rightly still wait, by id
 */
export function judge(
  accepted: string[],
  rows: CallRow[],
  ledger: LedgerLine[],
  held: ReadonlySet<string>,
): Judgement {
  const byId = new Map(rows.map((row) => [row.id, row]));
  const rung = ledgerByNumber(ledger);
  const requestsOf = countBy(ledger.filter(({ kind }) => kind === 'request').map(({ id }) => id));
  const twice = new Set([...rung].filter(([, { rings }]) => rings > 1).map(([to]) => to));
  for (const line of ledger) {
    if (line.kind === 'request' && (requestsOf.get(line.id) ?? 0) > 1) twice.add(line.to);
  }
  const unknown = rows.filter(({ status }) => status === 'outcome_unknown');
  return {
    rungTwice: [...twice],
    lost: accepted.filter((id) => {
      const status = byId.get(id)?.status;
      return status === undefined || !(FINAL.has(status) || status === 'outcome_unknown' || held.has(id));
    }),
    wrongState: rows.filter((row) => isWrong(row, rung.get(row.to))).map(({ id }) => id),
    unknown: unknown.map(({ id }) => id),
    unknownThatRang: unknown.filter(({ to }) => (rung.get(to)?.rings ?? 0) > 0).map(({ id }) => id),
    unknownToUsOnly: unknown.filter(({ to }) => rung.get(to)?.hasBegun === true).map(({ id }) => id),
  };
}

function isWrong({ status }: CallRow, rung: Rung | undefined): boolean {
  if (status === 'outcome_unknown') return false;
  if (rung?.end != null) return status !== stateOf(rung.end);
  if (rung?.hasBegun === true) return FINAL.has(status);
  if (status === 'failed') return !rung?.requests.some(({ result }) => result === 'invalid_number');
  return DIALLED.has(status);
}

/** The call's state after the end that the carrier wrote down. */
function stateOf(end: LedgerLine): string {
  switch (end.status) {
    case 'completed':
      return end.answered_by === 'machine' ? 'voicemail' : 'completed';
    case 'no_answer':
      return 'no-answer';
    case 'canceled':
      return 'cancelled';
    case 'busy':
      return 'busy';
    default:
      return 'failed';
  }
}

/** Results of a request that made no call. */
const NOTHING_BEGAN = new Set(['invalid_number', 'rate_limited', 'hung', 'too_late', 'invalid', 'replayed']);

function ledgerByNumber(ledger: LedgerLine[]): Map<string, Rung> {
  const rung = new Map<string, Rung>();
  for (const line of ledger) {
    const of = rung.get(line.to) ?? { requests: [], rings: 0, end: null, hasBegun: false };
    rung.set(line.to, of);
    if (line.kind === 'request') {
      of.requests.push(line);
      // A request answered with an error may or may not have made a call: with one it has the carrier's id.
      of.hasBegun ||= !NOTHING_BEGAN.has(line.result as string) && line.provider_call_id !== undefined;
    }
    if (line.kind === 'ring') of.rings += 1;
    if (line.kind === 'end') of.end = line;
  }
  return rung;
}

/** The most calls that were open at once, from the carrier's first hearing of each to its end. */
export function mostAtOnce(ledger: LedgerLine[]): number {
  const ends = new Map(ledger.filter(({ kind }) => kind === 'end').map((line) => [line.id, line.at]));
  const moves = ledger
    .filter((line) => line.kind === 'request' && ends.has(line.id))
    .flatMap((line) => [
      { at: Date.parse(line.at), step: 1 },
      { at: Date.parse(ends.get(line.id) as string), step: -1 },
    ])
    .sort((a, b) => a.at - b.at || a.step - b.step);
  let open = 0;
  return moves.reduce((most, { step }) => Math.max(most, (open += step)), 0);
}

function countBy(keys: string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
