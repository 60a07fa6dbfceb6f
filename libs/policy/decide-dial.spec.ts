import { describe, expect, it } from 'vitest';
import { decideDial, type DialFacts } from './decide-dial.js';
import type { DoNotCallMatch, RegistryState } from './do-not-call.js';
import { FREE_ENVIRONMENT as ENVIRONMENT, FREE_OF_CHARGE, UNTOUCHED } from './facts-under-test.js';

const MONDAY_NOON = new Date('2026-11-23T12:00:00Z');

function facts(overrides: Partial<DialFacts> = {}, campaign: Partial<DialFacts['campaign']> = {}): DialFacts {
  return {
    now: MONDAY_NOON,
    call: { to: '+12025550100', timezone: null, expiresAt: null, isTesting: false },
    campaign: {
      status: 'active',
      timezone: 'UTC',
      startDate: '2026-11-01',
      endDate: null,
      daysOfWeek: [1, 2, 3, 4, 5],
      callTimeRanges: [{ start: '09:00', end: '17:00' }],
      doNotCallEnabled: false,
      doNotCallListSource: 'environment',
      doNotCallCustomList: [],
      legalGuard: null,
      ...campaign,
    },
    agent: { currentStatus: 'published' },
    environment: ENVIRONMENT,
    doNotCall: { matches: [], registries: [] },
    creditBalance: null,
    spending: FREE_OF_CHARGE,
    numberBusySince: null,
    ...UNTOUCHED,
    ...overrides,
  };
}

function entry(overrides: Partial<DoNotCallMatch>): DoNotCallMatch {
  return {
    id: 'e1',
    kind: 'list',
    list: 'environment',
    expiresAt: null,
    source: null,
    registryId: null,
    ...overrides,
  };
}

const REGISTRY: RegistryState = {
  id: 'r1',
  name: 'us-ftc',
  list: 'environment',
  snapshotDate: '2026-11-20',
  maxAgeDays: 31,
};

const CAPPED: DialFacts['callerIds'] = {
  pool: ['+12025550199'],
  unshown: 0,
  uses: new Map([['+12025550199', { recentStartsMs: [], day: '2026-11-23', startsOfDay: 9 }]]),
  limits: { maxCallsPerCallerIdSecond: null, maxCallsPerCallerIdDay: 9, callerIdTimezone: 'UTC' },
};

const RESTING = (name: string, forMs: number) => ({
  name,
  restsUntil: new Date(MONDAY_NOON.getTime() + forMs),
});

const READS_OWN: Partial<DialFacts['campaign']> = { doNotCallEnabled: true };

