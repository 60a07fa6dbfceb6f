import { describe, expect, it } from 'vitest';
import { lawfulClosing, nextLawfulOpening, type HoursFacts } from './lawful-hours.js';
import { legalDatesOf } from './legal-dates.js';
import {
  enforcedClocks,
  guardEvidence,
  guardOf,
  isLooser,
  LEGAL_GUARDS,
  LEGAL_RULES,
  legalCaps,
  type GuardFacts,
  type LegalGuard,
} from './legal-guard.js';
import { isInForce, legalRule } from './legal-rules/legal-rule.js';
import { areOpen } from './open-together.js';

/** A number of each jurisdiction that has rules. */
const NUMBERS: Record<string, string> = {
  US: '+12125550100',
  CA: '+14165550100',
  GB: '+442071234567',
  FR: '+33612345678',
  ES: '+34911234567',
  IT: '+390612345678',
  BR: '+5511987654321',
  IN: '+919876543210',
  AU: '+61312345678',
  'US-FL': '+13055550100',
  'US-OK': '+14055550100',
  'US-MD': '+13015550100',
  'US-WA': '+12065550100',
  'US-CT': '+12035550100',
  'US-TX': '+12105550100',
  'US-RI': '+14015550100',
  'US-AL': '+12055550100',
  'US-LA': '+15045550100',
  'US-MS': '+16015550100',
  'US-KY': '+18595550100',
  'US-MA': '+16175550100',
  'US-NV': '+17025550100',
  'US-MI': '+13135550100',
  'US-MN': '+16125550100',
  'US-NM': '+15055550100',
  'US-ME': '+12075550100',
  'US-PA': '+12155550100',
  'US-UT': '+18015550100',
};

function facts(to: string, mode: LegalGuard, overrides: Partial<GuardFacts['environment']> = {}): GuardFacts {
  return {
    call: { to, timezone: null },
    campaign: { legalGuard: null },
    environment: { legalGuard: mode, trustCallTimezone: false, legalDates: [], ...overrides },
  };
}

/** Whether one rule alone has its clocks open; 23 November 2026 is a Monday. */
function isOpenBy(id: string, local: string, legalDates: string[] = []): boolean {
  const rule = LEGAL_RULES.find((one) => one.id === id);
  const to = NUMBERS[rule?.jurisdiction ?? ''] ?? '';
  const asked = {
    ...facts(to, 'enforce', { legalDates, trustCallTimezone: true }),
    call: { to, timezone: 'UTC' },
  };
  const at = new Date(`${local}Z`);
  const found = guardOf(asked, at).rules.find((one) => one.rule.id === id);
  if (found === undefined) throw new Error(`${id} is not among the rules of ${to}`);
  return areOpen(
    found.clocks.map(({ clock }) => clock),
    at,
  );
}

const MONDAY = '2026-11-23';
const SATURDAY = '2026-11-28';
const SUNDAY = '2026-11-29';

