import { describe, expect, it } from 'vitest';
import type { CallerIdFacts, CallerIdLimits } from './caller-ids.js';
import { FREE_ENVIRONMENT, FREE_OF_CHARGE, OFFICE_HOURS, UNTOUCHED } from './facts-under-test.js';
import { whyHeld, whyIdle, type CampaignFacts, type HeldFacts } from './why.js';

const NOW = new Date('2026-11-23T12:00:00Z'); // a Monday

const DIALLING: CampaignFacts = {
  now: NOW,
  campaign: {
    status: 'active',
    pauseReason: null,
    maxCallsPerMinute: null,
    rampSeconds: null,
    ...OFFICE_HOURS,
  },
  agent: { currentStatus: 'published' },
  environment: { killSwitch: false },
  due: 5,
  later: 2,
  nextDueAt: new Date('2026-11-23T13:00:00Z'),
  slots: {
    campaign: { inUse: 1, limit: 2, reserved: 0 },
    environment: { inUse: 1, limit: 100, reserved: 0 },
  },
  pace: {
    callsPerSecond: 10,
    currentCallsPerSecond: 10,
    resumesAt: null,
    restsUntil: null,
    nextStartAt: NOW,
    campaignOnScheduleAtMs: null,
    rampSeconds: 60,
    reservedShare: 0,
  },
  creditBalance: null,
  spending: FREE_OF_CHARGE,
  callerIds: null,
  provider: { taken: 10, turnedAway: 1, unknown: 1 },
  heldBy: [],
  heldByOfFirst: null,
  hasLeader: true,
  isHeard: true,
};

/** One caller id that made two calls a moment ago. */
function calledFrom(limits: Partial<CallerIdLimits>): CallerIdFacts {
  const use = { recentStartsMs: [NOW.getTime() - 500, NOW.getTime() - 1], day: '2026-11-23', startsOfDay: 2 };
  return {
    pool: ['+12025550100'],
    unshown: 0,
    uses: new Map([['+12025550100', use]]),
    limits: {
      maxCallsPerCallerIdSecond: null,
      maxCallsPerCallerIdDay: null,
      callerIdTimezone: 'America/New_York',
      ...limits,
    },
  };
}

function changed(change: {
  campaign?: Partial<CampaignFacts['campaign']>;
  rest?: Partial<CampaignFacts>;
}): CampaignFacts {
  return { ...DIALLING, ...change.rest, campaign: { ...DIALLING.campaign, ...change.campaign } };
}

