import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFinal, mayMove, type CampaignState } from './call-lifecycle.js';
import { decideDial, type DialFacts } from './decide-dial.js';
import type { DoNotCallMatch, RegistryState } from './do-not-call.js';
import { LEGAL_GUARDS, type LegalGuard } from './legal-guard.js';
import { FREE_OF_CHARGE, UNTOUCHED } from './facts-under-test.js';
import { planIntake } from './plan-intake.js';

const HOUR_MS = 3_600_000;

const instants = fc.date({ min: new Date('2026-01-01'), max: new Date('2027-12-01'), noInvalidDate: true });
const numbers = fc.constantFrom(
  '+12125550100',
  '+13055550100',
  '+33142685300',
  '+61412345678',
  '+18005550100',
  '+442079460000',
  '+19995550100',
);
const matches: fc.Arbitrary<DoNotCallMatch> = fc.record({
  id: fc.constant('e1'),
  kind: fc.constantFrom('opt_out', 'list'),
  list: fc.constantFrom('environment', 'campaign', 'global'),
  expiresAt: fc.option(instants, { nil: null }),
  source: fc.constant(null),
  registryId: fc.option(fc.constant('r1'), { nil: null }),
});
const registries: fc.Arbitrary<RegistryState> = fc.record({
  id: fc.constant('r1'),
  name: fc.constant('national'),
  list: fc.constantFrom('environment', 'global'),
  snapshotDate: fc.constantFrom(null, '2026-06-01'),
  maxAgeDays: fc.constantFrom(null, 31),
});
/** What lets a call go nine times in ten, so that not one thing always holds it. */
function mostly<T>(usual: T, ...rare: T[]): fc.Arbitrary<T> {
  return fc.oneof(
    { weight: 9, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...rare) },
  );
}

const limit = mostly<number | null>(null, 1, 2, 3, 4);

/** Facts of every kind, a good part of which let a call go. */
const anyFacts: fc.Arbitrary<DialFacts> = fc
  .record({
    now: instants,
    to: numbers,
    timezone: fc.constantFrom(null, null, 'America/Denver', 'Asia/Tokyo'),
    expires: mostly<number | null>(null, -1, 1),
    status: mostly<CampaignState>('active', 'draft', 'paused', 'completed', 'cancelled'),
    hours: mostly({ start: '00:00', end: '24:00' }, { start: '09:00', end: '17:00' }),
    days: mostly([1, 2, 3, 4, 5, 6, 7], [1, 2, 3, 4, 5]),
    endDate: mostly<string | null>(null, '2026-12-31'),
    guard: fc.constantFrom(...LEGAL_GUARDS),
    ownGuard: mostly<LegalGuard | null>(null, ...LEGAL_GUARDS),
    trusted: fc.boolean(),
    published: mostly<'published' | 'draft'>('published', 'draft'),
    killSwitch: mostly(false, true),
    doNotCallEnabled: fc.boolean(),
    source: fc.constantFrom('environment', 'global', 'custom'),
    custom: mostly(false, true),
    doNotCall: fc.oneof(
      { weight: 4, arbitrary: fc.constant<DoNotCallMatch[]>([]) },
      { weight: 1, arbitrary: fc.array(matches, { maxLength: 2 }) },
    ),
    registries: fc.oneof(
      { weight: 4, arbitrary: fc.constant<RegistryState[]>([]) },
      { weight: 1, arbitrary: fc.array(registries, { maxLength: 1 }) },
    ),
    day: limit,
    week: limit,
    gap: limit,
    success: limit,
    sentHoursAgo: fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { maxLength: 4 }),
    credits: mostly<number | null>(null, 5, 0),
    budget: mostly(true, false),
    numberBusy: mostly(false, true),
    callerIds: mostly(false, true),
    trunkRests: mostly<(number | null)[]>([null], [], [1], [1, 2], [-1], [1, null]),
    isTesting: fc.boolean(),
  })
  .map((given): DialFacts => {
    const sentAt = given.sentHoursAgo
      .map((hours) => new Date(given.now.getTime() - hours * HOUR_MS))
      .sort((a, b) => b.getTime() - a.getTime());
    return {
      trunks: given.trunkRests.map((hours, nth) => ({
        name: `trunk ${nth}`,
        restsUntil: hours === null ? null : new Date(given.now.getTime() + hours * HOUR_MS),
      })),
      now: given.now,
      call: {
        to: given.to,
        timezone: given.timezone,
        expiresAt: given.expires === null ? null : new Date(given.now.getTime() + given.expires * HOUR_MS),
        isTesting: given.isTesting,
      },
      campaign: {
        status: given.status,
        timezone: 'America/New_York',
        startDate: '2026-01-01',
        endDate: given.endDate,
        daysOfWeek: given.days,
        callTimeRanges: [given.hours],
        holidays: [],
        legalGuard: given.ownGuard,
        doNotCallEnabled: given.doNotCallEnabled,
        doNotCallListSource: given.source,
        doNotCallCustomList: given.custom ? [given.to] : [],
      },
      agent: { currentStatus: given.published },
      environment: {
        killSwitch: given.killSwitch,
        legalGuard: given.guard,
        trustCallTimezone: given.trusted,
        legalDates: [],
        maxAttemptsPerNumberDay: given.day,
        maxAttemptsPerNumberWeek: given.week,
        minAttemptGapMinutes: given.gap,
        successCooldownHours: given.success,
      },
      doNotCall: { matches: given.doNotCall, registries: given.registries },
      history: { sentAt, answeredAt: sentAt[0] ?? null, completion: null },
      cooldownHourSeconds: 3600,
      creditBalance: given.credits,
      spending: given.budget ? FREE_OF_CHARGE : { ...FREE_OF_CHARGE, dailyBudget: 0 },
      numberBusySince: given.numberBusy ? given.now : null,
      callerIds: given.callerIds ? CAPPED : null,
    };
  });