/** The hours of every row: day, first open minute, minute of closing by law. No entry: closed all day. */
const VECTORS: [id: string, days: Record<string, [opens: string, closes: string][]>, holiday: boolean][] = [
  ['us-fcc', { [MONDAY]: [['08:00', '21:00']], [SUNDAY]: [['08:00', '21:00']] }, true],
  ['us-tsr', { [MONDAY]: [['08:00', '21:00']], [SUNDAY]: [['08:00', '21:00']] }, true],
  ['us-reg-f', { [MONDAY]: [['08:00', '21:00']], [SUNDAY]: [['08:00', '21:00']] }, true],
  ['us-fl', { [MONDAY]: [['08:00', '20:00']], [SUNDAY]: [['08:00', '20:00']] }, true],
  ['us-ok', { [MONDAY]: [['08:00', '20:00']], [SUNDAY]: [['08:00', '20:00']] }, true],
  ['us-md', { [MONDAY]: [['08:00', '20:00']], [SUNDAY]: [['08:00', '20:00']] }, true],
  ['us-wa', { [MONDAY]: [['08:00', '20:00']], [SUNDAY]: [['08:00', '20:00']] }, true],
  ['us-ct', { [MONDAY]: [['09:00', '20:00']], [SUNDAY]: [['09:00', '20:00']] }, true],
  ['us-tx', { [MONDAY]: [['09:00', '21:00']], [SUNDAY]: [['09:00', '21:00']] }, true],
  ['us-tx-sunday', { [SUNDAY]: [['12:00', '21:00']] }, true],
  ['us-ri', { [MONDAY]: [['09:00', '18:00']], [SUNDAY]: [] }, false],
  ['us-ri-saturday', { [SATURDAY]: [['10:00', '17:00']] }, true],
  ['us-al', { [SATURDAY]: [['08:00', '20:00']], [SUNDAY]: [] }, false],
  ['us-la', { [SATURDAY]: [['08:00', '20:00']], [SUNDAY]: [] }, false],
  ['us-ms', { [SATURDAY]: [['08:00', '20:00']], [SUNDAY]: [] }, false],
  ['us-ky', { [MONDAY]: [['10:00', '21:00']], [SUNDAY]: [['10:00', '21:00']] }, true],
  ['us-ma', { [MONDAY]: [['08:00', '20:00']], [SUNDAY]: [['08:00', '20:00']] }, true],
  ['us-nv', { [MONDAY]: [['09:00', '20:00']], [SUNDAY]: [['09:00', '20:00']] }, true],
  ['us-mi', { [MONDAY]: [['09:00', '21:00']], [SUNDAY]: [['09:00', '21:00']] }, true],
  ['us-mn', { [MONDAY]: [['09:00', '21:00']], [SUNDAY]: [['09:00', '21:00']] }, true],
  ['us-nm', { [MONDAY]: [['09:00', '21:00']], [SUNDAY]: [['09:00', '21:00']] }, true],
  ['us-me', {}, true],
  ['us-pa-holidays', {}, false],
  ['us-ut-holidays', {}, false],
  [
    'ca-crtc',
    { [MONDAY]: [['09:00', '21:30']], [SATURDAY]: [['10:00', '18:00']], [SUNDAY]: [['10:00', '18:00']] },
    true,
  ],
  [
    'gb-dma',
    { [MONDAY]: [['08:00', '21:00']], [SATURDAY]: [['09:00', '21:00']], [SUNDAY]: [['09:00', '21:00']] },
    true,
  ],
  [
    'fr-d223-9',
    {
      [MONDAY]: [
        ['10:00', '13:00'],
        ['14:00', '20:00'],
      ],
      [SATURDAY]: [],
      [SUNDAY]: [],
    },
    false,
  ],
  ['es-96-2', { [MONDAY]: [['09:00', '21:00']], [SATURDAY]: [], [SUNDAY]: [] }, false],
  ['it-code', { [MONDAY]: [['09:00', '20:00']], [SATURDAY]: [['10:00', '19:00']], [SUNDAY]: [] }, false],
  ['br-code', { [MONDAY]: [['09:00', '21:00']], [SATURDAY]: [['10:00', '16:00']], [SUNDAY]: [] }, false],
  ['in-tcccpr', { [MONDAY]: [['10:00', '21:00']], [SUNDAY]: [['10:00', '21:00']] }, true],
  ['au-standard', { [MONDAY]: [['09:00', '20:00']], [SATURDAY]: [['09:00', '17:00']], [SUNDAY]: [] }, false],
];

