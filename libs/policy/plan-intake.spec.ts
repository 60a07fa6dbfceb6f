import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FREE_ENVIRONMENT, UNTOUCHED } from './facts-under-test.js';
import type { DoNotCallMatch } from './do-not-call.js';
import { intakePlanner, planIntake, type IntakeFacts, type OneOfMany } from './plan-intake.js';

const NOON = new Date('2026-11-23T12:00:00Z'); // 07:00 in Miami, where hours begin at 08:00
const EIGHT = new Date('2026-11-23T13:00:00Z');

function facts(
  overrides: Partial<IntakeFacts> = {},
  campaign: Partial<IntakeFacts['campaign']> = {},
): IntakeFacts {
  return {
    now: NOON,
    call: { to: '+13055550100', timezone: null },
    notBefore: null,
    delaySeconds: 0,
    doNotCall: { matches: [], registries: [] },
    environment: { ...FREE_ENVIRONMENT, legalGuard: 'auto' },
    ...UNTOUCHED,
    campaign: {
      timezone: 'UTC',
      startDate: '2026-01-01',
      endDate: null,
      daysOfWeek: [1, 2, 3, 4, 5, 6, 7],
      callTimeRanges: [{ start: '00:00', end: '24:00' }],
      doNotCallEnabled: false,
      doNotCallListSource: 'environment',
      doNotCallCustomList: [],
      initialCallDelay: 0,
      legalGuard: null,
      ...campaign,
    },
    ...overrides,
  };
}

describe('a new call', () => {
  it('that a registry out of date holds is looked at later, and is not lost', () => {
    const registries = [
      { id: 'r1', name: 'us-ftc', list: 'environment' as const, snapshotDate: '2026-10-01', maxAgeDays: 31 },
    ];
    const held = facts({ doNotCall: { matches: [], registries } }, { doNotCallEnabled: true });
    const later = new Date('2026-11-23T18:00:00Z');
    expect(planIntake({ ...held, call: { to: '+12125550100', timezone: null } })).toMatchObject({
      kind: 'accept',
      readyAt: later,
      at: later,
      because: 'do_not_call_registry_out_of_date',
    });
  });

  it('that nothing holds is due at once', () => {
    const call = { to: '+12125550100', timezone: null };
    expect(planIntake(facts({ call }))).toMatchObject({
      kind: 'accept',
      readyAt: NOON,
      at: NOON,
      because: null,
    });
  });

  it('that only the law of the person holds is not offered before it opens', () => {
    expect(planIntake(facts())).toMatchObject({
      kind: 'accept',
      readyAt: EIGHT,
      at: EIGHT,
      because: 'outside_legal_hours',
    });
  });

  it('that waits for its own time keeps it, and is expected when the law opens', () => {
    const readyAt = new Date('2026-11-23T12:30:00Z');
    const expected = { kind: 'accept', readyAt, at: EIGHT, because: null };
    expect(planIntake(facts({ delaySeconds: 1_800 }))).toMatchObject(expected);
    expect(planIntake(facts({ notBefore: readyAt }))).toMatchObject(expected);
    expect(planIntake(facts({}, { initialCallDelay: 1_800 }))).toMatchObject(expected);
  });

  it('is expected where the campaign and the law are both open', () => {
    const plan = planIntake(
      facts(
        {},
        {
          callTimeRanges: [
            { start: '12:00', end: '13:00' },
            { start: '20:00', end: '21:00' },
          ],
        },
      ),
    );
    expect(plan).toMatchObject({ at: new Date('2026-11-23T20:00:00Z') });
  });

  it('is blocked where the two never meet, and where the zone is unknown', () => {
    const night = { callTimeRanges: [{ start: '05:00', end: '11:30' }] };
    expect(planIntake(facts({}, night))).toMatchObject({ kind: 'block', because: 'no_lawful_opening' });
    const nowhere = facts({ call: { to: '+19995550100', timezone: null } }, { legalGuard: 'enforce' });
    expect(planIntake(nowhere)).toMatchObject({ kind: 'block', because: 'callee_zone_unknown' });
  });

  it('is blocked when its number is on a list now, however late it would go', () => {
    const matches = [
      {
        id: 'e1',
        kind: 'opt_out' as const,
        list: 'environment' as const,
        expiresAt: EIGHT,
        source: null,
        registryId: null,
      },
    ];
    const doNotCall = { matches, registries: [] };
    const plan = planIntake(facts({ doNotCall, delaySeconds: 86_400 }));
    expect(plan).toMatchObject({ kind: 'block', because: 'do_not_call' });
    expect(plan.evidence.rules[0]).toMatchObject({
      rule: 'do_not_call',
      passed: false,
      inputs: { blocked: true, entryId: 'e1' },
    });
  });

  it('that the hours of its campaign hold too is not offered before its law opens', () => {
    const later = { callTimeRanges: [{ start: '15:00', end: '16:00' }] };
    expect(planIntake(facts({}, later))).toMatchObject({
      kind: 'accept',
      readyAt: EIGHT,
      at: new Date('2026-11-23T15:00:00Z'),
      because: 'outside_legal_hours',
    });
    // The hours alone are no barrier: should they be widened, the call is due.
    const call = { to: '+12125550100', timezone: null };
    expect(planIntake(facts({ call }, later))).toMatchObject({
      kind: 'accept',
      readyAt: NOON,
      at: new Date('2026-11-23T15:00:00Z'),
      because: null,
    });
  });

  it('keeps what every rule said of it when it will be due', () => {
    const { evidence } = planIntake(facts({ notBefore: new Date('2026-11-23T12:30:00Z') }));
    expect(evidence.decidedAt).toBe(NOON.toISOString());
    expect(evidence.rules.map(({ rule, passed }) => [rule, passed])).toEqual([
      ['do_not_call', true],
      ['callee_zone', true],
      ['calling_window', true],
      ['legal_guard', false],
      ['number_caps', true],
      ['number_cooldown', true],
    ]);
    for (const { inputs } of evidence.rules) expect(Object.keys(inputs)).not.toEqual([]);
    expect(evidence.rules.every((each) => Object.keys(each).length === 3)).toBe(true);
  });
});

