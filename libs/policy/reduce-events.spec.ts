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
  'voicemail that is told apart': [
    event(1, 'initiated'),
    event(2, 'answered'),
    ended(3, 'answered', { durationSeconds: 7, detection: 'awaited' }),
    event(0, 'machine', { sequence: null, answeredBy: 'machine', detection: 'told' }),
  ],
  'conversation of a carrier that counts nothing': [
    event(0, 'ringing', { sequence: null }),
    event(1, 'answered', { sequence: null }),
    event(2, 'ended', { sequence: null, outcome: 'answered', durationSeconds: 42 }),
  ],
};

describe('the reducer of carrier events', () => {
  it('takes the time from answer to end where the carrier tells no duration, and what it tells where it does', () => {
    const story = [event(1, 'ringing'), event(3, 'answered'), ended(45, 'answered')].map((one) => ({
      ...one,
      sequence: null,
    }));
    expect(reduceEvents(story)?.durationSeconds).toBe(42);
    expect(reduceEvents(story.slice(1))?.durationSeconds).toBe(42);
    expect(reduceEvents(story.slice(2))?.durationSeconds).toBe(0);
    expect(reduceEvents([...story, { ...story[2]!, durationSeconds: 7 }])?.durationSeconds).toBe(7);
  });

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

  it('tells the same of any events whatever in any order and with any repetition', () => {
    const instants = fc
      .integer({ min: 0, max: 3 })
      .map((second) => new Date(Date.UTC(2026, 10, 23, 12, 0, second)));
    const anyEvent: fc.Arbitrary<CarrierEvent> = fc.record({
      source: fc.constantFrom('callback', 'lookup'),
      kind: fc.constantFrom('initiated', 'ringing', 'answered', 'machine', 'ended'),
      at: instants,
      sequence: fc.option(fc.integer({ min: 1, max: 4 }), { nil: null }),
      providerCallId: fc.constantFrom(null, 'p1', 'p2'),
      answeredAt: fc.option(instants, { nil: null }),
      outcome: fc.constantFrom(null, 'answered', 'busy'),
      durationSeconds: fc.constantFrom(null, 7, 42),
      answeredBy: fc.constantFrom(null, 'human', 'machine'),
      converted: fc.boolean(),
      sipCode: fc.constantFrom(null, 200, 486),
      q850: fc.constantFrom(null, 16),
      detection: fc.constantFrom(undefined, 'awaited' as const, 'told' as const),
      isSurmised: fc.constantFrom(undefined, true as const),
    });
    const toldTwice = fc
      .array(anyEvent, { minLength: 1, maxLength: 5 })
      .chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
        ),
      );
    fc.assert(
      fc.property(toldTwice, ([events, again]) => {
        expect(reduceEvents(again)).toEqual(reduceEvents(events));
      }),
      { numRuns: 500 },
    );
  });

  it.each<[string, CarrierEvent[], object]>([
    ['that it was begun', [event(1, 'initiated')], { phase: 'initiated', answeredAt: null }],
    ['that it rings', [event(2, 'ringing')], { phase: 'ringing', answeredAt: null }],
    [
      'that it was answered, at the time of the event',
      [event(3, 'answered')],
      { phase: 'answered', answeredAt: new Date('2026-11-23T12:00:03Z') },
    ],
    [
      'that a machine answered, at the time of the event',
      [event(4, 'machine')],
      { phase: 'answered', answeredAt: new Date('2026-11-23T12:00:04Z'), answeredBy: 'machine' },
    ],
    [
      'that it was answered before the event, where it says so',
      [event(4, 'machine', { answeredAt: new Date('2026-11-23T12:00:02Z') })],
      { answeredAt: new Date('2026-11-23T12:00:02Z'), answeredBy: 'machine' },
    ],
  ])('tells from one event %s, and nothing of an end', (_, events, expected) => {
    expect(reduceEvents(events)).toEqual({
      phase: 'answered',
      outcome: null,
      conclusive: false,
      answeredBy: null,
      endedAt: null,
      durationSeconds: 0,
      converted: false,
      providerCallId: 'p1',
      sipCode: null,
      q850: null,
      isSurmised: false,
      ...expected,
    });
  });

  it('tells all there is of an end', () => {
    const end = ended(1, 'busy', { sipCode: 486, q850: 17, providerCallId: null });
    expect(reduceEvents([end])).toEqual({
      phase: 'ended',
      outcome: 'busy',
      conclusive: true,
      answeredAt: null,
      answeredBy: null,
      endedAt: new Date('2026-11-23T12:00:01Z'),
      durationSeconds: 0,
      converted: false,
      providerCallId: null,
      sipCode: 486,
      q850: 17,
      isSurmised: false,
    });
  });

  it('takes the first id of the carrier’s that is told, by the order of events', () => {
    const told = [
      event(1, 'initiated', { providerCallId: null }),
      event(2, 'ringing', { providerCallId: 'first' }),
      event(3, 'answered', { providerCallId: 'second' }),
    ];
    expect(reduceEvents([...told].reverse())?.providerCallId).toBe('first');
  });

  it('puts events of one place in the order of a call, and those of one kind in the order of the clock', () => {
    const late = new Date('2026-11-23T13:00:00Z');
    const samePlace = [
      event(2, 'answered', { providerCallId: 'answered' }),
      event(2, 'ringing', { providerCallId: 'ringing', at: late }),
    ];
    expect(reduceEvents(samePlace)?.providerCallId).toBe('ringing');
    const ends = [ended(2, 'busy', { at: late }), ended(2, 'rejected')];
    expect(reduceEvents(ends)).toMatchObject({ outcome: 'rejected' });
  });

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
    // Three places of events, but the fourth is after the end, and the second is missing.
    const early = [event(1, 'initiated'), ended(3, 'busy'), event(4, 'ringing')];
    expect(reduceEvents(early)).toMatchObject({ conclusive: false });
  });

  it.each([
    [3, false],
    [4, true],
    [5, true],
  ])('concludes by a look-up after the event of place %i of an end at 4: %s', (sequence, conclusive) => {
    const lookup = event(sequence, 'ringing', { source: 'lookup' });
    expect(reduceEvents([ended(4, 'busy'), lookup])).toMatchObject({ conclusive });
  });

  it('waits for who answered, where the carrier tells that apart, unless it was asked meanwhile', () => {
    const awaited = [event(1, 'answered'), ended(2, 'answered', { detection: 'awaited' })];
    const verdict = event(0, 'answered', { sequence: null, detection: 'told' });
    const lookUp = ended(9, 'answered', { source: 'lookup', sequence: null });
    expect(reduceEvents(awaited)).toMatchObject({ phase: 'ended', conclusive: false });
    expect(reduceEvents([...awaited, verdict])).toMatchObject({ conclusive: true, outcome: 'answered' });
    expect(reduceEvents([...awaited, lookUp])).toMatchObject({ conclusive: true });
  });

  it('takes no id from a call that was only found by its likeness, and believes whatever else is told first', () => {
    const surmised = ended(1, 'busy', { source: 'lookup', sequence: null, isSurmised: true });
    expect(reduceEvents([surmised])).toMatchObject({
      outcome: 'busy',
      providerCallId: null,
      isSurmised: true,
    });
    const [answered, end] = [event(1, 'answered', { providerCallId: 'p2' }), ended(3, 'answered')];
    expect(reduceEvents([surmised, answered, end])).toMatchObject({
      outcome: 'answered',
      conclusive: false,
      providerCallId: 'p2',
      isSurmised: false,
    });
  });

  it('calls an answered call a voicemail when a machine was heard at any time', () => {
    expect(reduceEvents(STORIES.voicemail ?? [])).toMatchObject({ outcome: 'voicemail', durationSeconds: 7 });
    expect(reduceEvents(STORIES.conversation ?? [])).toMatchObject({ outcome: 'answered', converted: true });
    const heard = event(1, 'machine');
    const noticed = ended(2, 'answered', { answeredBy: 'machine' });
    expect(reduceEvents([heard, ended(2, 'answered')])).toMatchObject({ outcome: 'voicemail' });
    expect(reduceEvents([noticed])).toMatchObject({ outcome: 'voicemail' });
    expect(reduceEvents([heard, ended(2, 'carrier_failure')])).toMatchObject({ outcome: 'carrier_failure' });
  });

  it('does not guess how a call ended whose carrier does not say', () => {
    expect(reduceEvents([event(1, 'ended'), event(2, 'machine')])).toMatchObject({ outcome: 'unknown' });
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
    const heard = event(3, 'answered', { at: answeredAt });
    const lookedUpLater = { ...lookedUp, answeredAt: new Date('2026-11-23T12:00:04Z') };
    expect(reduceEvents([heard, lookedUpLater, ended(5, 'answered')])).toMatchObject({ answeredAt });
  });

  it('picks the same end in any order when two claim the same place and time', () => {
    const ends = [ended(2, 'busy', { sipCode: 486 }), ended(2, 'rejected', { sipCode: 603 })];
    expect(reduceEvents(ends)).toEqual(reduceEvents([...ends].reverse()));
  });

  it('knows nothing from nothing', () => {
    expect(reduceEvents([])).toBeNull();
  });
});
