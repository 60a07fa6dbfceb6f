import type { LedgerLine } from '../../house.js';
import type { Trial } from '../trial.js';

/** The share of answers to creations that are lost, and of answers to dials, after the phone rang. */
const LOST = 0.05;

/** Events that a dialer had heard when it died, and not yet written down, are lost with it. */
const IN_HAND_MS = 500;

/** What left a dialer before the socket broke may be dialled so much later. */
const UNDER_WAY_MS = 250;

/** A talk this long, in real milliseconds, is not over before the agent is there, however busy the machine is; */
const LONG_MS = 1_000;
/** and of those that last this long, most have it. */
const SHORT_MS = 100;

/** Its events come never, by what its digits say. */
const TELLS_NOTHING = /93$/;

/** A stretch of time in which nobody heard, in epoch milliseconds. */
interface Gap {
  from: number;
  until: number;
}

/**
 * The twin of Asterisk loses answers, its socket of events breaks and stays away, and the dialer that holds it is killed or
 * relieved. Asterisk forgets a call with its end: of those that end while nobody hears, nobody can tell.
 */
export async function asterisk(trial: Trial): Promise<void> {
  const { house, random } = trial;
  await house.setFaults({ answer_lost: LOST });
  await trial.disturb(trial.killEveryMs, async (turn) => {
    const dialer = turn % 3 === 0 ? undefined : trial.someDialer();
    if (dialer === undefined) return breakSocket(trial, random.between(50, 1_500));
    if (turn % 3 === 1) return void dialer.kill('SIGTERM');
    trial.kill(dialer);
  });
  await house.setFaults({});
  await trial.settle();
  const ledger = await house.ledger();
  const gaps = gapsIn(ledger);
  for (const { kind, id, to, at } of ledger) {
    if (kind !== 'end') continue;
    if (TELLS_NOTHING.test(to) || gaps.some((gap) => isIn(at, gap, IN_HAND_MS))) trial.endedUnheard.add(id);
  }
  if (gaps.length === 0) trial.breaches.push('the socket never broke');
  expectNoDials(trial, ledger, gaps);
  expectAgents(trial, ledger, gaps);
  trial.faults += ledger.filter(
    ({ type, result, to }) => type === 'creation_lost' || (result === 'dropped' && !to.endsWith('90')),
  ).length;
}

async function breakSocket({ house }: Trial, downMs: number): Promise<void> {
  await fetch(`${house.variables.CARRIER_URL}/socket`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ down_ms: downMs }),
  });
}

/** From each loss of the socket to the next one that stood. */
function gapsIn(ledger: readonly LedgerLine[]): Gap[] {
  const gaps: Gap[] = [];
  let from: number | null = null;
  for (const { type, at } of ledger) {
    if (type === 'unheard') from ??= Date.parse(at);
    if (type !== 'heard' || from === null) continue;
    gaps.push({ from, until: Date.parse(at) });
    from = null;
  }
  return from === null ? gaps : [...gaps, { from, until: Infinity }];
}

function isIn(at: string, { from, until }: Gap, earlierMs = 0): boolean {
  const atMs = Date.parse(at);
  return atMs >= from - earlierMs && atMs <= until;
}

function expectNoDials({ breaches }: Trial, ledger: readonly LedgerLine[], gaps: readonly Gap[]): void {
  const unheard = ledger.filter(
    ({ kind, at }) => kind === 'request' && gaps.some((gap) => isIn(at, gap, -UNDER_WAY_MS)),
  );
  if (unheard.length > 0) breaches.push(`${unheard.length} dials while nobody heard`);
}

/** Whoever picked up while somebody heard, and stayed, met the agent. */
function expectAgents({ breaches }: Trial, ledger: readonly LedgerLine[], gaps: readonly Gap[]): void {
  const met = new Set(ledger.filter(({ type }) => type === 'handover').map(({ id }) => id));
  const endedAt = new Map(ledger.filter(({ kind }) => kind === 'end').map(({ id, at }) => [id, at]));
  const heard = ledger.flatMap(({ kind, id, to, at }) => {
    if (kind !== 'answer' || TELLS_NOTHING.test(to)) return [];
    const talkedMs = Date.parse(endedAt.get(id) ?? at) - Date.parse(at);
    return gaps.some((gap) => isIn(at, gap, talkedMs)) ? [] : [{ talkedMs, isMet: met.has(id) }];
  });
  const alone = heard.filter(({ talkedMs, isMet }) => talkedMs > LONG_MS && !isMet);
  if (alone.length > 0) breaches.push(`${alone.length} answered calls met no agent`);
  const short = heard.filter(({ talkedMs }) => talkedMs > SHORT_MS);
  const metShort = short.filter(({ isMet }) => isMet).length;
  if (metShort * 2 < short.length)
    breaches.push(`only ${metShort} of ${short.length} answered calls met an agent`);
  if (met.size === 0) breaches.push('no answered call met an agent');
}