describe('many calls of one campaign', () => {
  const LISTED: DoNotCallMatch = {
    id: 'e1',
    kind: 'opt_out',
    list: 'environment',
    expiresAt: null,
    source: null,
    registryId: null,
  };
  const number = fc.constantFrom(
    ...['+13055550100', '+12125550100', '+12125550101', '+19995550100', '+442079460000', '+33612345678'],
    ...['+14155550100', '+18005550100', '+12465210000', '+61412345678'],
  );
  const call: fc.Arbitrary<OneOfMany> = fc.record({
    to: number,
    timezone: fc.constantFrom(null, null, 'America/New_York', 'Pacific/Auckland'),
    notBefore: fc.constantFrom(null, null, EIGHT, new Date('2026-11-28T03:00:00Z')),
    matches: fc.constantFrom([], [], [], [LISTED]),
    history: fc.constantFrom(null, null, { sentAt: [NOON], answeredAt: NOON, completion: null }),
  });

  it('are planned as each is by itself, whoever shares a plan', () => {
    fc.assert(
      fc.property(
        fc.array(call, { minLength: 2, maxLength: 12 }),
        fc.constantFrom('off' as const, 'warn' as const, 'auto' as const, 'enforce' as const),
        fc.boolean(),
        (calls, legalGuard, trustCallTimezone) => {
          const {
            doNotCall: _,
            history: __,
            call: ___,
            notBefore: ____,
            ...shared
          } = facts(
            {
              environment: { ...FREE_ENVIRONMENT, legalGuard, trustCallTimezone, successCooldownHours: 5 },
            },
            {
              doNotCallEnabled: true,
              doNotCallListSource: 'custom',
              doNotCallCustomList: ['+12125550101'],
              callTimeRanges: [{ start: '09:00', end: '22:00' }],
            },
          );
          const planned = intakePlanner({ ...shared, registries: [] });
          for (const one of calls) {
            const { to, timezone, notBefore, matches, history } = one;
            const alone = {
              ...{ ...shared, call: { to, timezone }, notBefore, delaySeconds: 0 },
              doNotCall: { matches, registries: [] },
              history: history ?? UNTOUCHED.history,
            };
            expect(planned(one)).toEqual(planIntake(alone));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('share a plan where nothing tells them apart', () => {
    const { doNotCall: _, history: __, call: ___, notBefore: ____, ...shared } = facts();
    const planned = intakePlanner({ ...shared, registries: [] });
    const one = (to: string) => planned({ to, timezone: null, notBefore: null, matches: [], history: null });
    expect(one('+13055550100')).toBe(one('+13055550199'));
    expect(one('+13055550100')).not.toBe(one('+12125550100'));
  });
});