describe('every legal rule', () => {
  it('has its vectors, a source and a date of review, and an id of its own', () => {
    expect(VECTORS.map(([id]) => id).sort()).toEqual(LEGAL_RULES.map(({ id }) => id).sort());
    for (const { source, reviewedOn } of LEGAL_RULES) {
      expect(source).not.toBe('');
      expect(reviewedOn).toMatch(/^\d{4}-\d\d-\d\d$/);
    }
  });

  it.each(VECTORS)(
    '%s is open until a minute before its end, on no day longer, and on holidays as it says',
    (id, days, holiday) => {
      for (const [day, windows] of Object.entries(days)) {
        if (windows.length === 0) expect(isOpenBy(id, `${day}T12:00:00`), day).toBe(false);
        for (const [opens, closes] of windows) {
          const end = new Date(`${day}T${closes}:00Z`).getTime() - 60_000;
          expect(isOpenBy(id, secondsFrom(`${day}T${opens}:00`, -1)), `${day} before ${opens}`).toBe(false);
          expect(isOpenBy(id, `${day}T${opens}:00`), `${day} ${opens}`).toBe(true);
          expect(isOpenBy(id, iso(end - 1000)), `${day} last second before ${closes}`).toBe(true);
          expect(isOpenBy(id, iso(end)), `${day} first second after ${closes}`).toBe(false);
        }
      }
      const { jurisdiction } = LEGAL_RULES.find((one) => one.id === id)!;
      const open = `${MONDAY}T12:30:00`;
      expect(isOpenBy(id, open)).toBe(true);
      expect(isOpenBy(id, open, [`holiday:${jurisdiction}:${MONDAY}`])).toBe(holiday);
      expect(isOpenBy(id, open, [`holiday:${jurisdiction}:${SUNDAY}`, `holiday:ZZ:${MONDAY}`])).toBe(true);
    },
  );

  it('has no last minute on a day that it leaves open', () => {
    expect(isOpenBy('us-me', `${MONDAY}T23:59:59`)).toBe(true);
    expect(isOpenBy('us-me', '2026-11-24T00:00:00')).toBe(true);
  });

  it('is asked only while it is in force', () => {
    const rulesAt = (date: string) =>
      guardOf(facts('+33612345678', 'enforce'), new Date(`${date}T12:00:00Z`)).rules.map(
        ({ rule }) => rule.id,
      );
    expect(rulesAt('2023-02-28')).toEqual([]);
    expect(rulesAt('2023-03-01')).toEqual(['fr-d223-9']);

    const until = legalRule({
      ...{ id: 'old', jurisdiction: 'FR', standing: 'confirmed', source: 'a text' },
      effectiveTo: '2026-08-10',
    });
    expect(['2026-08-10', '2026-08-11'].map((date) => isInForce(until, date))).toEqual([true, false]);
  });
});

describe('the mode of the guard', () => {
  const FLORIDA_NIGHT = new Date('2026-11-24T03:00:00Z'); // 22:00 in Miami
  const isHeld = (to: string, mode: LegalGuard, at: Date) =>
    !areOpen(enforcedClocks(guardOf(facts(to, mode), at)), at);

  it.each<[LegalGuard, boolean, boolean, boolean]>([
    ['off', false, false, false],
    ['warn', false, false, false],
    ['auto', true, false, false],
    ['enforce', true, true, false],
  ])(
    '%s holds a confirmed rule: %s, one from a second hand: %s, an unconfirmed one: %s',
    (mode, confirmed, secondary, unconfirmed) => {
      expect(isHeld('+13055550100', mode, FLORIDA_NIGHT)).toBe(confirmed);
      expect(isHeld('+12125550100', mode, FLORIDA_NIGHT)).toBe(secondary);
      // Sunday, 10:30 in San Antonio: only the unconfirmed row is closed.
      expect(isHeld('+12105550100', mode, new Date('2026-11-29T16:30:00Z'))).toBe(unconfirmed);
    },
  );

  it('records what it only warns of', () => {
    const evidence = guardEvidence(guardOf(facts('+12125550100', 'warn'), FLORIDA_NIGHT), FLORIDA_NIGHT);
    expect(evidence).toMatchObject({
      mode: 'warn',
      jurisdictions: ['US', 'US-NY'],
      zones: [{ zone: 'America/New_York', local: 'Mon 2026-11-23 22:00' }],
      zonesFrom: 'area_code',
      confidence: 'likely',
    });
    expect((evidence.rules as object[])[0]).toEqual({
      rule: 'us-fcc',
      standing: 'secondary',
      source: '47 CFR 64.1200(c)(1)',
      reviewedOn: '2026-11-23',
      enforced: false,
      closedIn: ['America/New_York'],
    });
  });

  it('is tightened by a campaign, and never loosened', () => {
    for (const own of LEGAL_GUARDS) {
      for (const whole of LEGAL_GUARDS) {
        const asked = { ...facts('+12125550100', whole), campaign: { legalGuard: own } };
        const { mode } = guardOf(asked, FLORIDA_NIGHT);
        expect(LEGAL_GUARDS.indexOf(mode)).toBe(
          Math.max(LEGAL_GUARDS.indexOf(own), LEGAL_GUARDS.indexOf(whole)),
        );
      }
    }
  });

  it('counts a mode as no looser than itself, and each as looser than those after it', () => {
    const pairs = LEGAL_GUARDS.flatMap((mode) =>
      LEGAL_GUARDS.filter((than) => isLooser(mode, than)).map((than) => `${mode} < ${than}`),
    );
    expect(pairs).toEqual([
      'off < warn',
      'off < auto',
      'off < enforce',
      'warn < auto',
      'warn < enforce',
      'auto < enforce',
    ]);
  });

  it('asks equal hours in one zone once, whichever laws name them', () => {
    const clocksIn = (to: string) => enforcedClocks(guardOf(facts(to, 'enforce'), FLORIDA_NIGHT));
    expect(clocksIn('+12125550100')).toHaveLength(1);
    expect(clocksIn('+13055550100')).toHaveLength(2);
  });

  it('says of a rule where it is closed, and on which day and at what time in each zone', () => {
    const days = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
    days.forEach((day, i) => {
      const at = new Date(Date.UTC(2026, 10, 23 + i, 15, 7, 59));
      const evidence = guardEvidence(guardOf(facts('+12125550100', 'auto'), at), at);
      expect(evidence.zones).toEqual([{ zone: 'America/New_York', local: `${day} 2026-11-${23 + i} 10:07` }]);
      expect(evidence.rules).toMatchObject([{ closedIn: [] }, { closedIn: [] }, { closedIn: [] }]);
    });
  });

  it('is blind to a number of no place only where hours are enforced', () => {
    const isBlind = (to: string, mode: LegalGuard) => guardOf(facts(to, mode), FLORIDA_NIGHT).isBlind;
    expect(LEGAL_GUARDS.map((mode) => isBlind('+19995550100', mode))).toEqual([false, false, false, true]);
  });
});

