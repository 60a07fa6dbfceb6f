import { zoneDataVersion } from './zone-offsets.js';

/** Raised whenever a rule changes its meaning; kept with every decision. */
export const POLICY_VERSION = '2026-11-25';

/** What every rule said, in the order asked, and what it looked at: kept with the attempt or the call. */
export interface Evidence {
  policyVersion: string;
  zoneData: string;
  decidedAt: string;
  rules: RuleEvidence[];
}

export interface RuleEvidence {
  rule: string;
  passed: boolean;
  inputs: Record<string, unknown>;
}

/**
 * Rules that look at the campaign, the house and the clock, and at nobody: what they looked at may stay where a person's data
 * go. A rule that is not named here is taken to look at the person.
 */
export const IMPERSONAL_RULES: readonly string[] = [
  'campaign_open',
  'call_not_expired',
  'kill_switch_off',
  'campaign_active',
  'agent_published',
  'credits',
  'campaign_budget',
  'calling_window',
  'caller_ids',
];

/** As JSON, in characters: a row for each attempt and call is kept for years. */
export const MAX_EVIDENCE_CHARACTERS = 8_192;

/**
 * The evidence of a decision. Where it would be larger than MAX_EVIDENCE_CHARACTERS, lists keep their first items and say
 * how many were left out, and long texts are cut; every rule and its verdict stay.
 */
export function evidenceOf(decidedAt: Date, rules: RuleEvidence[]): Evidence {
  const evidence = {
    policyVersion: POLICY_VERSION,
    zoneData: zoneDataVersion,
    decidedAt: decidedAt.toISOString(),
    rules,
  };
  for (const most of LIST_LENGTHS) {
    if (JSON.stringify(evidence).length <= MAX_EVIDENCE_CHARACTERS) break;
    evidence.rules = rules.map((each) => ({ ...each, inputs: fieldsCut(each.inputs, most) }));
  }
  return evidence;
}

/** Tried one after the other, until it fits. */
const LIST_LENGTHS = [24, 8, 2, 0];
const MAX_TEXT_CHARACTERS = 120;

function fieldsCut(fields: object, most: number): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, cut(value, most)]));
}

function cut(value: unknown, most: number): unknown {
  if (typeof value === 'string' && value.length > MAX_TEXT_CHARACTERS)
    return `${value.slice(0, MAX_TEXT_CHARACTERS)}…`;
  if (Array.isArray(value)) {
    const kept = value.slice(0, most).map((item) => cut(item, most));
    return value.length > most ? [...kept, { leftOut: value.length - most }] : kept;
  }
  return typeof value === 'object' && value !== null && !(value instanceof Date)
    ? fieldsCut(value, most)
    : value;
}
