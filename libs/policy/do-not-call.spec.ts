import { describe, expect, it } from 'vitest';
import { stopsCallsReading, triggerErrors, type DoNotCallMatch, type Reading } from './do-not-call.js';
import type { Outcome } from './outcomes.js';

const NOW = new Date('2026-11-25T12:00:00Z');

describe('what stands on a list', () => {
  it.each<[string, Partial<DoNotCallMatch>, Reading[]]>([
    ['an opt-out of the environment', { kind: 'opt_out' }, ['off', 'environment', 'global', 'custom']],
    ['a global opt-out', { kind: 'opt_out', list: 'global' }, ['off', 'environment', 'global', 'custom']],
    ['an entry of the environment', {}, ['environment', 'global']],
    ['a global entry', { list: 'global' }, ['global']],
    ['an entry of a campaign', { list: 'campaign' }, ['custom']],
    ['an entry until later', { expiresAt: new Date('2026-11-25T12:00:01Z') }, ['environment', 'global']],
    ['an entry until now', { expiresAt: NOW }, []],
    ['an opt-out that is over', { kind: 'opt_out', expiresAt: NOW }, []],
  ])('%s stops the calls of campaigns that read it', (_, overrides, readings) => {
    const match: DoNotCallMatch = {
      ...{ id: 'e1', kind: 'list', list: 'environment', expiresAt: null, source: null, registryId: null },
      ...overrides,
    };
    expect(stopsCallsReading(match, NOW)).toEqual(readings);
  });
});

describe('the end of a call', () => {
  it.each<[string, Outcome, number | null, number | null, string[]]>([
    ['no such number', 'invalid_number', 404, null, ['invalid_number']],
    ['refused before it was dialled', 'invalid_number', null, null, ['invalid_number']],
    ['a number that is gone', 'invalid_number', 410, null, ['invalid_number', 'disconnected']],
    ['a number that has changed', 'invalid_number', 404, 22, ['invalid_number', 'disconnected']],
    ['a phone that is switched off', 'unreachable', 480, 20, []],
    ['a conversation', 'answered', null, 16, []],
  ])('in %s says so of its number', (_, outcome, sipCode, q850, errors) => {
    expect(triggerErrors(outcome, { sipCode, q850 })).toEqual(errors);
  });
});
