import { evidenceOf, type Evidence } from './evidence.js';

/** What is kept with a waiting call that was withdrawn because its number was put on a Do-Not-Call list. */
export function withdrawalEvidence(inputs: Record<string, unknown>, now: Date): Evidence {
  const withdrawn = { blocked: true, withdrawn: true, ...inputs };
  return evidenceOf(now, [{ rule: 'do_not_call', passed: false, inputs: withdrawn }]);
}
