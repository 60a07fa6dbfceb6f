import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scenarioOf, type ScenarioFacts } from './scenario.js';

const facts = (digits: number, more: Partial<ScenarioFacts> = {}): ScenarioFacts => ({
  seed: 1,
  to: `+120255501${String(digits).padStart(2, '0')}`,
  attempt: 1,
  refusals: 0,
  ringTimeoutSeconds: 30,
  maxDurationSeconds: 300,
  ...more,
});

const TALK = ['initiated', 'ringing', 'answered', 'completed'];
const MACHINE = ['initiated', 'ringing', 'answered', 'machine', 'completed'];
const NO_ANSWER = ['initiated', 'ringing', 'no_answer'];
const BUSY = ['initiated', 'busy'];
const FAILED = ['initiated', 'failed'];

const ROWS: [
  from: number,
  to: number,
  answer: string,
  events: string[] | null,
  end: object,
  more?: object,
][] = [
  [0, 59, 'accepted', TALK, { sipCode: 200, q850: 16, answeredBy: 'human', converted: false }],
  [60, 69, 'accepted', NO_ANSWER, { sipCode: 480, q850: 19, durationSeconds: 0 }],
  [70, 79, 'accepted', BUSY, { sipCode: 486, q850: 17, durationSeconds: 0 }],
  [80, 84, 'accepted', MACHINE, { sipCode: 200, q850: 16, answeredBy: 'machine', converted: false }],
  [85, 87, 'accepted', FAILED, { sipCode: 503, durationSeconds: 0 }],
  [88, 88, 'invalid_number', null, {}],
  [89, 89, 'accepted', ['initiated', 'ringing', 'rejected'], { sipCode: 603, q850: 21, durationSeconds: 0 }],
  [90, 90, 'dropped', TALK, {}],
  [91, 91, 'error', TALK, {}],
  [92, 92, 'hung', null, {}],
  [93, 93, 'accepted', TALK, {}],
  [94, 94, 'accepted', TALK, {}],
  [95, 95, 'accepted', TALK, { converted: true }],
  [96, 96, 'accepted', BUSY, {}, { attempt: 1 }],
  [96, 96, 'accepted', TALK, {}, { attempt: 2 }],
  [96, 96, 'accepted', TALK, {}, { attempt: 3 }],
  [97, 97, 'accepted', NO_ANSWER, {}, { attempt: 1 }],
  [97, 97, 'accepted', NO_ANSWER, {}, { attempt: 2 }],
  [97, 97, 'accepted', TALK, {}, { attempt: 3 }],
  [98, 98, 'rate_limited', null, {}, { refusals: 0 }],
  [98, 98, 'rate_limited', null, {}, { refusals: 1 }],
  [98, 98, 'accepted', TALK, {}, { refusals: 2 }],
  [99, 99, 'accepted', FAILED, { sipCode: 404, q850: 1, durationSeconds: 0 }],
];

describe('scenarioOf', () => {
  it.each(ROWS)('makes digits %i to %i come out as %s %j', (from, to, answer, events, end, more) => {
    for (let digits = from; digits <= to; digits++) {
      const scenario = scenarioOf(facts(digits, more));
      expect(scenario.answer).toBe(answer);
      expect(scenario.script?.map((step) => step.type) ?? null).toEqual(events);
      if (scenario.script !== null) expect(scenario.script.at(-1)).toMatchObject(end);
    }
  });

  it('names no Q.850 cause for the 503 of 85 to 87, which would say more than the code', () => {
    expect(scenarioOf(facts(85)).script?.at(-1)).not.toHaveProperty('q850');
  });

  it('tells the events of 93 never and of 94 three times', () => {
    expect(scenarioOf(facts(93)).callbacks).toBe('none');
    expect(scenarioOf(facts(94)).callbacks).toBe('three_times_shuffled');
    expect(scenarioOf(facts(95)).callbacks).toBe('each_once');
  });

  it('lets time run forward, answers within the ring timeout and ends within the longest duration', () => {
    const anyFacts = fc.record({
      digits: fc.integer({ min: 0, max: 99 }),
      seed: fc.integer(),
      attempt: fc.integer({ min: 1, max: 4 }),
      refusals: fc.constant(2),
      ringTimeoutSeconds: fc.integer({ min: 1, max: 120 }),
      maxDurationSeconds: fc.integer({ min: 1, max: 600 }),
    });
    fc.assert(
      fc.property(anyFacts, ({ digits, ...more }) => {
        const script = scenarioOf(facts(digits, more)).script ?? [];
        const at = (type: string) => script.find((step) => step.type === type)?.afterSeconds ?? NaN;
        for (const [index, step] of script.entries()) {
          if (index > 0) expect(step.afterSeconds).toBeGreaterThan(script[index - 1]!.afterSeconds);
        }
        const end = script.at(-1);
        if (script.some((step) => step.type === 'answered')) {
          expect(at('answered') - at('ringing')).toBeLessThan(more.ringTimeoutSeconds);
          expect(Number.isInteger(end?.durationSeconds)).toBe(true);
          expect(end?.durationSeconds).toBeGreaterThanOrEqual(1);
          expect(end?.durationSeconds).toBeLessThanOrEqual(more.maxDurationSeconds);
          expect(at('completed') - at('answered')).toBeCloseTo(end!.durationSeconds!, 6);
        }
        if (end?.type === 'no_answer') {
          expect(at('no_answer') - at('ringing')).toBeCloseTo(more.ringTimeoutSeconds, 6);
        }
      }),
    );
  });

  it('differs between numbers, attempts and seeds, and is the same for the same facts', () => {
    const script = (more: Partial<ScenarioFacts>) => JSON.stringify(scenarioOf(facts(7, more)).script);
    expect(script({})).toBe(script({}));
    const others = [script({ to: '+442079460107' }), script({ attempt: 2 }), script({ seed: 2 })];
    expect(new Set([script({}), ...others]).size).toBe(4);
  });
});