describe('the decision to dial', () => {
  it('dials inside the hours, until the window closes', () => {
    expect(decideDial(facts())).toMatchObject({ kind: 'dial', openUntil: new Date('2026-11-23T17:00:00Z') });
  });

  it.each<[string, DialFacts, object]>([
    [
      'waits for the opening outside the hours',
      facts({ now: new Date('2026-11-23T17:00:00Z') }),
      {
        kind: 'wait',
        because: 'outside_calling_window',
        until: null,
        expected: new Date('2026-11-24T09:00:00Z'),
      },
    ],
    [
      'waits for the day after where every caller id has made its calls, and can be freed before',
      facts({ callerIds: CAPPED }),
      {
        kind: 'wait',
        because: 'caller_ids_capped',
        until: null,
        expected: new Date('2026-11-24T09:00:00Z'),
      },
    ],
    [
      'waits, and does not fail, where that is after the last day',
      facts({ callerIds: CAPPED }, { endDate: '2026-11-23' }),
      { kind: 'wait', because: 'caller_ids_capped', until: null, expected: null },
    ],
    [
      'steps back meanwhile where others of its campaign may go, over trunks that show more caller ids',
      facts({ callerIds: { ...CAPPED, unshown: 1 } }),
      {
        kind: 'wait',
        because: 'caller_ids_capped',
        until: new Date(MONDAY_NOON.getTime() + 60_000),
        expected: new Date('2026-11-24T09:00:00Z'),
      },
    ],
    [
      'steps back where no trunk takes it',
      facts({ trunks: [] }),
      { kind: 'wait', because: 'no_trunk', until: new Date(MONDAY_NOON.getTime() + 60_000) },
    ],
    [
      'waits until the first of its trunks has rested, where all rest',
      facts({ trunks: [RESTING('one', 9_000), RESTING('two', 4_000)] }),
      { kind: 'wait', because: 'trunk_resting', until: new Date(MONDAY_NOON.getTime() + 4_000) },
    ],
    [
      'goes where one of its trunks does not rest, or has rested',
      facts({ trunks: [RESTING('one', 9_000), RESTING('two', 0)] }),
      { kind: 'dial' },
    ],
    ['waits while the campaign is paused', facts({}, { status: 'paused' }), { kind: 'wait', until: null }],
    [
      'waits while the kill switch is on',
      facts({ environment: { ...ENVIRONMENT, killSwitch: true } }),
      { kind: 'wait', because: 'kill_switch' },
    ],
    [
      'waits while the agent is not published',
      facts({ agent: { currentStatus: 'draft' } }),
      { kind: 'wait', because: 'agent_not_published' },
    ],
    [
      'waits while the number is in another call',
      facts({ numberBusySince: MONDAY_NOON }),
      { kind: 'wait', because: 'number_in_another_call', until: new Date('2026-11-23T12:00:02Z') },
    ],
    [
      'ends the call of a cancelled campaign',
      facts({}, { status: 'cancelled' }),
      { kind: 'refuse', state: 'cancelled' },
    ],
    [
      'ends the call of a completed campaign',
      facts({}, { status: 'completed' }),
      { kind: 'refuse', state: 'expired' },
    ],
    [
      'ends a call after the last day',
      facts({}, { endDate: '2026-11-22' }),
      { kind: 'refuse', because: 'campaign_ended' },
    ],
    [
      'ends a call past its own deadline',
      facts({ call: { to: '+12025550100', timezone: null, expiresAt: MONDAY_NOON, isTesting: false } }),
      { kind: 'refuse', because: 'call_expired', state: 'expired' },
    ],
    [
      'blocks a call that no window will ever allow',
      facts({ now: new Date('2026-11-27T18:00:00Z') }, { endDate: '2026-11-29' }),
      { kind: 'refuse', because: 'no_lawful_opening', state: 'blocked' },
    ],
  ])('%s', (_, given, expected) => {
    expect(decideDial(given)).toMatchObject(expected);
  });

  it.each<[string, DoNotCallMatch[], Partial<DialFacts['campaign']>, boolean]>([
    [
      'an opt-out blocks whatever the campaign says',
      [entry({ kind: 'opt_out' })],
      { doNotCallEnabled: false },
      true,
    ],
    [
      'a list entry does not count where the campaign reads no list',
      [entry({})],
      { doNotCallEnabled: false },
      false,
    ],
    [
      'a list entry of the environment counts where it is read',
      [entry({})],
      { doNotCallEnabled: true },
      true,
    ],
    ['an expired entry does not count', [entry({ kind: 'opt_out', expiresAt: MONDAY_NOON })], {}, false],
    [
      'a global entry does not count where only the environment is read',
      [entry({ list: 'global' })],
      { doNotCallEnabled: true },
      false,
    ],
    [
      'a global entry counts where the global list is read',
      [entry({ list: 'global' })],
      { doNotCallEnabled: true, doNotCallListSource: 'global' },
      true,
    ],
    [
      'the campaign list blocks where the source is custom',
      [],
      { doNotCallEnabled: true, doNotCallListSource: 'custom', doNotCallCustomList: ['+12025550100'] },
      true,
    ],
    [
      'the campaign list is not read while disabled',
      [],
      { doNotCallListSource: 'custom', doNotCallCustomList: ['+12025550100'] },
      false,
    ],
  ])('%s', (_, matches, campaign, blocked) => {
    const decision = decideDial(facts({ doNotCall: { matches, registries: [] } }, campaign));
    expect(decision.kind === 'refuse' && decision.because === 'do_not_call').toBe(blocked);
  });

  it.each<[string, Partial<RegistryState>, Partial<DialFacts['campaign']>, object]>([
    [
      'fresh enough to the day, it blocks',
      { snapshotDate: '2026-10-23' },
      READS_OWN,
      { because: 'do_not_call' },
    ],
    [
      'a day older, it holds, whatever it says of the number',
      { snapshotDate: '2026-10-22' },
      READS_OWN,
      {
        kind: 'wait',
        because: 'do_not_call_registry_out_of_date',
        until: new Date('2026-11-23T18:00:00Z'),
        expected: null,
      },
    ],
    [
      'at any age, it blocks',
      { snapshotDate: '2020-01-01', maxAgeDays: null },
      READS_OWN,
      { because: 'do_not_call' },
    ],
    ['without a snapshot, it holds', { snapshotDate: null }, READS_OWN, { kind: 'wait' }],
    ['a campaign that reads no list dials', { snapshotDate: null }, {}, { kind: 'dial' }],
    [
      'one that reads its own list dials',
      { snapshotDate: null },
      { ...READS_OWN, doNotCallListSource: 'custom' },
      { kind: 'dial' },
    ],
    [
      'one that reads the global list obeys it too',
      {},
      { ...READS_OWN, doNotCallListSource: 'global' },
      { because: 'do_not_call' },
    ],
    [
      'a global one is not read with the environment’s',
      { list: 'global', snapshotDate: null },
      READS_OWN,
      { kind: 'dial' },
    ],
    [
      'a global one is read with the global list',
      { list: 'global' },
      { ...READS_OWN, doNotCallListSource: 'global' },
      { because: 'do_not_call' },
    ],
  ])('of a registry that has the number: %s', (_, overrides, campaign, expected) => {
    const registry = { ...REGISTRY, ...overrides };
    const match = entry({ id: 'r1', list: registry.list, source: 'us-ftc', registryId: 'r1' });
    const doNotCall = { matches: [match], registries: [registry] };
    expect(decideDial(facts({ doNotCall }, campaign))).toMatchObject(expected);
  });

  it('blocks what another list has while a registry is out of date', () => {
    const registry = { ...REGISTRY, snapshotDate: null };
    for (const match of [entry({ kind: 'opt_out' }), entry({})]) {
      const doNotCall = { matches: [match], registries: [registry] };
      expect(decideDial(facts({ doNotCall }, READS_OWN))).toMatchObject({ because: 'do_not_call' });
    }
  });

  it('blocks a listed number before anything else may hold it, so that a pause does not hide the reason', () => {
    const decision = decideDial(
      facts(
        {
          doNotCall: { matches: [entry({ kind: 'opt_out' })], registries: [] },
          numberBusySince: MONDAY_NOON,
        },
        { status: 'paused' },
      ),
    );
    expect(decision).toMatchObject({ kind: 'refuse', state: 'blocked' });
  });

  it('keeps the verdict and the inputs of every rule asked, in order, up to the one that decided', () => {
    const { evidence } = decideDial(facts({ environment: { ...ENVIRONMENT, killSwitch: true } }));
    expect(evidence.rules.map(({ rule, passed }) => [rule, passed])).toEqual([
      ['campaign_open', true],
      ['call_not_expired', true],
      ['do_not_call', true],
      ['kill_switch_off', false],
    ]);
    expect(evidence).toMatchObject({ decidedAt: MONDAY_NOON.toISOString(), zoneData: expect.any(String) });
  });

  it('keeps with a dial what every rule looked at', () => {
    const call = { to: '+13055550100', timezone: 'America/Chicago', expiresAt: null, isTesting: false };
    const { evidence } = decideDial(
      facts({
        now: new Date('2026-11-23T15:00:00Z'),
        call: { ...call, expiresAt: new Date('2026-11-24T00:00:00Z') },
        environment: {
          ...ENVIRONMENT,
          legalGuard: 'auto',
          maxAttemptsPerNumberDay: 3,
          successCooldownHours: 1,
        },
        creditBalance: 12.5,
        history: {
          sentAt: [new Date('2026-11-22T16:00:00Z')],
          answeredAt: new Date('2026-11-22T16:00:00Z'),
          completion: null,
        },
      }),
    );
    expect(evidence.rules).toMatchObject([
      { rule: 'campaign_open', inputs: { status: 'active', endDate: null } },
      { rule: 'call_not_expired', inputs: { expiresAt: '2026-11-24T00:00:00.000Z' } },
      { rule: 'do_not_call', inputs: { enabled: false, source: 'environment', blocked: false } },
      { rule: 'kill_switch_off', inputs: { killSwitch: false } },
      { rule: 'campaign_active', inputs: { status: 'active' } },
      { rule: 'agent_published', inputs: { status: 'published' } },
      { rule: 'credits', inputs: { balance: 12.5, needed: 0, isTesting: false } },
      { rule: 'campaign_budget', inputs: { needed: 0, totalBudget: null, dailyBudget: null } },
      {
        rule: 'callee_zone',
        inputs: { mode: 'auto', zones: 2, zonesFrom: 'area_code', timezone: 'America/Chicago' },
      },
      {
        rule: 'calling_window',
        inputs: {
          timezone: 'UTC',
          daysOfWeek: [1, 2, 3, 4, 5],
          callTimeRanges: [{ start: '09:00', end: '17:00' }],
        },
      },
      { rule: 'legal_guard', inputs: { mode: 'auto', jurisdictions: ['US', 'US-FL'] } },
      { rule: 'number_free', inputs: { numberBusySince: null } },
      { rule: 'number_caps', inputs: { caps: [{ cap: 'day', used: 1, until: null }, {}, {}] } },
      { rule: 'number_cooldown', inputs: { cooldowns: [] } },
      { rule: 'trunk', inputs: { trunks: ['test'], resting: [] } },
      { rule: 'caller_ids', inputs: { limited: false } },
    ]);
    expect(evidence.rules.every(({ passed }) => passed)).toBe(true);
  });

  it.each<[string, Partial<DialFacts>, Partial<DialFacts['campaign']>, object]>([
    ['campaign_open', {}, { status: 'cancelled' }, { status: 'cancelled', endDate: null }],
    ['campaign_open', {}, { status: 'completed' }, { status: 'completed', endDate: null }],
    ['campaign_open', {}, { endDate: '2026-11-22' }, { status: 'active', endDate: '2026-11-22' }],
    [
      'do_not_call',
      { doNotCall: { matches: [entry({ kind: 'opt_out' })], registries: [] } },
      {},
      { blocked: true, entryId: 'e1' },
    ],
    ['campaign_active', {}, { status: 'draft' }, { status: 'draft' }],
    ['agent_published', { agent: { currentStatus: 'draft' } }, {}, { status: 'draft' }],
    ['credits', { creditBalance: 0 }, {}, { balance: 0, isTesting: false }],
    ['calling_window', {}, { daysOfWeek: [2] }, { timezone: 'UTC', daysOfWeek: [2] }],
    ['calling_window', {}, { daysOfWeek: [] }, { timezone: 'UTC', daysOfWeek: [] }],
    ['number_free', { numberBusySince: MONDAY_NOON }, {}, { numberBusySince: MONDAY_NOON }],
  ])('keeps what %s looked at when it decides: %j %j', (rule, overrides, campaign, inputs) => {
    const { evidence, kind } = decideDial(facts(overrides, campaign));
    expect(kind).not.toBe('dial');
    expect(evidence.rules.at(-1)).toMatchObject({ rule, passed: false, inputs });
  });

  const MIAMI = { to: '+13055550100', timezone: null, expiresAt: null, isTesting: false };
  const GUARDED = { ...ENVIRONMENT, legalGuard: 'auto' as const };
  const EIGHT_IN_MIAMI = new Date('2026-11-23T13:00:00Z');

  it.each<[string, Partial<DialFacts>, Partial<DialFacts['campaign']>, object]>([
    [
      'for the law of the person, as long as that is closed',
      { call: MIAMI, environment: GUARDED },
      {},
      { because: 'outside_legal_hours', until: EIGHT_IN_MIAMI, expected: EIGHT_IN_MIAMI },
    ],
    [
      'for the law alone, though its campaign is closed when that opens',
      { call: MIAMI, environment: GUARDED },
      {
        callTimeRanges: [
          { start: '09:00', end: '12:30' },
          { start: '20:00', end: '21:00' },
        ],
      },
      {
        because: 'outside_legal_hours',
        until: EIGHT_IN_MIAMI,
        expected: new Date('2026-11-23T20:00:00Z'),
      },
    ],
    [
      'a minute for credits',
      { creditBalance: 0 },
      {},
      { because: 'no_credits', until: new Date('2026-11-23T12:01:00Z'), expected: null },
    ],
    [
      'two seconds for another call to its number, before any limit that it may not count for in the end',
      {
        numberBusySince: MONDAY_NOON,
        environment: { ...ENVIRONMENT, maxAttemptsPerNumberDay: 1 },
        history: { ...UNTOUCHED.history, sentAt: [MONDAY_NOON] },
      },
      {},
      {
        because: 'number_in_another_call',
        until: new Date('2026-11-23T12:00:02Z'),
        expected: null,
      },
    ],
    [
      'as long as another call to its number has lasted',
      { numberBusySince: new Date('2026-11-23T11:59:51Z') },
      {},
      { because: 'number_in_another_call', until: new Date('2026-11-23T12:00:09Z') },
    ],
    [
      'no longer than fifteen seconds for another call, however long that lasts',
      { numberBusySince: new Date('2026-11-23T11:30:00Z') },
      {},
      { because: 'number_in_another_call', until: new Date('2026-11-23T12:00:15Z') },
    ],
    [
      'for a cap of the law that is enforced',
      {
        now: new Date('2026-11-23T15:00:00Z'),
        call: MIAMI,
        environment: GUARDED,
        history: {
          ...UNTOUCHED.history,
          sentAt: [13, 12, 11].map((hour) => new Date(Date.UTC(2026, 10, 23, hour))),
        },
      },
      { callTimeRanges: [{ start: '00:00', end: '24:00' }] },
      {
        because: 'number_cap_reached',
        until: new Date('2026-11-24T11:00:00Z'),
        expected: new Date('2026-11-24T13:00:00Z'),
      },
    ],
  ])('waits %s', (_, overrides, campaign, expected) => {
    expect(decideDial(facts(overrides, campaign))).toMatchObject({ kind: 'wait', ...expected });
  });

  it.each<[string, Partial<DialFacts>]>([
    [
      'whose number has had more requests than a law allows that is only warned of',
      {
        call: { ...MIAMI, to: '+14055550100' },
        now: new Date('2026-11-23T16:00:00Z'),
        environment: GUARDED,
        history: {
          ...UNTOUCHED.history,
          sentAt: [15, 14, 13].map((hour) => new Date(Date.UTC(2026, 10, 23, hour))),
        },
      },
    ],
    [
      'whose deadline is a millisecond away',
      { call: { ...MIAMI, expiresAt: new Date(MONDAY_NOON.getTime() + 1) } },
    ],
    ['that only tests, with nothing to spend', { call: { ...MIAMI, isTesting: true }, creditBalance: 0 }],
  ])('dials a call %s', (_, overrides) => {
    expect(decideDial(facts(overrides)).kind).toBe('dial');
  });

  it.each<[string, Partial<DialFacts>, Partial<DialFacts['campaign']>, string]>([
    [
      'hours never meet those of its person’s law',
      { call: MIAMI, environment: GUARDED },
      { callTimeRanges: [{ start: '09:00', end: '12:30' }], endDate: '2026-12-31' },
      'no_lawful_opening',
    ],
    [
      'person’s clock nobody can tell, where hours are enforced',
      { call: { ...MIAMI, to: '+19995550100' }, environment: { ...ENVIRONMENT, legalGuard: 'enforce' } },
      {},
      'callee_zone_unknown',
    ],
  ])('blocks a call whose %s', (_, overrides, campaign, because) => {
    const decision = decideDial(facts(overrides, campaign));
    expect(decision).toMatchObject({ kind: 'refuse', state: 'blocked', because });
    expect(decision.evidence.rules.at(-1)?.inputs).toMatchObject({ mode: expect.any(String) });
  });

  it('has no time to expect where only people can lift what holds it', () => {
    for (const decision of [
      decideDial(facts({ environment: { ...ENVIRONMENT, killSwitch: true } })),
      decideDial(facts({}, { status: 'paused' })),
      decideDial(facts({ agent: { currentStatus: 'draft' } })),
    ]) {
      expect(decision).toMatchObject({ kind: 'wait', until: null, expected: null });
    }
  });
});
