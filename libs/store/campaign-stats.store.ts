import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { FINAL_STATES, type CallState } from '#policy/call-lifecycle.js';
import { OUTCOME_NAMES, type Outcome } from '#policy/outcomes.js';
import {
  reportingPeriods,
  type AskedPeriods,
  type Period,
  type ReportingPeriods,
} from '#policy/reporting-periods.js';
import { Campaign } from './campaign.entity.js';
import { SHOWN } from './campaigns.store.js';
import { databaseClock } from './reading.js';
import { ScopedDatabase } from './scoped-database.js';

/** Counters by their names, as the triggers of migration 0020 write them; one that is not there is 0. */
export class Figures {
  constructor(private readonly amounts: ReadonlyMap<string, number> = new Map()) {}

  /** Calls taken in. */
  get calls(): number {
    return this.of('calls');
  }

  /** Calls that became final in this state. */
  finished(state: CallState): number {
    return this.of(`calls:${state}`);
  }

  /** Calls that became final. */
  get finishedCalls(): number {
    return FINAL_STATES.reduce((sum, state) => sum + this.finished(state), 0);
  }

  /** Calls that a dial of theirs made final. */
  get finishedByDials(): number {
    return FINISHED_BY_DIALS.reduce((sum, state) => sum + this.finished(state), 0);
  }

  /** Dials that are over, or that nobody knows of. */
  get dials(): number {
    return OUTCOME_NAMES.reduce((sum, outcome) => sum + this.attempts(outcome), 0);
  }

  /** Dials that came to this; `unknown` are those that nobody knows of. */
  attempts(outcome: Outcome): number {
    return this.of(`attempts:${outcome}`);
  }

  get talkSeconds(): number {
    return this.of('seconds:talk');
  }

  /** Mean talk time of completed calls, in whole seconds. */
  get averageDurationSeconds(): number {
    const completed = this.finished('completed');
    return completed === 0 ? 0 : Math.round(this.of('seconds:completed') / completed);
  }

  private of(name: string): number {
    return this.amounts.get(name) ?? 0;
  }
}

const FINISHED_BY_DIALS = ['completed', 'voicemail', 'no-answer', 'busy', 'failed'] as const;

export interface PeriodFigures extends Period {
  figures: Figures;
}

export type CampaignReport =
  | { kind: 'not_found' }
  | Extract<ReportingPeriods, { kind: 'invalid' }>
  | {
      kind: 'report';
      timezone: string;
      /** The range that was told, in the campaign's zone; null: all there ever was. */
      range: { from: string; to: string } | null;
      totals: Figures;
      testing: Figures;
      /** Those with anything in them, test calls left out. */
      periods: PeriodFigures[];
    };

/**
 * Figures of campaigns: counters, and beside them what was not folded into them yet, so that they are exact at any moment.
 */
@Injectable()
export class CampaignStatsStore {
  constructor(private readonly database: ScopedDatabase) {}

  /** Of campaigns' whole lives, test calls left out. One without calls is not there. */
  async ofCampaigns(environmentId: string, ids: string[]): Promise<Map<string, Figures>> {
    const rows = await this.database.within(environmentId, (manager) =>
      manager.query<{ id: string; figure: string; amount: number }[]>(
        `SELECT campaign_id AS id, figure, sum(amount)::double precision AS amount
         FROM (SELECT campaign_id, figure, amount FROM stat_totals
                 WHERE environment_id = $1 AND campaign_id = ANY ($2) AND NOT is_testing
               UNION ALL SELECT campaign_id, figure, amount FROM stat_deltas
                 WHERE environment_id = $1 AND campaign_id = ANY ($2) AND NOT is_testing) AS counted
         GROUP BY 1, 2`,
        [environmentId, ids],
      ),
    );
    const amounts = new Map(ids.map((id) => [id, new Map<string, number>()]));
    for (const { id, figure, amount } of rows) amounts.get(id)?.set(figure, amount);
    return new Map([...amounts].map(([id, ofCampaign]) => [id, new Figures(ofCampaign)]));
  }