describe('why a campaign is idle', () => {
  it('is nothing while it dials', () => {
    expect(whyIdle(DIALLING)).toEqual([]);
  });

  it.each<[string, Parameters<typeof changed>[0], string, string | null]>([
    ['paused by hand', { campaign: { status: 'paused' } }, 'campaign_not_active', null],
    ['a kill switch', { rest: { environment: { killSwitch: true } } }, 'kill_switch', null],
    ['a draft agent', { rest: { agent: { currentStatus: 'draft' } } }, 'agent_not_published', null],
    [
      'hours that are closed',
      { campaign: { callTimeRanges: [{ start: '13:00', end: '17:00' }] } },
      'outside_calling_window',
      '2026-11-23T13:00:00.000Z',
    ],
    [
      'a weekday off',
      { campaign: { daysOfWeek: [3] } },
      'outside_calling_window',
      '2026-11-25T09:00:00.000Z',
    ],
    ['a last day that is over', { campaign: { endDate: '2026-11-22' } }, 'campaign_ended', null],
    [
      'hours that never open again',
      { campaign: { endDate: '2026-11-24', daysOfWeek: [5] } },
      'no_lawful_opening',
      null,
    ],
    ['no calls', { rest: { due: 0, later: 0, nextDueAt: null } }, 'nothing_waits', null],
    ['calls for later', { rest: { due: 0 } }, 'nothing_is_due', '2026-11-23T13:00:00.000Z'],
    [
      'its own slots',
      { rest: { slots: { ...DIALLING.slots, campaign: { inUse: 2, limit: 2, reserved: 0 } } } },
      'campaign_slots_in_use',
      null,
    ],
    [
      'the slots of the environment',
      { rest: { slots: { ...DIALLING.slots, environment: { inUse: 100, limit: 100, reserved: 0 } } } },
      'environment_slots_in_use',
      null,
    ],
    [
      'hours that have just opened',
      { campaign: { callTimeRanges: [{ start: '11:59', end: '17:00' }], rampSeconds: 600 } },
      'campaign_ramp',
      '2026-11-23T12:09:00.000Z',
    ],
    [
      'caller ids that have made their calls of the day',
      { rest: { callerIds: calledFrom({ maxCallsPerCallerIdDay: 2 }) } },
      'caller_ids_capped',
      '2026-11-24T05:00:00.000Z',
    ],
    [
      'caller ids that are taken in this second',
      { rest: { callerIds: calledFrom({ maxCallsPerCallerIdSecond: 2 }) } },
      'caller_id_pace',
      null,
    ],
    [
      'slots of which the rest is kept for others',
      { rest: { slots: { ...DIALLING.slots, environment: { inUse: 90, limit: 100, reserved: 10 } } } },
      'environment_slots_in_use',
      null,
    ],
    ['no dialer', { rest: { hasLeader: false } }, 'no_dialer', null],
    ['nobody who hears the carrier', { rest: { isHeard: false } }, 'carrier_not_heard', null],
    ['nothing left to spend', { rest: { creditBalance: 0 } }, 'no_credits', null],
    [
      'a trunk whose starts are taken',
      {
        rest: {
          pace: { ...DIALLING.pace, nextStartAt: new Date(NOW.getTime() + 900) },
        },
      },
      'trunk_pace',
      null,
    ],
    [
      'a provider at its limit',
      {
        rest: {
          pace: { ...DIALLING.pace, currentCallsPerSecond: 5, nextStartAt: new Date(NOW.getTime() + 900) },
        },
      },
      'trunk_slowed',
      null,
    ],
    [
      'a provider that asked for a pause',
      {
        rest: {
          pace: {
            ...DIALLING.pace,
            currentCallsPerSecond: 5,
            resumesAt: new Date('2026-11-23T12:00:07Z'),
          },
        },
      },
      'trunk_slowed',
      '2026-11-23T12:00:07.000Z',
    ],
    [
      'a provider that takes less than it turns away',
      { rest: { provider: { taken: 2, turnedAway: 2, unknown: 1 } } },
      'provider_turns_calls_away',
      null,
    ],
  ])('is told for %s', (_, change, reason, until) => {
    const reasons = whyIdle(changed(change));
    expect(reasons.map((one) => [one.reason, one.until?.toISOString() ?? null])).toEqual([[reason, until]]);
    expect(reasons[0]?.sentence).toMatch(/^[A-Z].*\.$/);
  });

  it('is, with nothing due, each rule that holds calls of it, with how many and until when', () => {
    const heldBy = [
      { reason: 'number_cap_reached', count: 7, nextAt: new Date('2026-11-24T09:00:00Z') },
      { reason: 'busy', count: 4, nextAt: new Date('2026-11-23T13:00:00Z') },
      { reason: 'outside_legal_hours', count: 2, nextAt: new Date('2026-11-23T14:00:00Z') },
      { reason: 'no_credits', count: 1, nextAt: NOW },
    ];
    const reasonsOf = (rest: Partial<CampaignFacts>) =>
      whyIdle(changed({ rest: { heldBy, later: 14, ...rest } }));
    expect(reasonsOf({ due: 0 }).map(({ reason, sentence, until }) => [reason, sentence, until])).toEqual([
      ['nothing_is_due', 'Its waiting calls are all due later: 14.', DIALLING.nextDueAt],
      ['no_credits', 'Held while there were too few credits: 1.', NOW],
      [
        'outside_legal_hours',
        'Held for the legal hours of the people called: 2.',
        new Date('2026-11-23T14:00:00Z'),
      ],
      [
        'number_cap_reached',
        'Held since their numbers have been called as often as is allowed: 7.',
        new Date('2026-11-24T09:00:00Z'),
      ],
    ]);
    expect(reasonsOf({ due: 1 })).toEqual([]);
    const saidOnce = reasonsOf({ due: 0, creditBalance: 0 }).filter(({ reason }) => reason === 'no_credits');
    expect(saidOnce).toHaveLength(1);
  });

  it.each<[string, Partial<CampaignFacts>, 'stops' | 'slows']>([
    [
      'its own slots',
      { slots: { ...DIALLING.slots, campaign: { inUse: 2, limit: 2, reserved: 0 } } },
      'slows',
    ],
    [
      'slots others have',
      {
        slots: {
          campaign: { inUse: 0, limit: 2, reserved: 0 },
          environment: { inUse: 9, limit: 9, reserved: 0 },
        },
      },
      'stops',
    ],
    [
      'slots it has a part of',
      {
        slots: {
          campaign: { inUse: 1, limit: 2, reserved: 0 },
          environment: { inUse: 9, limit: 9, reserved: 0 },
        },
      },
      'slows',
    ],
    ['the pace', { pace: { ...DIALLING.pace, nextStartAt: new Date(NOW.getTime() + 800) } }, 'slows'],
    ['a provider at its limit', { pace: { ...DIALLING.pace, currentCallsPerSecond: 0.625 } }, 'slows'],
    [
      'a provider that asked for a pause',
      { pace: { ...DIALLING.pace, currentCallsPerSecond: 5, resumesAt: new Date(NOW.getTime() + 1) } },
      'stops',
    ],
    [
      'a provider whose pause is over',
      { pace: { ...DIALLING.pace, currentCallsPerSecond: 5, resumesAt: NOW } },
      'slows',
    ],
    [
      'its own pace',
      {
        campaign: { ...DIALLING.campaign, maxCallsPerMinute: 6 },
        pace: { ...DIALLING.pace, campaignOnScheduleAtMs: NOW.getTime() + 1 },
      },
      'slows',
    ],
    ['a provider that takes none', { provider: { taken: 0, turnedAway: 2, unknown: 1 } }, 'stops'],
    ['a provider that takes half', { provider: { taken: 3, turnedAway: 2, unknown: 1 } }, 'slows'],
    ['no credits', { creditBalance: -1 }, 'stops'],
  ])('tells for %s whether it stops or slows', (_, rest, effect) => {
    expect(whyIdle({ ...DIALLING, ...rest }).map((one) => one.effect)).toEqual([effect]);
  });

  it('does not blame a provider for a request or two, nor a trunk for a start that is near', () => {
    const rest = {
      provider: { taken: 0, turnedAway: 1, unknown: 1 },
      pace: { ...DIALLING.pace, currentCallsPerSecond: 9.96, nextStartAt: new Date(NOW.getTime() + 799) },
    };
    expect(whyIdle(changed({ rest }))).toEqual([]);
  });

  it('is all of it at once, what people did first, with the reason of a pause', () => {
    const facts = changed({
      campaign: { status: 'paused', pauseReason: 'our_fault: sip_403' },
      rest: { hasLeader: false, environment: { killSwitch: true } },
    });
    expect(whyIdle(facts).map(({ reason }) => reason)).toEqual([
      'campaign_not_active',
      'kill_switch',
      'no_dialer',
    ]);
    expect(whyIdle(facts)[0]?.sentence).toContain('sip_403');
  });
});

