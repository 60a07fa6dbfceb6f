import { describe, expect, it } from 'vitest';
import { dialProtocol, MUTANTS, type Mutant } from './dial-protocol.js';
import { explore } from './search.js';

describe('the protocol of one call, every interleaving of it', () => {
  it.each([
    { workers: 2, attempts: 3 },
    { workers: 3, attempts: 2 },
  ])('rings nobody twice, keeps a stop, loses no call: $workers workers, $attempts attempts', (bounds) => {
    const { states, transitions, counterExample } = explore(dialProtocol(bounds));
    console.log(`${bounds.workers} workers: ${states} states, ${transitions} transitions, no breach`);
    expect(counterExample).toBeNull();
    expect(states).toBeGreaterThan(1_000);
  });

  it.each(Object.keys(MUTANTS) as Mutant[])('is broken by %s, and here is how', (mutant) => {
    const { counterExample } = explore(dialProtocol({ workers: 2, attempts: 3, mutant }));
    expect(counterExample?.breach).toMatch(/rung twice|rang|after the stop/);
    console.log(
      [`${mutant} (${MUTANTS[mutant]}): ${counterExample?.breach}`, ...(counterExample?.steps ?? [])].join(
        '\n  ',
      ),
    );
  });
});
