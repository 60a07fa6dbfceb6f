import { RandomStream } from './random-stream.js';

/** The carrier's words for the state of a call. The last six are ends. */
export type CallStatus =
  | 'initiated'
  | 'ringing'
  | 'answered'
  | 'completed'
  | 'busy'
  | 'no_answer'
  | 'rejected'
  | 'failed'
  | 'canceled';

/** What is told about a call. `machine` is news about an answered call, not a state of its own. */
export type EventType = CallStatus | 'machine';

/** One thing that happens to a call. Fields are absent where the carrier does not know them. */
export interface ScriptStep {
  /** Virtual seconds since the call began. */
  afterSeconds: number;
  type: EventType;
  answeredBy?: 'human' | 'machine';
  /** Whole virtual seconds from answer to end, 0 when nobody answered. Ends only, like the next three. */
  durationSeconds?: number;
  sipCode?: number;
  q850?: number;
  converted?: boolean;
}

/** How the request itself is answered. */
export type RequestAnswer = 'accepted' | 'invalid_number' | 'rate_limited' | 'dropped' | 'error' | 'hung';

/** How a call's events are told: each once, none at all, or each three times in shuffled order after the end. */
export type CallbackManner = 'each_once' | 'none' | 'three_times_shuffled';

export interface Scenario {
  answer: RequestAnswer;
  /** Null: there is no call, the phone does not ring and a look-up says 404. */
  script: ScriptStep[] | null;
  callbacks: CallbackManner;
}

/** What a scenario is made from; the same facts make the same scenario. */
export interface ScenarioFacts {
  seed: number;
  /** E.164; its last two digits decide. */
  to: string;
  /** Which request for this number it is, from 1, without those refused for rate limits. */
  attempt: number;
  /** How many requests for this number its digits have refused for rate limits. */
  refusals: number;
  ringTimeoutSeconds: number;
  maxDurationSeconds: number;
}

/** Share of the ring timeout within which an answered call is answered. */
const LATEST_ANSWER = 0.9;

/** What the last two digits of the number make happen, where no fault is drawn. */
export function scenarioOf(facts: ScenarioFacts): Scenario {
  const digits = Number(facts.to.slice(-2));
  const stream = new RandomStream(facts.seed, facts.to, facts.attempt, 'script');
  const placed = (script: ScriptStep[]): Scenario => ({ answer: 'accepted', script, callbacks: 'each_once' });
  const talk = () => placed(conversation(facts, stream, false));
  if (digits <= 59) return talk();
  if (digits <= 69) return placed(noAnswer(facts, stream));
  if (digits <= 79) return placed(busy(stream));
  if (digits <= 84) return placed(answeringMachine(facts, stream));
  if (digits <= 87) return placed(failure(stream, { sipCode: 503 }));
  switch (digits) {
    case 88:
      return { answer: 'invalid_number', script: null, callbacks: 'none' };
    case 89:
      return placed(rejection(facts, stream));
    case 90:
      return { ...talk(), answer: 'dropped' };
    case 91:
      return { ...talk(), answer: 'error' };
    case 92:
      return { answer: 'hung', script: null, callbacks: 'none' };
    case 93:
      return { ...talk(), callbacks: 'none' };
    case 94:
      return { ...talk(), callbacks: 'three_times_shuffled' };
    case 95:
      return placed(conversation(facts, stream, true));
    case 96:
      return facts.attempt === 1 ? placed(busy(stream)) : talk();
    case 97:
      return facts.attempt <= 2 ? placed(noAnswer(facts, stream)) : talk();
    case 98:
      return facts.refusals < 2 ? { answer: 'rate_limited', script: null, callbacks: 'none' } : talk();
    default:
      return placed(failure(stream, { sipCode: 404, q850: 1 }));
  }
}

function conversation(facts: ScenarioFacts, stream: RandomStream, converted: boolean): ScriptStep[] {
  const rings = ringing(stream);
  const answeredAfter = rings.afterSeconds + answerDelay(facts, stream.logNormal(8, 0.45));
  const durationSeconds = talkTime(facts, stream.logNormal(45, 0.8));
  return [
    ...begin(),
    rings,
    { afterSeconds: answeredAfter, type: 'answered', answeredBy: 'human' },
    completion(answeredAfter, durationSeconds, 'human', converted),
  ];
}

function answeringMachine(facts: ScenarioFacts, stream: RandomStream): ScriptStep[] {
  const rings = ringing(stream);
  const answeredAfter = rings.afterSeconds + answerDelay(facts, stream.between(17, 23));
  const durationSeconds = talkTime(facts, stream.between(8, 30));
  // Half the length at most: a call that may only last a second or two is still recognised before its end.
  const recognisedAfter = answeredAfter + Math.min(stream.between(1.5, 4), durationSeconds / 2);
  return [
    ...begin(),
    rings,
    { afterSeconds: answeredAfter, type: 'answered' },
    { afterSeconds: recognisedAfter, type: 'machine', answeredBy: 'machine' },
    completion(answeredAfter, durationSeconds, 'machine', false),
  ];
}

function noAnswer(facts: ScenarioFacts, stream: RandomStream): ScriptStep[] {
  const rings = ringing(stream);
  const afterSeconds = rings.afterSeconds + facts.ringTimeoutSeconds;
  return [...begin(), rings, unansweredEnd(afterSeconds, 'no_answer', { sipCode: 480, q850: 19 })];
}

function rejection(facts: ScenarioFacts, stream: RandomStream): ScriptStep[] {
  const rings = ringing(stream);
  const afterSeconds = rings.afterSeconds + answerDelay(facts, stream.between(2, 12));
  return [...begin(), rings, unansweredEnd(afterSeconds, 'rejected', { sipCode: 603, q850: 21 })];
}

function busy(stream: RandomStream): ScriptStep[] {
  return [...begin(), unansweredEnd(stream.between(0.5, 2), 'busy', { sipCode: 486, q850: 17 })];
}

function failure(stream: RandomStream, cause: { sipCode: number; q850?: number }): ScriptStep[] {
  return [...begin(), unansweredEnd(stream.between(0.3, 3), 'failed', cause)];
}

function begin(): ScriptStep[] {
  return [{ afterSeconds: 0, type: 'initiated' }];
}

function ringing(stream: RandomStream): ScriptStep {
  return { afterSeconds: stream.between(0.3, 1), type: 'ringing' };
}

function answerDelay(facts: ScenarioFacts, drawnSeconds: number): number {
  return Math.min(drawnSeconds, facts.ringTimeoutSeconds * LATEST_ANSWER);
}

function talkTime(facts: ScenarioFacts, drawnSeconds: number): number {
  return Math.max(1, Math.floor(Math.min(drawnSeconds, facts.maxDurationSeconds)));
}

function completion(
  answeredAfter: number,
  durationSeconds: number,
  answeredBy: 'human' | 'machine',
  converted: boolean,
): ScriptStep {
  const afterSeconds = answeredAfter + durationSeconds;
  return { afterSeconds, type: 'completed', answeredBy, durationSeconds, sipCode: 200, q850: 16, converted };
}

function unansweredEnd(
  afterSeconds: number,
  type: CallStatus,
  cause: { sipCode: number; q850?: number },
): ScriptStep {
  return { afterSeconds, type, durationSeconds: 0, ...cause, converted: false };
}