/** A pool whose one number has made its call of the day, whichever day that is. */
const CAPPED: DialFacts['callerIds'] = {
  pool: ['+12025550100'],
  unshown: 0,
  uses: new Map([['+12025550100', { recentStartsMs: [], day: '2030-01-01', startsOfDay: 1 }]]),
  limits: { maxCallsPerCallerIdSecond: null, maxCallsPerCallerIdDay: 1, callerIdTimezone: 'UTC' },
};

/** One rule more, or one made stricter. */
const TIGHTENINGS: Record<string, (facts: DialFacts) => DialFacts> = {
  'an opt-out': (facts) => listed(facts, OPT_OUT),
  'a list entry': (facts) => listed(facts, { ...OPT_OUT, kind: 'list' }),
  'a registry out of date': (facts) => ({
    ...facts,
    doNotCall: { ...facts.doNotCall, registries: [...facts.doNotCall.registries, STALE] },
  }),
  'a list read': (facts) => ({ ...facts, campaign: { ...facts.campaign, doNotCallEnabled: true } }),
  'a pool that is capped': (facts) => ({ ...facts, callerIds: CAPPED }),
  'the kill switch': (facts) => ({ ...facts, environment: { ...facts.environment, killSwitch: true } }),
  'a pause': (facts) => ({ ...facts, campaign: { ...facts.campaign, status: 'paused' } }),
  'a guard one step stricter': (facts) => ({
    ...facts,
    environment: { ...facts.environment, legalGuard: stricter(facts.environment.legalGuard) },
  }),
  'a guard of the campaign’s own': (facts) => ({
    ...facts,
    campaign: { ...facts.campaign, legalGuard: stricter(facts.campaign.legalGuard ?? 'off') },
  }),
  'a holiday today': (facts) => ({
    ...facts,
    campaign: { ...facts.campaign, holidays: [facts.now.toISOString().slice(0, 10)] },
  }),
  'hours cut short': (facts) => ({
    ...facts,
    campaign: { ...facts.campaign, callTimeRanges: [{ start: '10:00', end: '12:00' }] },
  }),
  'a last day': (facts) => ({ ...facts, campaign: { ...facts.campaign, endDate: '2026-02-01' } }),
  'a cap a day': (facts) => tightened(facts, { maxAttemptsPerNumberDay: 1 }),
  'a cap a week': (facts) => tightened(facts, { maxAttemptsPerNumberWeek: 1 }),
  'a gap': (facts) => tightened(facts, { minAttemptGapMinutes: 600 }),
  'a cooldown': (facts) => tightened(facts, { successCooldownHours: 100 }),
  'a completed campaign': (facts) => ({
    ...facts,
    history: { ...facts.history, completion: { campaignId: 'c2', completedAt: facts.now, cooldownHours: 1 } },
  }),
  'one request more': (facts) => ({
    ...facts,
    history: { ...facts.history, sentAt: [facts.now, ...facts.history.sentAt] },
  }),
  'a blackout': (facts) => ({
    ...facts,
    environment: {
      ...facts.environment,
      legalDates: ['US', 'FR', 'AU', 'GB'].map(
        (country) => `blackout:${country}:${facts.now.toISOString().slice(0, 10)}`,
      ),
    },
  }),
  'no credits': (facts) => ({ ...facts, creditBalance: 0 }),
  'a dearer call': (facts) => ({ ...facts, spending: { ...facts.spending, needed: 6 } }),
  'a budget that is spent': (facts) => ({
    ...facts,
    spending: { ...facts.spending, totalBudget: 10, spent: 10 },
  }),
  'another call to the number': (facts) => ({ ...facts, numberBusySince: facts.now }),
  'one trunk less': (facts) => ({ ...facts, trunks: facts.trunks.slice(1) }),
};

const OPT_OUT: DoNotCallMatch = {
  id: 'e2',
  kind: 'opt_out',
  list: 'environment',
  expiresAt: null,
  source: null,
  registryId: null,
};

