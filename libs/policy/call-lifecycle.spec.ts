import { describe, expect, it } from 'vitest';
import {
  ATTEMPT_MOVES,
  ATTEMPT_STATES,
  CALL_MOVES,
  CALL_STATES,
  CAMPAIGN_MOVES,
  CAMPAIGN_STATES,
  FINAL_STATES,
  isFinal,
  mayMove,
  type AttemptState,
  type CallState,
  type CampaignState,
} from './call-lifecycle.js';
import { OUTCOME_NAMES, OUTCOMES, type Outcome } from './outcomes.js';

function reachableFrom<State extends string>(
  start: State,
  moves: Record<State, readonly State[]>,
): Set<State> {
  const reached = new Set<State>([start]);
  for (const state of reached) for (const next of moves[state]) reached.add(next);
  return reached;
}

describe('the lifecycle tables', () => {
  it.each([
    ['call', 'waiting', CALL_STATES, CALL_MOVES],
    ['attempt', 'claimed', ATTEMPT_STATES, ATTEMPT_MOVES],
    ['campaign', 'draft', CAMPAIGN_STATES, CAMPAIGN_MOVES],
  ])('reach every state of a %s from %s', (_, start, states, moves) => {
    const reached = reachableFrom(start, moves as Record<string, readonly string[]>);
    expect([...reached].sort()).toEqual([...states].sort());
  });

  it('leave no final state, and let every other call state reach one', () => {
    for (const state of CALL_STATES) {
      const reached = reachableFrom(state, CALL_MOVES);
      expect(isFinal(state) ? reached.size === 1 : [...reached].some(isFinal), state).toBe(true);
    }
    expect([...FINAL_STATES].sort()).toEqual(
      ['blocked', 'busy', 'cancelled', 'completed', 'expired', 'failed', 'no-answer', 'voicemail'].sort(),
    );
  });

  it('never lead from an unknown outcome into a running call: nothing is redialled on a guess', () => {
    for (const state of ['initiated', 'ringing', 'answered'] as const) {
      expect(mayMove('outcome_unknown', state)).toBe(false);
    }
    expect(ATTEMPT_MOVES.unknown).toEqual(['ended']);
  });

  const OPEN = ['initiated', 'ringing', 'answered'] as const;
  const ENDS = ['completed', 'voicemail', 'no-answer', 'busy', 'failed', 'cancelled'] as const;

  it('let an open call go on in the order of a call, skipping what was not heard, and never back', () => {
    for (const [i, from] of OPEN.entries()) {
      for (const [j, to] of OPEN.entries()) expect(mayMove(from, to), `${from} to ${to}`).toBe(j > i);
    }
  });

  it.each<[CallState, string, readonly CallState[]]>([
    ['waiting', 'dialled, or ended in any way without', ['initiated', ...FINAL_STATES]],
    ['initiated', 'tried again, parked or ended as a dialled call', ['waiting', 'outcome_unknown', ...ENDS]],
    ['ringing', 'tried again, parked or ended as a dialled call', ['waiting', 'outcome_unknown', ...ENDS]],
    ['answered', 'tried again, parked or ended as a dialled call', ['waiting', 'outcome_unknown', ...ENDS]],
    ['outcome_unknown', 'tried again or ended as a dialled call', ['waiting', ...ENDS]],
  ])('let a call that is %s be %s', (from, _, allowed) => {
    const onwards = from === 'waiting' ? [] : OPEN;
    const elsewhere = CALL_STATES.filter((to) => !onwards.some((state) => state === to));
    expect(elsewhere.filter((to) => mayMove(from, to)).sort()).toEqual([...allowed].sort());
  });

  it.each<[AttemptState, AttemptState[]]>([
    ['claimed', ['released', 'sending']],
    ['sending', ['ended', 'placed', 'released', 'unknown']],
    ['placed', ['ended', 'unknown']],
    ['unknown', ['ended']],
    ['ended', []],
    ['released', []],
  ])('give back an attempt only while it may not have rung: from %s to %j', (from, allowed) => {
    expect([...ATTEMPT_MOVES[from]].sort()).toEqual(allowed);
  });

  it.each<[CampaignState, CampaignState[]]>([
    ['draft', ['active', 'cancelled']],
    ['active', ['cancelled', 'completed', 'paused']],
    ['paused', ['active', 'cancelled', 'completed']],
    ['completed', []],
    ['cancelled', []],
  ])(
    'start a campaign once, and let it be paused and resumed until it is closed: from %s to %j',
    (from, allowed) => {
      expect([...CAMPAIGN_MOVES[from]].sort()).toEqual(allowed);
    },
  );

  it('let no attempt that may have been sent go back to claimed', () => {
    for (const state of ATTEMPT_STATES) expect(ATTEMPT_MOVES[state]).not.toContain('claimed');
  });

  it('end every open call in whatever state an outcome names', () => {
    for (const outcome of OUTCOME_NAMES) {
      for (const state of ['initiated', 'ringing', 'answered'] as const) {
        expect(mayMove(state, OUTCOMES[outcome].finalState), `${state} by ${outcome}`).toBe(true);
      }
    }
  });

  it('spend a try on every outcome but those of which it is certain that nothing was dialled', () => {
    const free = OUTCOME_NAMES.filter((outcome) => !OUTCOMES[outcome].spendsAttempt);
    expect(free).toEqual(['carrier_limit', 'our_fault']);
  });

  it.each<[CallState, Outcome[]]>([
    ['completed', ['answered']],
    ['voicemail', ['voicemail']],
    ['no-answer', ['no_answer']],
    ['busy', ['busy']],
    ['cancelled', ['cancelled']],
    ['outcome_unknown', ['unknown']],
    [
      'failed',
      [
        'rejected',
        'invalid_number',
        'unreachable',
        'blocked_by_carrier',
        'carrier_limit',
        'carrier_failure',
        'our_fault',
      ],
    ],
  ])('end a call as %s, when no retry follows, by %j', (state, outcomes) => {
    expect(OUTCOME_NAMES.filter((outcome) => OUTCOMES[outcome].finalState === state)).toEqual(outcomes);
  });
});