describe('dates that the operator tells', () => {
  it('close a place in an emergency, and its whole country with its states, wherever the guard holds anything', () => {
    const at = new Date('2026-11-23T18:00:00Z'); // noon in New Orleans
    const isOpenWith = (mode: LegalGuard, ...legalDates: string[]) =>
      areOpen(enforcedClocks(guardOf(facts('+15045550100', mode, { legalDates }), at)), at);
    expect(isOpenWith('auto')).toBe(true);
    expect(isOpenWith('auto', 'blackout:US-LA:2026-11-20..2026-11-23')).toBe(false);
    expect(isOpenWith('auto', 'blackout:US:2026-11-23')).toBe(false);
    expect(isOpenWith('auto', 'blackout:US-FL:2026-11-23', 'blackout:US-LA:2026-11-24')).toBe(true);
    expect(isOpenWith('warn', 'blackout:US-LA:2026-11-23')).toBe(true);
    expect(isOpenWith('auto', 'holiday:US-LA:2026-11-23', 'blackout:US-LA:2026-11-24')).toBe(true);
    expect(isOpenWith('auto', 'no date that can be read')).toBe(true);
  });

  it('stand in the evidence: an emergency as a rule of the operator’s, a holiday as none', () => {
    const at = new Date('2026-11-23T18:00:00Z');
    const rulesWith = (...legalDates: string[]) =>
      guardEvidence(guardOf(facts('+33612345678', 'auto', { legalDates }), at), at).rules;
    expect(rulesWith('holiday:FR:2026-11-23')).toMatchObject([
      { rule: 'fr-d223-9', closedIn: ['Europe/Paris'] },
    ]);
    expect(rulesWith('blackout:FR:2026-11-24')).toMatchObject([
      { rule: 'fr-d223-9', closedIn: [] },
      { rule: 'blackout', standing: 'confirmed', source: 'the operator', enforced: true, closedIn: [] },
    ]);
    expect(rulesWith('blackout:FR:2026-11-23')).toMatchObject([
      { rule: 'fr-d223-9', closedIn: [] },
      { rule: 'blackout', closedIn: ['Europe/Paris'] },
    ]);
  });

  it.each([
    'holiday:FR:2026-02-30',
    'holiday:fr:2026-01-01',
    'holiday:FR',
    'vacation:FR:2026-01-01',
    'blackout:US-LA:2026-09-10..2026-09-01',
    'blackout:US-LA:2026-01-01..2027-06-01',
    '',
  ])('are refused as %s', (text) => {
    expect(legalDatesOf(text)).toBeNull();
  });
});