const STALE: RegistryState = {
  id: 'r2',
  name: 'stale',
  list: 'environment',
  snapshotDate: null,
  maxAgeDays: 31,
};

function listed(facts: DialFacts, match: DoNotCallMatch): DialFacts {
  const { matches, registries } = facts.doNotCall;
  return { ...facts, doNotCall: { matches: [match, ...matches], registries } };
}

function stricter(guard: (typeof LEGAL_GUARDS)[number]): (typeof LEGAL_GUARDS)[number] {
  return LEGAL_GUARDS[LEGAL_GUARDS.indexOf(guard) + 1] ?? 'enforce';
}

function tightened(facts: DialFacts, limits: Partial<DialFacts['environment']>): DialFacts {
  return { ...facts, environment: { ...facts.environment, ...limits } };
}

describe('the decision, whatever the facts', () => {
  it('dials often enough in these properties for them to mean something', () => {
    const kinds = fc.sample(anyFacts, { numRuns: 1_000, seed: 7 }).map((facts) => decideDial(facts).kind);
    for (const kind of ['dial', 'wait', 'refuse']) {
      expect(kinds.filter((each) => each === kind).length, kind).toBeGreaterThan(100);
    }
  });

  it('is the same for the same facts', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        expect(decideDial(structuredClone(facts))).toEqual(decideDial(facts));
      }),
    );
  });

  it.each(Object.keys(TIGHTENINGS))('%s never lets go what was held without it', (name) => {
    const tighten = TIGHTENINGS[name];
    if (tighten === undefined) throw new Error(name);
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const before = decideDial(facts);
        const after = decideDial(tighten(facts));
        if (before.kind !== 'dial') expect(after.kind).not.toBe('dial');
        else if (after.kind === 'dial') expect(after.openUntil <= before.openUntil).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('never dials a number that opted out, nor one on a list that its campaign reads', () => {
    fc.assert(
      fc.property(anyFacts, fc.boolean(), (facts, isOptOut) => {
        const given: DialFacts = isOptOut
          ? listed(facts, OPT_OUT)
          : listed(
              {
                ...facts,
                campaign: {
                  ...facts.campaign,
                  doNotCallEnabled: true,
                  doNotCallListSource: 'environment',
                },
              },
              { ...OPT_OUT, kind: 'list' },
            );
        expect(decideDial(given)).toMatchObject({ kind: 'refuse' });
      }),
      { numRuns: 1_000 },
    );
  });

  it('moves a waiting call only as the lifecycle allows, and only into an end', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const decision = decideDial(facts);
        if (decision.kind !== 'refuse') return;
        expect(mayMove('waiting', decision.state)).toBe(true);
        expect(isFinal(decision.state)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('never dials past the end of what it says is open, and expects a held call no earlier than it may go', () => {
    fc.assert(
      fc.property(anyFacts, (facts) => {
        const decision = decideDial(facts);
        if (decision.kind === 'dial') {
          expect(decision.openUntil > facts.now).toBe(true);
          const last = new Date(decision.openUntil.getTime() - 1);
          // Time alone may end a call, or free a number; it never closes the hours early.
          const later = decideDial({ ...facts, now: last, call: { ...facts.call, expiresAt: null } });
          expect(later.kind).toBe('dial');
          const atEnd = decideDial({ ...facts, now: decision.openUntil });
          const isFullDay = decision.openUntil.getTime() - facts.now.getTime() === 24 * HOUR_MS;
          expect(atEnd.kind === 'dial' && !isFullDay).toBe(false);
        }
        if (decision.kind === 'wait' && decision.expected !== null && decision.until !== null) {
          expect(decision.expected >= decision.until).toBe(true);
          expect(decision.until > facts.now).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('is no surprise after intake: a call that was expected at an instant, and nothing else changed, is dialled then', () => {
    fc.assert(
      fc.property(anyFacts, fc.nat(200_000), (facts, delaySeconds) => {
        const campaign = { ...facts.campaign, status: 'active' as const, initialCallDelay: 0 };
        const quiet: DialFacts = {
          ...facts,
          campaign,
          agent: { currentStatus: 'published' },
          environment: { ...facts.environment, killSwitch: false },
          call: { ...facts.call, expiresAt: null },
          doNotCall: { ...facts.doNotCall, registries: [] },
          creditBalance: null,
          spending: FREE_OF_CHARGE,
          numberBusySince: null,
          trunks: UNTOUCHED.trunks,
          callerIds: null,
        };
        const plan = planIntake({ ...quiet, campaign, notBefore: null, delaySeconds });
        if (plan.kind === 'block') {
          expect(decideDial(quiet).kind).not.toBe(delaySeconds === 0 ? 'dial' : 'nothing');
          return;
        }
        expect(plan.at >= plan.readyAt).toBe(true);
        expect(decideDial({ ...quiet, now: plan.at }).kind).toBe('dial');
      }),
      { numRuns: 500 },
    );
  });
});
