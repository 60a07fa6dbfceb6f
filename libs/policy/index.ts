/** The rules of calling people. Pure: no framework, database, clock or randomness. */
export * from './call-lifecycle.js';
export * from './callee-zones.js';
export * from './calling-window.js';
export * from './decide-dial.js';
export * from './do-not-call.js';
export * from './evidence.js';
export * from './lawful-hours.js';
export * from './legal-guard.js';
export * from './next-attempt.js';
export * from './number-limits.js';
export * from './outcomes.js';
export * from './phone-number.js';
export * from './plan-intake.js';
export * from './prompt.js';
export * from './reduce-events.js';
export * from './retry-plan.js';
export * from './webhook-events.js';
