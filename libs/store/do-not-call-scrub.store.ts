import { Injectable } from '@nestjs/common';
import {
  doNotCallVerdict,
  registriesOutOfDate,
  type DoNotCallSettings,
  type DoNotCallVerdict,
  type RegistryState,
} from '#policy/do-not-call.js';
import { Campaign } from './campaign.entity.js';
import { SHOWN } from './campaigns.store.js';
import { listedAmong, registriesOf, type ListedNumber } from './do-not-call-facts.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

/** How lists are read for many numbers: as one campaign reads them, or as any that names this source. */
export interface ScrubReading {
  environmentId: string;
  campaignId: string | null;
  settings: DoNotCallSettings;
  /** When the reading began, by the database clock: expiries and ages are judged by it. */
  now: Date;
  registries: RegistryState[];
  /** Of the registries that count, those that cannot be believed: nobody but the listed can be told from the callable. */
  outOfDate: { name: string; finding: string }[];
}

export type ListedVerdict = Extract<DoNotCallVerdict, { kind: 'listed' }>;

/** Numbers given at once: more of them are found faster, and kept in memory. */
export const SCRUB_ROWS = 1_000_000;

/** Numbers in one question: a few tenths of a second. */
const ROWS_A_QUESTION = 50_000;

/** Which of many numbers may not be called, before they become calls. */
@Injectable()
export class DoNotCallScrubStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** @returns null when there is no such campaign */
  async begin(
    environmentId: string,
    reads: { campaignId: string } | { source: 'environment' | 'global' },
  ): Promise<ScrubReading | null> {
    return this.database.within(environmentId, async (manager) => {
      const campaignId = 'campaignId' in reads ? reads.campaignId : null;
      const settings: DoNotCallSettings | null =
        'source' in reads
          ? { doNotCallEnabled: true, doNotCallListSource: reads.source, doNotCallCustomList: [] }
          : await manager.findOneBy(Campaign, { id: reads.campaignId, environmentId, ...SHOWN });
      if (settings === null) return null;
      const now = await databaseClock(manager);
      const registries = await registriesOf(manager, environmentId);
      const outOfDate = registriesOutOfDate(registries, settings, now);
      return { environmentId, campaignId, settings, now, registries, outOfDate };
    });
  }

  /**
   * Those of some numbers that lists stop, with the first list that does. They are asked about in their order, so that each
   * page of ten million entries is read once, and not for every number that stands on it.
   */
  async listed(reading: ScrubReading, numbers: Iterable<string>): Promise<Map<string, ListedVerdict>> {
    const sorted = [...new Set(numbers)].sort();
    const listed = new Map<string, ListedVerdict>();
    for (let from = 0; from < sorted.length; from += ROWS_A_QUESTION) {
      const some = sorted.slice(from, from + ROWS_A_QUESTION);
      const rows = await this.database.within(reading.environmentId, (manager) =>
        listedAmong(manager, reading, `SELECT unnest($3::text[]) AS to_number`, [some]),
      );
      for (const [to, verdict] of judged(reading, some, rows)) listed.set(to, verdict);
    }
    return listed;
  }
}

/** By the very rule that dials, asked only about numbers that stand somewhere. */
function judged(
  { settings, registries, now }: ScrubReading,
  numbers: string[],
  rows: ListedNumber[],
): Map<string, ListedVerdict> {
  const matches = new Map<string, ListedNumber[]>();
  for (const row of rows) matches.set(row.to, [...(matches.get(row.to) ?? []), row]);
  const own = new Set(settings.doNotCallCustomList);
  const somewhere = new Set([...matches.keys(), ...numbers.filter((number) => own.has(number))]);
  const listed = new Map<string, ListedVerdict>();
  for (const to of somewhere) {
    const verdict = doNotCallVerdict(to, { matches: matches.get(to) ?? [], registries }, settings, now);
    if (verdict.kind === 'listed') listed.set(to, verdict);
  }
  return listed;
}
