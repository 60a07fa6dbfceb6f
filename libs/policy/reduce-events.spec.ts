import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from './outcomes.js';
import { reduceEvents, type CarrierEvent } from './reduce-events.js';

function event(
  sequence: number,
  kind: CarrierEvent['kind'],
  overrides: Partial<CarrierEvent> = {},
): CarrierEvent {
  return {
    source: 'callback',
    kind,
    at: new Date(Date.UTC(2026, 10, 23, 12, 0, sequence)),
    sequence,
    providerCallId: 'p1',
    answeredAt: null,
    outcome: null,
    durationSeconds: null,
    answeredBy: null,
    converted: false,
    sipCode: null,
    q850: null,
    ...overrides,
  };
}

function ended(sequence: number, outcome: Outcome, overrides: Partial<CarrierEvent> = {}): CarrierEvent {
  return event(sequence, 'ended', { outcome, ...overrides });
}

const STORIES: Record<string, CarrierEvent[]> = {
  conversation: [
    event(1, 'initiated'),
    event(2, 'ringing'),
    event(3, 'answered'),
    ended(4, 'answered', { durationSeconds: 42, answeredBy: 'human', converted: true }),
  ],
  voicemail: [
    event(1, 'initiated'),
    event(2, 'ringing'),
    event(3, 'answered'),
    event(4, 'machine'),
    ended(5, 'answered', { durationSeconds: 7, answeredBy: 'machine' }),
  ],
  busy: [event(1, 'initiated'), ended(2, 'busy', { sipCode: 486 })],
};

describe('the reducer of carrier events', () => {
  it.each(Object.keys(STORIES))(
    'tells the same end of a %s in any order and with any repetition',
    (story) => {
      const events = STORIES[story] ?? [];
      const expected = reduceEvents(events);
      expect(expected).toMatchObject({ phase: 'ended', conclusive: true });
      fc.assert(
        fc.property(
          fc.shuffledSubarray(events, { minLength: events.length }),
          fc.array(fc.constantFrom(...events), { maxLength: 6 }),
          (shuffled, repeated) => {
            expect(reduceEvents([...shuffled, ...repeated])).toEqual(expected);
          },
        ),
      );
    },
  );

  it('never steps back as more becomes known', () => {
    const rank = { initiated: 0, ringing: 1, answered: 2, ended: 3 };
    const events = STORIES.voicemail ?? [];
    fc.assert(
      fc.property(fc.shuffledSubarray(events, { minLength: events.length }), (order) => {
        const phases = order.map(
          (_, index) => rank[reduceEvents(order.slice(0, index + 1))?.phase ?? 'initiated'],
        );
        expect(phases).toEqual([...phases].sort((a, b) => a - b));
      }),
    );
  });

  it('does not conclude from an end while an earlier event is missing, unless the carrier was asked', () => {
    const [initiated, ringing, answered, end] = STORIES.conversation as [
      CarrierEvent,
      CarrierEvent,
      CarrierEvent,
      CarrierEvent,
    ];
    expect(reduceEvents([initiated, answered, end])).toMatchObject({ phase: 'ended', conclusive: false });
    expect(reduceEvents([initiated, end, { ...end, source: 'lookup' }])).toMatchObject({ conclusive: true });
    expect(reduceEvents([initiated, ringing, answered, end])).toMatchObject({ conclusive: true });
  });

  it('calls an answered call a voicemail when a machine was heard at any time', () => {
    expect(reduceEvents(STORIES.voicemail ?? [])).toMatchObject({ outcome: 'voicemail', durationSeconds: 7 });
    expect(reduceEvents(STORIES.conversation ?? [])).toMatchObject({ outcome: 'answered', converted: true });
  });

  it('keeps the first end when a carrier names two', () => {
    const events = [...(STORIES.busy ?? []), ended(3, 'carrier_failure')];
    expect(reduceEvents(events)).toMatchObject({ outcome: 'busy', sipCode: 486 });
  });

  it('knows when it was answered from a look-up alone, in either order with a late callback', () => {
    const answeredAt = new Date('2026-11-23T12:00:03Z');
    const lookedUp = ended(4, 'answered', { source: 'lookup', answeredAt });
    expect(reduceEvents([lookedUp])).toMatchObject({ answeredAt });
    const late = event(3, 'answered', { at: new Date('2026-11-23T12:00:04Z') });
    expect(reduceEvents([lookedUp, late])).toMatchObject({ answeredAt });
    expect(reduceEvents([late, lookedUp])).toMatchObject({ answeredAt });
  });

  it('picks the same end in any order when two claim the same place and time', () => {
    const ends = [ended(2, 'busy', { sipCode: 486 }), ended(2, 'rejected', { sipCode: 603 })];
    expect(reduceEvents(ends)).toEqual(reduceEvents([...ends].reverse()));
  });

  it('knows nothing from nothing', () => {
    expect(reduceEvents([])).toBeNull();
  });
});
