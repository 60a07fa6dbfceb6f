import { FINAL_STATES } from '#policy/call-lifecycle.js';
import { OUTCOME_NAMES } from '#policy/outcomes.js';
import { PERIOD_LENGTHS, type PeriodLength } from '#policy/reporting-periods.js';
import { Figures, type CampaignReport } from '#store/campaign-stats.store.js';
import {
  COUNT,
  DATE,
  ID,
  INSTANT,
  INTEGER,
  list,
  named,
  NUMBER,
  object,
  oneOf,
  orNull,
  TEXT,
  type Fields,
} from '../openapi/schema.js';

const PERCENT = { ...NUMBER, minimum: 0, maximum: 100 };

/** The states that clients know as a call that failed. */
const FAILED = ['failed', 'busy', 'no-answer', 'voicemail'] as const;

const STATS_FIELDS = {
  total_calls: COUNT,
  completed_calls: COUNT,
  failed_calls: COUNT,
  success_rate: PERCENT,
};

/** What the list shows of each campaign. */
export const statsSchema = object(STATS_FIELDS);

export function statsView(figures = new Figures()): Record<string, number> {
  return { ...countsView(figures), success_rate: percent(figures.finished('completed'), figures.calls) };
}

/** With what a campaign's own page shows beside. */
export const wholeStatsSchema = object({ ...STATS_FIELDS, average_duration: NUMBER });

export function wholeStatsView(figures = new Figures()): Record<string, number> {
  return { ...statsView(figures), average_duration: figures.averageDurationSeconds };
}

const FIGURE_FIELDS = {
  total_calls: COUNT,
  completed_calls: COUNT,
  failed_calls: COUNT,
  finished_calls: COUNT,
  completion_rate: PERCENT,
  by_status: object(countEach(FINAL_STATES)),
  attempts: COUNT,
  by_outcome: object(countEach(OUTCOME_NAMES)),
  connect_rate: PERCENT,
  average_duration: NUMBER,
  talk_seconds: COUNT,
};

const figuresSchema = named('CampaignFigures', object(FIGURE_FIELDS));

export const campaignReportSchema = named(
  'CampaignStats',
  object({
    campaign_id: ID,
    timezone: TEXT,
    from: orNull(DATE),
    to: orNull(DATE),
    by: orNull(oneOf(PERIOD_LENGTHS)),
    // Of the whole campaign alone: what was completed in a range may have been taken in before it.
    success_rate: orNull(PERCENT),
    totals: figuresSchema,
    test_calls: figuresSchema,
    periods: list(
      named(
        'CampaignPeriod',
        object({
          starts_at: INSTANT,
          date: DATE,
          hour: orNull({ ...INTEGER, minimum: 0, maximum: 23 }),
          ...FIGURE_FIELDS,
        }),
      ),
    ),
  }),
);

export function campaignReportView(
  campaignId: string,
  by: PeriodLength | null,
  { timezone, range, totals, testing, periods }: Extract<CampaignReport, { kind: 'report' }>,
): Record<string, unknown> {
  return {
    campaign_id: campaignId,
    timezone,
    from: range?.from ?? null,
    to: range?.to ?? null,
    by,
    success_rate: range === null ? percent(totals.finished('completed'), totals.calls) : null,
    totals: figuresView(totals),
    test_calls: figuresView(testing),
    periods: periods.map(({ startsMs, date, hour, figures }) => ({
      starts_at: new Date(startsMs).toISOString(),
      date,
      hour,
      ...figuresView(figures),
    })),
  };
}

function figuresView(figures: Figures): Record<string, unknown> {
  const byStatus = FINAL_STATES.map((state) => [state, figures.finished(state)] as const);
  const byOutcome = OUTCOME_NAMES.map((outcome) => [outcome, figures.attempts(outcome)] as const);
  return {
    ...countsView(figures),
    finished_calls: figures.finishedCalls,
    completion_rate: percent(figures.finished('completed'), figures.finishedCalls),
    by_status: Object.fromEntries(byStatus),
    attempts: figures.dials,
    by_outcome: Object.fromEntries(byOutcome),
    connect_rate: percent(figures.attempts('answered'), figures.dials),
    average_duration: figures.averageDurationSeconds,
    talk_seconds: figures.talkSeconds,
  };
}

function countsView(figures: Figures) {
  return {
    total_calls: figures.calls,
    completed_calls: figures.finished('completed'),
    failed_calls: FAILED.reduce((sum, state) => sum + figures.finished(state), 0),
  };
}

function countEach(words: readonly string[]): Fields {
  return Object.fromEntries(words.map((word) => [word, COUNT]));
}

/** With two decimals; of nothing, 0. */
function percent(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 100;
}