  /** Of one campaign, by days or hours of its own zone, or of its whole life where nothing is asked for. */
  async report(environmentId: string, id: string, asked: AskedPeriods): Promise<CampaignReport> {
    return this.database.within(environmentId, async (manager) => {
      const campaign = await manager.findOneBy(Campaign, { id, environmentId, ...SHOWN });
      if (campaign === null) return { kind: 'not_found' };
      const { timezone } = campaign;
      const wanted = reportingPeriods(timezone, asked, await databaseClock(manager));
      switch (wanted.kind) {
        case 'invalid':
          return wanted;
        case 'everything': {
          const counted = await ofLife(manager, campaign);
          return { kind: 'report', timezone, range: null, ...sums(counted), periods: [] };
        }
        case 'periods': {
          const { from, to } = wanted;
          const counted = await ofPeriods(manager, campaign, wanted);
          const periods = asked.by === undefined ? [] : byPeriod(counted, wanted.periods);
          return { kind: 'report', timezone, range: { from, to }, ...sums(counted), periods };
        }
      }
    });
  }
}

interface Counted {
  /** Its period's place, from 0. */
  place: number;
  is_testing: boolean;
  figure: string;
  amount: number;
}

async function ofLife(manager: EntityManager, { environmentId, id }: Campaign): Promise<Counted[]> {
  return manager.query<Counted[]>(
    `SELECT 0 AS place, is_testing, figure, sum(amount)::double precision AS amount
     FROM (SELECT is_testing, figure, amount FROM stat_totals WHERE environment_id = $1 AND campaign_id = $2
           UNION ALL SELECT is_testing, figure, amount FROM stat_deltas
             WHERE environment_id = $1 AND campaign_id = $2) AS counted
     GROUP BY 2, 3`,
    [environmentId, id],
  );
}

async function ofPeriods(
  manager: EntityManager,
  { environmentId, id }: Campaign,
  { periods, endsMs }: Extract<ReportingPeriods, { kind: 'periods' }>,
): Promise<Counted[]> {
  const starts = periods.map(({ startsMs }) => startsMs / 1000);
  return manager.query<Counted[]>(
    `SELECT width_bucket(extract(epoch FROM quarter)::double precision, $3::double precision[]) - 1 AS place, is_testing, figure,
       sum(amount)::double precision AS amount
     FROM (SELECT quarter, is_testing, figure, amount FROM stat_quarters WHERE environment_id = $1 AND campaign_id = $2
           UNION ALL SELECT quarter, is_testing, figure, amount FROM stat_deltas
             WHERE environment_id = $1 AND campaign_id = $2) AS counted
     WHERE quarter >= to_timestamp($4) AND quarter < to_timestamp($5)
     GROUP BY 1, 2, 3`,
    [environmentId, id, starts, starts[0] ?? endsMs / 1000, endsMs / 1000],
  );
}

function sums(counted: Counted[]): { totals: Figures; testing: Figures } {
  return {
    totals: summed(counted.filter((row) => !row.is_testing)),
    testing: summed(counted.filter((row) => row.is_testing)),
  };
}

function byPeriod(counted: Counted[], periods: Period[]): PeriodFigures[] {
  const rows = new Map<number, Counted[]>();
  for (const row of counted) {
    if (row.is_testing || row.amount === 0) continue;
    rows.set(row.place, [...(rows.get(row.place) ?? []), row]);
  }
  return periods.flatMap((period, place) => {
    const here = rows.get(place);
    return here === undefined ? [] : [{ ...period, figures: summed(here) }];
  });
}

function summed(counted: Counted[]): Figures {
  const amounts = new Map<string, number>();
  for (const { figure, amount } of counted) amounts.set(figure, (amounts.get(figure) ?? 0) + amount);
  return new Figures(amounts);
}
