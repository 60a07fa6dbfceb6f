import { POLICY_VERSION, type Evidence } from './decide-dial.js';
import { zoneDataVersion } from './zone-offsets.js';

/** What is kept with a waiting call that was withdrawn because its number was put on a Do-Not-Call list. */
export function withdrawalEvidence(inputs: Record<string, unknown>, now: Date): Evidence {
  return {
    policyVersion: POLICY_VERSION,
    zoneData: zoneDataVersion,
    decidedAt: now.toISOString(),
    rules: [{ rule: 'do_not_call', passed: false, inputs: { blocked: true, withdrawn: true, ...inputs } }],
  };
}
