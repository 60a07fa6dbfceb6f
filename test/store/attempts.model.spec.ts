import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DataSource } from 'typeorm';
import { deadlines } from '#policy/deadlines.js';
import { ATTEMPT_MOVES, CALL_MOVES } from '#policy/call-lifecycle.js';
import type { CarrierEvent } from '#policy/reduce-events.js';
import { AttemptsStore } from '#store/attempts.store.js';
import { Call } from '#store/call.entity.js';
import { ClaimStore } from '#store/claim.store.js';
import { DIALER_LIMITS, database } from '#store/database.js';
import { ProviderEventsStore } from '#store/provider-events.store.js';
import { ReconcileStore } from '#store/reconcile.store.js';
import { freshDatabase } from '../database.js';
import { aCall, aCampaign, anEnvironment, asDialer, dialingSettings } from '../factories.js';

let source: DataSource;

beforeAll(async () => {
  source = await database(await freshDatabase(), DIALER_LIMITS).initialize();
  for (const statement of WITNESS) await source.query(statement);
});

afterAll(() => source.destroy());

/** Writes down every move that a row makes, in the name of whoever owns the schema, since no role may read this. */
const WITNESS = [
  `CREATE TABLE moves (subject text, origin text, target text, PRIMARY KEY (subject, origin, target))`,
  `CREATE FUNCTION witness() RETURNS trigger SECURITY DEFINER LANGUAGE plpgsql AS $$
   BEGIN
     INSERT INTO moves VALUES (TG_TABLE_NAME, OLD.status, NEW.status) ON CONFLICT DO NOTHING;
     RETURN NEW;
   END $$`,
  ...['calls', 'attempts'].map(
    (table) => `CREATE TRIGGER witness AFTER UPDATE ON ${table} FOR EACH ROW
      WHEN (OLD.status IS DISTINCT FROM NEW.status) EXECUTE FUNCTION witness()`,
  ),
];

/** Whole stories as a carrier may tell them, with the state in which each leaves the call. */
const STORIES: Record<string, { kinds: CarrierEvent['kind'][]; outcome: CarrierEvent['outcome'] }> = {
  completed: { kinds: ['initiated', 'ringing', 'answered', 'ended'], outcome: 'answered' },
  voicemail: { kinds: ['initiated', 'ringing', 'answered', 'machine', 'ended'], outcome: 'answered' },
  'no-answer': { kinds: ['initiated', 'ringing', 'ended'], outcome: 'no_answer' },
  busy: { kinds: ['initiated', 'ended'], outcome: 'busy' },
};

function storyOf(end: string): CarrierEvent[] {
  const { kinds = [], outcome = null } = STORIES[end] ?? {};
  return kinds.map((kind, index) => ({
    source: 'callback',
    kind,
    at: new Date(Date.UTC(2026, 10, 23, 12, 0, index)),
    answeredAt: null,
    sequence: index + 1,
    providerCallId: 'p1',
    outcome: kind === 'ended' ? outcome : null,
    durationSeconds: null,
    answeredBy: null,
    converted: false,
    sipCode: null,
    q850: null,
  }));
}

/** One attempt that has passed its fence, and all that may happen to it from outside. */
class Attempt {
  /** How far the call has come; it must never go back. */
  private rank = 0;

  constructor(
    private readonly callId: string,
    private readonly attemptId: string,
    private readonly stores: {
      attempts: AttemptsStore;
      events: ProviderEventsStore;
      reconcile: ReconcileStore;
    },
    readonly story: CarrierEvent[],
  ) {}

  async tell(event: CarrierEvent): Promise<void> {
    const eventKey = `${this.attemptId}-${event.source}-${event.sequence}`;
    await this.stores.events.recordOnce('test', [{ eventKey, attemptId: this.attemptId, event }]);
    await this.stores.attempts.applyEvents([this.attemptId]);
    await this.neverGoesBack();
  }

  async answer(kind: 'accepted' | 'unknown'): Promise<void> {
    const placement = kind === 'accepted' ? { kind, providerCallId: 'p1' } : { kind, because: 'timeout' };
    await this.stores.attempts.recordPlacement(this.attemptId, placement);
    await this.neverGoesBack();
  }

  async hearNothing(): Promise<void> {
    await this.stores.reconcile.heardNothing(this.attemptId, 'not_found');
    await this.neverGoesBack();
  }

