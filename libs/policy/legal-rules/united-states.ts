import { EVERY_DAY, hours, legalRule, on, SUNDAY, WEEKDAYS, type LegalRule } from './legal-rule.js';

const MON_TO_SAT = [1, 2, 3, 4, 5, 6] as const;
const THREE_A_DAY = [{ calls: 3, hours: 24, scope: 'person' }] as const;
const TABLES = 'tables of compliance vendors';

/** Federal rules, and the states that are stricter. Not settled, and so not here: SD, WY, IL, VA, NY. */
export const UNITED_STATES: readonly LegalRule[] = [
  legalRule({
    id: 'us-fcc',
    jurisdiction: 'US',
    standing: 'secondary',
    source: '47 CFR 64.1200(c)(1)',
    week: on(EVERY_DAY, hours('8-21')),
  }),
  legalRule({
    id: 'us-tsr',
    jurisdiction: 'US',
    standing: 'secondary',
    source: '16 CFR 310.4(c)',
    week: on(EVERY_DAY, hours('8-21')),
  }),
  legalRule({
    id: 'us-reg-f',
    jurisdiction: 'US',
    standing: 'secondary',
    source: '12 CFR 1006.6(b)(1)(i), 1006.14(b)(2)',
    week: on(EVERY_DAY, hours('8-21')),
    caps: [{ calls: 7, hours: 7 * 24, scope: 'debt' }],
  }),
  legalRule({
    id: 'us-fl',
    jurisdiction: 'US-FL',
    standing: 'confirmed',
    source: 'Fla. Stat. 501.616(6)',
    week: on(EVERY_DAY, hours('8-20')),
    caps: THREE_A_DAY,
  }),
  legalRule({
    id: 'us-ok',
    jurisdiction: 'US-OK',
    standing: 'secondary',
    source: '15 O.S. 775C.1 ff. (HB 3168)',
    week: on(EVERY_DAY, hours('8-20')),
    caps: THREE_A_DAY,
  }),
  legalRule({
    id: 'us-md',
    jurisdiction: 'US-MD',
    standing: 'secondary',
    source: 'Stop the Spam Calls Act',
    week: on(EVERY_DAY, hours('8-20')),
    caps: THREE_A_DAY,
    effectiveFrom: '2024-01-01',
  }),
  legalRule({
    id: 'us-wa',
    jurisdiction: 'US-WA',
    standing: 'secondary',
    source: 'HB 1497 (2022): RCW 80.36.390, 19.158',
    week: on(EVERY_DAY, hours('8-20')),
    silenceDaysAfterRefusal: 365,
  }),
  legalRule({
    id: 'us-ct',
    jurisdiction: 'US-CT',
    standing: 'secondary',
    source: 'Conn. Gen. Stat. 42-288a as amended',
    week: on(EVERY_DAY, hours('9-20')),
    effectiveFrom: '2023-10-01',
  }),
  legalRule({
    id: 'us-tx',
    jurisdiction: 'US-TX',
    standing: 'secondary',
    source: 'Tex. Bus. & Com. Code ch. 301, 304',
    week: on(EVERY_DAY, hours('9-21')),
  }),
  legalRule({
    id: 'us-tx-sunday',
    jurisdiction: 'US-TX',
    standing: 'unconfirmed',
    source: TABLES,
    week: on(SUNDAY, hours('12-21')),
  }),
  legalRule({
    id: 'us-ri',
    jurisdiction: 'US-RI',
    standing: 'secondary',
    source: 'R.I.G.L. 5-61-3.6, hours by ' + TABLES,
    week: { ...on(WEEKDAYS, hours('9-18')), ...on(SUNDAY) },
    holidays: 'closed',
  }),
  legalRule({
    id: 'us-ri-saturday',
    jurisdiction: 'US-RI',
    standing: 'unconfirmed',
    source: TABLES,
    week: { 6: [hours('10-17')] },
  }),
  ...(['AL', 'LA', 'MS'] as const).map((state) =>
    legalRule({
      id: `us-${state.toLowerCase()}`,
      jurisdiction: `US-${state}`,
      standing: 'secondary',
      source: state === 'LA' ? 'LPSC General Order R-29617' : TABLES,
      week: { ...on(MON_TO_SAT, hours('8-20')), ...on(SUNDAY) },
      holidays: 'closed',
    }),
  ),
  ...(
    [
      ['KY', '10-21'],
      ['MA', '8-20'],
      ['NV', '9-20'],
      ['MI', '9-21'],
      ['MN', '9-21'],
      ['NM', '9-21'],
    ] as const
  ).map(([state, day]) =>
    legalRule({
      id: `us-${state.toLowerCase()}`,
      jurisdiction: `US-${state}`,
      standing: 'secondary',
      source: TABLES,
      week: on(EVERY_DAY, hours(day)),
    }),
  ),
  legalRule({
    id: 'us-me',
    jurisdiction: 'US-ME',
    standing: 'secondary',
    source: TABLES,
    caps: [{ calls: 1, hours: 8, scope: 'number' }],
  }),
  // Their hours are told differently by every source; that holidays are barred is not.
  ...(['PA', 'UT'] as const).map((state) =>
    legalRule({
      id: `us-${state.toLowerCase()}-holidays`,
      jurisdiction: `US-${state}`,
      standing: 'secondary',
      source: TABLES,
      holidays: 'closed',
    }),
  ),
];
