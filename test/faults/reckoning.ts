import { setTimeout as pause } from 'node:timers/promises';
import type { Figures } from './figures.js';
import { isAmbiguous, judge, overfull, type Judgement, type Room } from './judge.js';
import { HORIZON_SECONDS, type Trial } from './trial.js';

/** What a trial came to, and how every accepted call ended, by its place. */
export interface Conclusion {
  figures: Figures;
  statuses: Map<number, string>;
}

/** Waits, with all faults healed, until nothing more happens; then reckons up and ends every process. */
export async function conclude(
  trial: Trial,
  withoutFaults: ReadonlyMap<number, string> | null,
): Promise<Conclusion> {
  await trial.settle();
  // Late proof is awaited too: an unknown attempt is looked up again.
  const patience = Date.now() + HORIZON_SECONDS * 2_000;
  while ((await judgementOf(trial)).unknownToUsOnly.length > 0 && Date.now() < patience) await pause(500);
  const statuses = await trial.statuses();
  const figures = await reckon(trial, statuses, withoutFaults);
  await trial.abandon();
  return { figures, statuses };
}

/** Holds the trial's calls, as they are now, against the carrier's ledger. */
async function judgementOf(trial: Trial): Promise<Judgement> {
  return judge(trial.acceptedIds, await trial.rows(), await trial.house.ledger(), {
    held: trial.held,
    mayBeStopped: trial.plan.endsDiffer === true,
    ambiguous: await trial.ambiguity.attempts(),
    endedUnheard: trial.endedUnheard,
    hearsNoMachines: trial.hearsNoMachines,
    isMadeInSteps: trial.plan.carrier === 'asterisk',
    tellsRoughly: trial.tellsRoughly,
  });
}

async function reckon(
  trial: Trial,
  statuses: ReadonlyMap<number, string>,
  withoutFaults: ReadonlyMap<number, string> | null,
): Promise<Figures> {
  const { breaches } = trial;
  const ledger = await trial.house.ledger();
  const judgement = await judgementOf(trial);
  if (judgement.unknownToUsOnly.length > 0) {
    breaches.push(`${judgement.unknownToUsOnly.length} unknown that the carrier knows`);
  }
  if (judgement.unknownWithoutCause.length > 0) {
    breaches.push(`${judgement.unknownWithoutCause.length} unknown that no injected fault explains`);
  }
  const untold = ledger.filter((line) => line.kind === 'callback' && line.http_status === 500);
  if (untold.length > 0) {
    const why = trial.house.log.split('\n').find((line) => line.includes('SERVER_ERROR'));
    breaches.push(`${untold.length} callbacks were answered with 500: ${why}`);
  }
  // The schema's constraints are the second line: the code in front of them must never have need of them.
  const refused = new Set(trial.house.log.match(/violates \S+ (\S+ )?constraint \\*"\w+/g) ?? []);
  for (const refusal of refused) breaches.push(`a write ${refusal.replaceAll(/[\\"]/g, '')}`);
  await checkSlots(trial);
  await checkWindows(trial);

  // A scenario may make calls of its own beyond the planned ones; those have nothing to be like. And of those that ended
  // unheard nobody can say how.
  const unheard = await trial.placesOf(trial.endedUnheard);
  const compared = [...statuses].filter(([place]) => withoutFaults?.has(place) && !unheard.has(place));
  const rough = trial.tellsRoughly ? ROUGH : [];
  const isAlike = (status: string, without: string | undefined) =>
    status === without ||
    (trial.hearsNoMachines && status === 'completed' && without === 'voicemail') ||
    rough.some(([told, meant]) => status === told && without === meant);
  const same = compared.filter(([place, status]) => isAlike(status, withoutFaults?.get(place))).length;
  const orphans = await trial.ambiguity.attempts();
  return {
    scenario: trial.plan.scenario,
    calls: trial.acceptedIds.length,
    faults: trial.faults,
    rungTwice: judgement.rungTwice.length,
    lost: judgement.lost.length,
    wrongState: judgement.wrongState.length,
    unknown: judgement.unknown.length,
    unknownThatRang: judgement.unknownThatRang.length,
    ambiguous: new Set([...orphans, ...trial.endedUnheard, ...ledger.filter(isAmbiguous).map(({ id }) => id)])
      .size,
    sameAsWithout: withoutFaults === null ? null : same / Math.max(1, compared.length),
    breaches,
    timings: trial.timings,
    recoveryMs: recoveries(
      trial.recoveryFrom,
      ledger.filter(({ kind }) => kind === 'request').map(({ at }) => Date.parse(at)),
    ),
  };
}

/** What a carrier that tells roughly makes of calls that end otherwise where all words are known. */
const ROUGH = [
  ['failed', 'busy'],
  ['no-answer', 'failed'],
];

/** Never more calls at once than a campaign allows, by the carrier's ledger; and the limit rows agree with the attempts. */
async function checkSlots(trial: Trial): Promise<void> {
  const rows = await trial.query(
    `SELECT attempts.id, campaign_id AS "campaignId", max_concurrent_calls AS limit
     FROM attempts JOIN campaigns ON campaigns.id = campaign_id WHERE max_concurrent_calls IS NOT NULL`,
  );
  const roomOf = new Map(rows.map(({ id, ...room }) => [id as string, room as unknown as Room]));
  for (const { most, limit } of overfull(await trial.house.ledger(), roomOf)) {
    trial.breaches.push(`${most} calls at once of at most ${limit}`);
  }
  const [drifted] = await trial.query(
    `SELECT count(*)::integer AS count FROM slots WHERE in_use <> (SELECT count(*) FROM attempts WHERE holds_slot
       AND slots.scope IN ('campaign:' || campaign_id, 'environment:' || environment_id))`,
  );
  if (drifted?.count !== 0) trial.breaches.push('slots do not match the open attempts');
  // The dialer puts such a row right, so at the end it need not show any more.
  if (trial.house.log.includes('"slotsDrifted"')) trial.breaches.push('slots had drifted and were recounted');
}

/** No dial began after the end of the window it was claimed in. */
async function checkWindows(trial: Trial): Promise<void> {
  const [late] = await trial.query(
    `SELECT count(*)::integer AS count FROM attempts WHERE sending_at >= open_until`,
  );
  if (late?.count !== 0)
    trial.breaches.push(`${late?.count as number} dials began after their window closed`);
}

/** From the end of each fault to the next request at the carrier. */
function recoveries(healedAt: number[], requestedAt: number[]): number[] {
  const inOrder = requestedAt.sort((a, b) => a - b);
  return healedAt.flatMap((at) => {
    const next = inOrder.find((requested) => requested >= at);
    return next === undefined ? [] : [next - at];
  });
}
