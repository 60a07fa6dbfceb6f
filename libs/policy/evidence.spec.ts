import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evidenceOf, MAX_EVIDENCE_CHARACTERS, POLICY_VERSION, type RuleEvidence } from './evidence.js';
import { zoneDataVersion } from './zone-offsets.js';

const NOW = new Date('2026-11-23T12:00:00Z');

describe('the evidence of a decision', () => {
  it('names the version of the rules and of the zone data, and keeps what is small as it is', () => {
    const rules = [
      { rule: 'a', passed: true, inputs: { list: [1, 2, 3], nested: { text: 'b' }, none: null } },
    ];
    expect(evidenceOf(NOW, rules)).toEqual({
      policyVersion: POLICY_VERSION,
      zoneData: zoneDataVersion,
      decidedAt: NOW.toISOString(),
      rules,
    });
  });

  it('cuts lists and says how many items are left out, before it grows too large', () => {
    const zones = Array.from({ length: 500 }, (_, i) => ({
      zone: `Area/City_${i}`,
      local: 'Mon 2026-11-23 07:42',
    }));
    const [rule] = evidenceOf(NOW, [
      { rule: 'legal_guard', passed: false, inputs: { zones, mode: 'auto' } },
    ]).rules;
    const kept = rule?.inputs.zones as unknown[];
    expect(kept.slice(0, 24)).toEqual(zones.slice(0, 24));
    expect(kept.slice(24)).toEqual([{ leftOut: 476 }]);
    expect(rule).toMatchObject({ passed: false, inputs: { mode: 'auto' } });
  });

  it('leaves what fits exactly as it is, and cuts what is one character larger', () => {
    const withText = (length: number) =>
      evidenceOf(NOW, [{ rule: 'a', passed: true, inputs: { text: 'x'.repeat(length) } }]);
    const fitting = MAX_EVIDENCE_CHARACTERS - JSON.stringify(withText(0)).length;
    expect(withText(fitting).rules[0]?.inputs.text).toHaveLength(fitting);
    expect(withText(fitting + 1).rules[0]?.inputs.text).toBe(`${'x'.repeat(120)}…`);
  });

  it('cuts only what is long, however deep, and keeps times and what is none', () => {
    const long = 'x'.repeat(9_000);
    const line = 'y'.repeat(120);
    const inputs = { long, line, list: Array.from({ length: 24 }, (_, i) => i), at: NOW, none: null };
    const cut = { ...inputs, long: `${'x'.repeat(120)}…` };
    const [rule] = evidenceOf(NOW, [
      { rule: 'a', passed: true, inputs: { ...inputs, deep: [{ in: inputs }] } },
    ]).rules;
    expect(rule).toEqual({ rule: 'a', passed: true, inputs: { ...cut, deep: [{ in: cut }] } });
  });

  it('names a version of the rules that is a date', () => {
    expect(POLICY_VERSION).toMatch(/^20\d\d-\d\d-\d\d$/);
  });

  it('is never larger than its bound, whatever the rules looked at, and keeps every verdict', () => {
    const text = fc.string({ maxLength: 3_000 });
    const item = fc.oneof(text, fc.integer(), fc.record({ a: text, b: fc.array(text, { maxLength: 40 }) }));
    const rule = fc.record({
      rule: fc.constantFrom('calling_window', 'legal_guard', 'number_caps'),
      passed: fc.boolean(),
      inputs: fc.record({ list: fc.array(item, { maxLength: 60 }), word: text }),
    });
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 14 }), (rules: RuleEvidence[]) => {
        const evidence = evidenceOf(NOW, rules);
        expect(JSON.stringify(evidence).length).toBeLessThanOrEqual(MAX_EVIDENCE_CHARACTERS);
        expect(evidence.rules.map(({ rule, passed }) => [rule, passed])).toEqual(
          rules.map(({ rule, passed }) => [rule, passed]),
        );
      }),
    );
  });
});
