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
} from './call-lifecycle.js';
import { OUTCOME_NAMES, OUTCOMES } from './outcomes.js';

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
});
