import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { Processes } from '../../apps/start/processes.js';
import { isGreen, sum, table, type Figures } from './figures.js';
import { HitPoints } from './hit-points.js';
import { conclude, type Conclusion } from './reckoning.js';
import { rivalTrial } from './rivals/trial.js';
import type { Scenario } from './scenario.js';
import { SCENARIOS } from './scenarios.js';
import { OwnPostgres, OwnRedis } from './stores.js';
import { Trial, type Servers } from './trial.js';

/** Calls planned for a second: about what the campaign's slots allow at the carrier's speed. */
const PACE = 16;
const PACE_WHEN_QUICK = 8;

/** A dialer that does not dial breaks no rule; it must not pass for that. */
const LEAST_ALIKE = 0.95;

const NAMES = [...SCENARIOS.map(({ name }) => name), 'rivals'];

const options = new Command('faults')
  .description(
    'Kills, freezes, empties and lies to a whole house, and holds its calls against the carrier’s ledger.',
  )
  .argument('[names...]', `some of ${NAMES.join(', ')}; all without`)
  .option('--seed <seed>', 'the same seed makes the same calls and draws the same faults', wholeNumber, 1)
  .option('--calls <calls>', 'calls of each scenario', wholeNumber)
  .option('--quick', 'a short run, for every change')
  .parse();

const named = options.args;
const isChosen = (name: string) => named.length === 0 || named.includes(name);
const { seed, quick, ...given } = options.opts<{ seed: number; calls?: number; quick?: true }>();
const stranger = named.find((name) => !NAMES.includes(name));
if (stranger !== undefined) {
  process.stderr.write(`There is no scenario ${stranger}; there are ${NAMES.join(', ')}.\n`);
  process.exit(64);
}
const isQuick = quick === true;
const ofItsOwn = named.length === 1 ? SCENARIOS.find(({ name }) => name === named[0])?.calls : undefined;
const calls = given.calls ?? (isQuick ? 40 : (ofItsOwn ?? 400));
let toldAtMs = performance.now();
const seconds = Math.max(4, calls / (isQuick ? PACE_WHEN_QUICK : PACE));
const hitPoints = new HitPoints();
process.exit(await main());

/** @returns the exit status: 1 where a promise broke, or where a rival got away unseen */
async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-faults-'));
  const processes = new Processes(join(folder, 'processes.json'));
  const redis = await OwnRedis.start(join(folder, 'redis'));
  const postgres = await OwnPostgres.start(join(folder, 'postgres'), processes);
  const servers = { postgres, redis };
  const stop = async () => {
    await redis.kill();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('SIGINT', () => void stop().finally(() => process.exit(130)));
  process.once('SIGTERM', () => void stop().finally(() => process.exit(143)));
  try {
    return await runAll(servers);
  } finally {
    await stop();
  }
}

async function runAll(servers: Servers): Promise<number> {
  const ours: Figures[] = [];
  const rivals: Figures[] = [];
  const withoutFaults =
    named.length > 0 && named.every((name) => name === 'rivals')
      ? null
      : await runWithoutFaults(servers, ours);
  for (const scenario of SCENARIOS) {
    if (!isChosen(scenario.name)) continue;
    ours.push(tell(await runScenario(scenario, servers, withoutFaults)));
  }
  if (isChosen('rivals')) {
    for (const rival of ['naive', 'tuned'] as const) {
      rivals.push(tell(await rivalTrial(rival, { seed, calls, seconds }, servers)));
    }
  }
  const all = sum(ours);
  process.stdout.write(`\n${table([...ours, ...(ours.length > 1 ? [all] : []), ...rivals])}\n\n`);
  const bound = ((3 / Math.max(1, all.calls)) * 100).toFixed(3);
  process.stdout.write(
    `Seed ${seed}. With 0 of ${all.calls} rung twice, the true rate is below ${bound} % (95 %, rule of three).\n`,
  );
  if ((all.sameAsWithout ?? 1) < LEAST_ALIKE) all.breaches.push('too few calls end as without faults');
  process.stdout.write(`Processes died at these points: ${hitPoints.told()}.\n`);
  if (named.length === 0 && !isQuick) {
    for (const point of hitPoints.missed()) all.breaches.push(`no process ever died at ${point}`);
  }
  for (const timing of all.timings) process.stdout.write(`${timing}\n`);
  for (const breach of all.breaches) process.stdout.write(`BREACH: ${breach}\n`);
  const unseen = rivals.filter(isGreen);
  for (const { scenario } of unseen)
    process.stdout.write(`UNSEEN: nothing was found wrong with the ${scenario}\n`);
  return ours.every(isGreen) && isGreen(all) && unseen.length === 0 ? 0 : 1;
}

/** The same calls with nothing done to them: what every other run's ends are held against. */
async function runWithoutFaults(servers: Servers, ours: Figures[]): Promise<Map<number, string>> {
  const trial = await Trial.open(
    { scenario: 'no faults', seed, calls, seconds, dialers: 2, isQuick, hitPoints },
    servers,
  );
  const run = async () => {
    const begunAt = performance.now();
    await trial.acceptAll();
    await trial.settle();
    const tookSeconds = (performance.now() - begunAt) / 1000;
    trial.timings.push(`without faults: ${tookSeconds.toFixed(0)} s, of ${seconds.toFixed(0)} s planned`);
  };
  const { figures, statuses } = await concluded(trial, run, null);
  ours.push(tell(figures));
  return statuses;
}

/** Runs the trouble to the trial's conclusion; whatever goes wrong on the way, no process is left behind. */
async function concluded(
  trial: Trial,
  run: () => Promise<void>,
  withoutFaults: Map<number, string> | null,
): Promise<Conclusion> {
  try {
    await run();
    return await conclude(trial, withoutFaults);
  } catch (error) {
    await trial.abandon();
    throw error;
  }
}

async function runScenario(
  { name, number, run, dialers = isQuick ? 2 : 3, endsDiffer = false, callsPerSecond, carrier }: Scenario,
  servers: Servers,
  withoutFaults: Map<number, string> | null,
): Promise<Figures> {
  const scenario = `${number} ${name}`;
  const plan = {
    scenario,
    seed,
    calls,
    seconds,
    dialers,
    isQuick,
    hitPoints,
    endsDiffer,
    callsPerSecond,
    carrier,
  };
  const trial = await Trial.open(plan, servers);
  const { figures } = await concluded(trial, () => run(trial), endsDiffer ? null : withoutFaults);
  // Of few calls, two that died right after their fence are too many; the sum is judged in any case.
  if (!isQuick && figures.sameAsWithout !== null && figures.sameAsWithout < LEAST_ALIKE) {
    figures.breaches.push(
      `${name}: only ${(figures.sameAsWithout * 100).toFixed(1)} % end as without faults`,
    );
  }
  return figures;
}

function tell(figures: Figures): Figures {
  const { scenario, calls: made, faults, rungTwice, lost, wrongState, unknown } = figures;
  process.stdout.write(
    `${scenario}: ${made} calls, ${faults} faults; rung twice ${rungTwice}, lost ${lost}, wrong state ${wrongState}, unknown ${unknown} (${((performance.now() - toldAtMs) / 1000).toFixed(0)} s)\n`,
  );
  toldAtMs = performance.now();
  return figures;
}

function wholeNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.');
  return Number(text);
}
