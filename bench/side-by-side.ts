/** One repetition of one contender. */
export interface Sample {
  /** Elapsed nanoseconds of one unit of work. */
  wallNs: number;
  /** Nanoseconds of one unit that this process spent on a processor, threads of its own included. */
  cpuNs: number;
}

/** Does some of the work, and answers how many units that was. */
export type Contender = () => number | Promise<number>;

/**
 * Lets contenders take turns, so that whatever else the machine does falls on all of them: each repetition runs every
 * one, and every second repetition the other way round. A first round is thrown away: it warms up.
 * @returns the samples of each, in the order of repetitions: sample `n` of one belongs with sample `n` of another
 */
export async function sideBySide<Name extends string>(
  contenders: Readonly<Record<Name, Contender>>,
  repetitions: number,
): Promise<Record<Name, Sample[]>> {
  const names = Object.keys(contenders) as Name[];
  const samples = Object.fromEntries(names.map((name) => [name, [] as Sample[]])) as Record<Name, Sample[]>;
  for (let repetition = 0; repetition <= repetitions; repetition++) {
    for (const name of repetition % 2 === 0 ? names : names.toReversed()) {
      const sample = await measured(contenders[name]);
      if (repetition > 0) samples[name].push(sample);
    }
  }
  return samples;
}

/** How many times as long `slow` took as `fast`, repetition by repetition. */
export function ratios(slow: readonly Sample[], fast: readonly Sample[]): number[] {
  return slow.map(({ wallNs }, repetition) => wallNs / fast[repetition]!.wallNs);
}

async function measured(contender: Contender): Promise<Sample> {
  const cpuBefore = process.cpuUsage();
  const startedAt = process.hrtime.bigint();
  const units = await contender();
  const wallNs = Number(process.hrtime.bigint() - startedAt);
  const { user, system } = process.cpuUsage(cpuBefore);
  return { wallNs: wallNs / units, cpuNs: ((user + system) * 1000) / units };
}