describe('what holds a call', () => {
  const LONG_AGO = new Date('2026-11-01T00:00:00Z');
  const MADE_AT = new Date('2026-11-23T11:00:00Z');
  const facts: HeldFacts & CampaignFacts = {
    ...DIALLING,
    call: {
      to: '+12025550100',
      timezone: null,
      expiresAt: null,
      isTesting: false,
      reason: null,
      heldSince: null,
      readyAt: MADE_AT,
      updatedAt: MADE_AT,
      attemptsSpent: 0,
    },
    campaign: {
      ...DIALLING.campaign,
      doNotCallEnabled: false,
      doNotCallListSource: 'environment' as const,
      doNotCallCustomList: [],
      legalGuard: null,
      updatedAt: LONG_AGO,
    },
    agent: { currentStatus: 'published', updatedAt: LONG_AGO },
    environment: { ...FREE_ENVIRONMENT, updatedAt: LONG_AGO },
    doNotCall: { matches: [], registries: [] },
    numberBusySince: null,
    ...UNTOUCHED,
  };

  it('is its time, moved into the hours, while it is not due', () => {
    const call = { ...facts.call, readyAt: new Date('2026-11-23T18:00:00Z') };
    expect(whyHeld({ ...facts, call }, [])).toEqual({
      reason: 'not_due',
      rule: 'initial_delay',
      since: MADE_AT,
      nextAt: new Date('2026-11-24T09:00:00Z'),
      evidence: null,
    });
  });

  it('is told since when: a retry since its end, a rule since it first held, hours since they closed', () => {
    const since = (change: Partial<HeldFacts>) => whyHeld({ ...facts, ...change }, []).since;
    const retry = { ...facts.call, attemptsSpent: 1, readyAt: new Date('2026-11-23T18:00:00Z') };
    expect(whyHeld({ ...facts, call: retry }, [])).toMatchObject({ rule: 'retry', since: MADE_AT });
    const heldSince = new Date('2026-11-23T11:30:00Z');
    const inTwoSeconds = new Date(NOW.getTime() + 2_000);
    const busy = { ...facts.call, reason: 'number_in_another_call', heldSince, readyAt: inTwoSeconds };
    expect(since({ call: busy, numberBusySince: heldSince })).toEqual(heldSince);
    expect(since({ numberBusySince: heldSince })).toEqual(MADE_AT);

    const closed = { ...facts.campaign, callTimeRanges: [{ start: '09:00', end: '11:45' }] };
    expect(since({ campaign: closed })).toEqual(new Date('2026-11-23T11:45:00Z'));
    const fridays = { ...facts.campaign, daysOfWeek: [5] };
    const old = { ...facts.call, readyAt: LONG_AGO, updatedAt: LONG_AGO };
    expect(since({ campaign: fridays, call: old })).toEqual(new Date('2026-11-20T17:00:00Z'));
    const never = { ...facts.campaign, startDate: '2026-12-01' };
    expect(since({ campaign: never, call: old })).toEqual(LONG_AGO);

    const thrownAt = new Date('2026-11-23T11:50:00Z');
    const environment = { ...facts.environment, killSwitch: true, updatedAt: thrownAt };
    expect(since({ environment })).toEqual(thrownAt);
    expect(since({ campaign: { ...facts.campaign, status: 'paused', updatedAt: thrownAt } })).toEqual(
      thrownAt,
    );
    expect(since({ agent: { currentStatus: 'draft', updatedAt: thrownAt } })).toEqual(thrownAt);
  });

  it('is the law of the person it calls, and not the time that law set', () => {
    const call = {
      ...facts.call,
      reason: 'outside_legal_hours',
      readyAt: new Date('2026-11-23T13:00:00Z'),
    };
    const environment = { ...facts.environment, legalGuard: 'enforce' as const };
    expect(whyHeld({ ...facts, environment, call }, [])).toMatchObject({
      reason: 'outside_legal_hours',
      rule: 'legal_guard',
      nextAt: call.readyAt,
    });
  });

  it('is told without a forecast where a rule only steps back: when it is asked again, where that is planned', () => {
    const inTenMinutes = new Date(NOW.getTime() + 600_000);
    const stepped = { ...facts.call, reason: 'no_credits', readyAt: inTenMinutes };
    expect(whyHeld({ ...facts, creditBalance: 0, call: stepped }, [])).toMatchObject({
      nextAt: inTenMinutes,
    });
    expect(whyHeld({ ...facts, creditBalance: 0 }, [])).toMatchObject({ reason: 'no_credits', nextAt: null });
    const another = { ...stepped, reason: 'number_in_another_call' };
    expect(whyHeld({ ...facts, creditBalance: 0, call: another }, [])).toMatchObject({ nextAt: null });
  });

  it('is a try that was given back, while its next one is not due', () => {
    const readyAt = new Date(NOW.getTime() + 4_000);
    const givenBack = { ...facts.call, reason: 'carrier_limit', readyAt };
    expect(whyHeld({ ...facts, call: givenBack }, [])).toMatchObject({
      reason: 'not_due',
      rule: 'give_back',
    });
    const retried = { ...givenBack, reason: 'busy', attemptsSpent: 1 };
    expect(whyHeld({ ...facts, call: retried }, [])).toMatchObject({ reason: 'not_due', rule: 'retry' });
  });

  it('is the first rule that does not pass, with what every rule said until then', () => {
    const held = whyHeld({ ...facts, environment: { ...facts.environment, killSwitch: true } }, []);
    expect(held).toMatchObject({ reason: 'kill_switch', rule: 'kill_switch_off' });
    expect(held.evidence?.rules.at(-1)).toMatchObject({ rule: 'kill_switch_off', passed: false });
  });

  it('is what keeps its campaign, where every rule passes, else nothing but its turn', () => {
    const idle = whyIdle({ ...DIALLING, hasLeader: false });
    expect(whyHeld(facts, idle)).toMatchObject({ reason: 'no_dialer', rule: null });
    expect(whyHeld(facts, [])).toMatchObject({ reason: 'about_to_dial', nextAt: NOW });
  });
});