  async call(): Promise<Call> {
    return source.manager.findOneByOrFail(Call, { id: this.callId });
  }

  private async neverGoesBack(): Promise<void> {
    const { status } = await this.call();
    const rank = { initiated: 0, ringing: 1, answered: 2 }[status as string] ?? 3;
    expect(rank, `${status} after rank ${this.rank}`).toBeGreaterThanOrEqual(this.rank);
    this.rank = rank;
  }
}

/** The story alone says how it must end, so the model keeps nothing. */
type Step = fc.AsyncCommand<object, Attempt>;

/** A callback of the story: early, late, again, in any order. */
function callback(place: number): Step {
  return {
    check: () => true,
    run: (_, attempt) => attempt.tell(attempt.story[place % attempt.story.length] as CarrierEvent),
    toString: () => `callback ${place}`,
  };
}

/** A look-up at some point of the story: it tells all that came before it. */
function lookUp(place: number): Step {
  return {
    check: () => true,
    run: async (_, attempt) => {
      const event = attempt.story[place % attempt.story.length] as CarrierEvent;
      const answeredAt = attempt.story.find(
        ({ kind, sequence }) => kind === 'answered' && (sequence ?? 0) <= (event.sequence ?? 0),
      )?.at;
      const answeredBy = attempt.story.some(
        ({ kind, sequence }) => kind === 'machine' && (sequence ?? 0) <= (event.sequence ?? 0),
      )
        ? 'machine'
        : null;
      await attempt.tell({ ...event, source: 'lookup', answeredAt: answeredAt ?? null, answeredBy });
    },
    toString: () => `look-up ${place}`,
  };
}

function other(name: string, run: (attempt: Attempt) => Promise<void>): Step {
  return { check: () => true, run: (_, attempt) => run(attempt), toString: () => name };
}

it('whatever is told of an attempt, in whatever order, it moves forward only, and ends as its story ends', async () => {
  const { id: environmentId } = await anEnvironment(source, { maxConcurrentCalls: 10_000 });
  // Without a horizon, the first silence parks.
  const storesOf = (horizonSeconds: number) => {
    const settings = dialingSettings({ deadlines: deadlines(horizonSeconds) });
    return {
      attempts: new AttemptsStore(asDialer(source), settings),
      events: new ProviderEventsStore(asDialer(source)),
      reconcile: new ReconcileStore(asDialer(source), settings),
    };
  };
  const patient = storesOf(600);
  const impatient = storesOf(0);
  const claims = new ClaimStore(asDialer(source), dialingSettings());
  const campaign = await aCampaign(source, environmentId);
  const steps = [
    fc.nat(4).map(callback),
    fc.nat(4).map(lookUp),
    fc.constant(other('accepted', (attempt) => attempt.answer('accepted'))),
    fc.constant(other('no answer', (attempt) => attempt.answer('unknown'))),
    fc.constant(other('silence', (attempt) => attempt.hearNothing())),
  ];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...Object.keys(STORIES)),
      fc.boolean(),
      fc.commands(steps, { maxCommands: 12 }),
      async (end, isPatient, commands) => {
        const { id } = await aCall(source, campaign);
        const claim = await claims.claim(id, 1);
        if (claim.kind !== 'claimed' || (await claims.fence(claim, [])).kind !== 'passed') {
          throw new Error(`expected to dial, got ${claim.kind}`);
        }
        const attempt = new Attempt(id, claim.attempt.id, isPatient ? patient : impatient, storyOf(end));
        await fc.asyncModelRun(() => ({ model: {}, real: attempt }), commands);
        for (const event of attempt.story) await attempt.tell(event);
        expect(await attempt.call()).toMatchObject({ status: end, attemptsSpent: 1 });
        const [{ open }] = await source.query<[{ open: number }]>(
          `SELECT sum(in_use)::integer AS open FROM slots`,
        );
        expect(open).toBe(0);
      },
    ),
    { numRuns: 60 },
  );
  const moves = await source.query<{ subject: string; origin: string; target: string }[]>(`TABLE moves`);
  const outside = moves.filter(({ subject, origin, target }) => {
    const table: Record<string, readonly string[]> = subject === 'calls' ? CALL_MOVES : ATTEMPT_MOVES;
    return !table[origin]?.includes(target);
  });
  expect(outside).toEqual([]);
  expect(moves.length).toBeGreaterThan(10);
});