describe('the hours of a call', () => {
  const campaign = {
    timezone: 'UTC',
    startDate: '2026-01-01',
    endDate: null,
    daysOfWeek: [1, 2, 3, 4, 5, 6, 7],
    callTimeRanges: [{ start: '00:00', end: '24:00' }],
    legalGuard: null,
  };
  const hoursOf = (to: string, mode: LegalGuard, timezone: string | null = null, own = {}): HoursFacts => {
    const asked = facts(to, mode);
    return { ...asked, call: { to, timezone }, campaign: { ...campaign, ...own } };
  };

  it('open where all candidate zones and the campaign are open, and close with the first of them', () => {
    // Florida's panhandle is Eastern or Central: from 08:00 Central, 14:00 UTC, to 19:59 Eastern, 00:59 UTC.
    const panhandle = hoursOf('+18505550100', 'auto');
    const opens = new Date('2026-11-23T14:00:00Z');
    expect(nextLawfulOpening(panhandle, new Date('2026-11-23T03:00:00Z'))).toEqual(opens);
    expect(lawfulClosing(panhandle, opens)).toEqual(new Date('2026-11-24T00:59:00Z'));
    const short = hoursOf('+18505550100', 'auto', null, {
      callTimeRanges: [{ start: '15:00', end: '16:00' }],
    });
    expect(nextLawfulOpening(short, opens)).toEqual(new Date('2026-11-23T15:00:00Z'));
    expect(lawfulClosing(short, new Date('2026-11-23T15:00:00Z'))).toEqual(new Date('2026-11-23T16:00:00Z'));
    expect(lawfulClosing(panhandle, new Date('2026-11-23T13:59:59Z'))).toBeNull();
  });

  it.each<[string, string, number]>([
    ['two countries wide', '+18005550100', 12 - 6.5 - 1 / 60],
    ['as wide as Australia', '+61412345678', 11 - 3 - 1 / 60],
  ])('leave of a day what a number that is %s leaves', (_, to, hoursLeft) => {
    // Of two countries the stricter hours, 9 to 21; of Australia 9 to 20.
    const asked = hoursOf(to, 'enforce');
    const opens = nextLawfulOpening(asked, new Date('2026-11-25T09:00:00Z'))!;
    const closes = lawfulClosing(asked, opens)!;
    expect((closes.getTime() - opens.getTime()) / 3_600_000).toBeCloseTo(hoursLeft, 6);
  });

  it('are none where zones never meet, and where nobody knows the zone', () => {
    const never = hoursOf('+18005550100', 'enforce', 'Asia/Kolkata');
    expect(nextLawfulOpening(never, new Date('2026-11-23T12:00:00Z'))).toBeNull();
    const blind = hoursOf('+19995550100', 'enforce');
    expect(nextLawfulOpening(blind, new Date('2026-11-23T12:00:00Z'))).toBeNull();
    expect(lawfulClosing(blind, new Date('2026-11-23T12:00:00Z'))).toBeNull();
  });

  it('are the campaign’s alone while the guard is off', () => {
    const at = new Date('2026-11-24T03:00:00Z');
    expect(nextLawfulOpening(hoursOf('+13055550100', 'off'), at)).toEqual(at);
    expect(nextLawfulOpening(hoursOf('+19995550100', 'off'), at)).toEqual(at);
  });
});

it('the caps of the law are told with the rule that names them', () => {
  const at = new Date('2026-11-23T12:00:00Z');
  expect(legalCaps(guardOf(facts('+13055550100', 'auto'), at))).toEqual([
    { rule: 'us-reg-f', enforced: false, cap: { calls: 7, hours: 168, scope: 'debt' } },
    { rule: 'us-fl', enforced: true, cap: { calls: 3, hours: 24, scope: 'person' } },
  ]);
});

function secondsFrom(local: string, seconds: number): string {
  return iso(new Date(`${local}Z`).getTime() + seconds * 1000);
}

function iso(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19);
}
