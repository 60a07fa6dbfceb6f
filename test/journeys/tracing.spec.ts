import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { OtlpReceiver, type ReceivedSpan } from '../otlp-receiver.js';
import { House } from '../running-house.js';

let house: House;
const collector = new OtlpReceiver();

beforeAll(async () => {
  await collector.listen();
  house = await House.open({
    settings: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      // While the collector is away, it is known to be so in the time of a test.
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    },
  });
});

afterAll(async () => {
  await house?.close();
  await collector.close();
});

/** A campaign whose calls are told of to an address that lets whoever knows it in. */
async function aCampaign(): Promise<string> {
  const campaignId = await house.campaign({ max_retries: 1 });
  const webhook = {
    name: 'told',
    webhook_url: house.receiver.url('/told?key=Wilhelmina'),
    events: ['campaign_call.completed'],
  };
  await house.must('POST', `/campaigns/${campaignId}/webhooks`, webhook);
  return campaignId;
}

/** The trace of a call once its webhook is told of in it. */
async function traceOf(callId: string): Promise<ReceivedSpan[]> {
  return house.until(`the trace of ${callId} is whole`, () => {
    const spans = collector.of(callId);
    const names = new Set(spans.map(({ parentSpanId, name }) => (parentSpanId === '' ? 'root' : name)));
    return Promise.resolve(
      ['root', 'apply events', 'deliver webhook'].every((name) => names.has(name)) && spans,
    );
  });
}

it('keeps numbers, payloads, contexts and addresses of webhooks out of the traces', async () => {
  const campaignId = await aCampaign();
  const numbers = ['00', '70', '85', '88', '98'].map((digits) => aNumber(digits));
  const made = numbers.map((to) =>
    house.call(campaignId, to, { payload: { name: 'Zebediah' }, context: { note: 'Xanthippe' } }),
  );
  const ids = await Promise.all(made);
  await house.settled(ids);
  await traceOf(ids[0]!);
  // All of them by then: what was told later is in a later batch of the same process.
  await house.until('every call is traced', () =>
    Promise.resolve(ids.every((id) => collector.of(id).length > 2)),
  );

  const { text } = collector;
  expect(text).toContain(ids[0]);
  for (const to of numbers) expect(text).not.toContain(to.slice(1));
  expect(text).not.toMatch(/Zebediah|Xanthippe|Wilhelmina|talq_/);
});

it('gives a call one trace, from its request to its webhook, whichever process worked on it', async () => {
  const campaignId = await aCampaign();
  const client = { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) };
  // Busy at first, answered then.
  const answer = await house.api(
    'POST',
    `/campaigns/${campaignId}/call`,
    { to: aNumber('96') },
    { traceparent: `00-${client.traceId}-${client.spanId}-01` },
  );
  const { id } = answer.body.campaign_call;
  const spans = await traceOf(id);

  const root = spans.find(({ parentSpanId }) => parentSpanId === '')!;
  expect(root).toMatchObject({
    name: 'POST /api/v1/campaigns/:id/call',
    kind: 'server',
    service: 'ringfence-api',
    links: [client],
    attributes: {
      'http.request.method': 'POST',
      'http.response.status_code': answer.status,
      'ringfence.call.id': id,
      'ringfence.campaign.id': campaignId,
      'ringfence.environment.id': house.environmentId,
    },
  });
  const below = (parent: ReceivedSpan) => spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId);
  const named = (name: string) => below(root).filter((span) => span.name === name);
  const dialled = named('dial').filter(({ attributes }) => 'ringfence.attempt.id' in attributes);
  expect(dialled.map(({ attributes }) => attributes)).toMatchObject([
    { 'ringfence.attempt.number': 1, 'ringfence.dial.result': 'accepted' },
    { 'ringfence.attempt.number': 2, 'ringfence.dial.result': 'accepted' },
  ]);
  for (const ticket of dialled) {
    const steps = below(ticket);
    expect(steps.map(({ name }) => name)).toEqual(['claim', 'fence', 'originate', 'record']);
    expect(steps.map(({ attributes }) => attributes)).toMatchObject([
      { 'ringfence.claim.result': 'claimed' },
      { 'ringfence.fence.passed': true },
      { 'ringfence.placement': 'accepted', 'ringfence.trunk': 'simulated' },
      {},
    ]);
    expect(steps[2]).toMatchObject({ kind: 'client', isError: false });
  }
  // However many came together, and from whom: all are of their attempt, until it has ended.
  for (const [nth, outcome] of ['busy', 'answered'].entries()) {
    const applied = named('apply events')
      .map(({ attributes }) => attributes)
      .filter((told) => told['ringfence.attempt.number'] === nth + 1);
    expect(applied.map((told) => told['ringfence.attempt.id'])).toEqual(
      applied.map(() => dialled[nth]!.attributes['ringfence.attempt.id']),
    );
    const events = applied.flatMap((told) => told['ringfence.events'] as string[]);
    expect(events).toContain('ended');
    expect(applied.at(-1)).toMatchObject({
      'ringfence.attempt.phase': 'ended',
      'ringfence.attempt.outcome': outcome,
    });
  }
  expect(named('deliver webhook')).toMatchObject([
    {
      kind: 'client',
      isError: false,
      attributes: {
        'http.response.status_code': 200,
        'http.request.resend_count': 0,
        'ringfence.webhook.event.type': 'campaign_call.completed',
      },
    },
  ]);
  const others = spans.filter((span) => span !== root);
  expect(new Set(others.map(({ service }) => service))).toEqual(new Set(['ringfence-dialer']));
  const tops = new Set([root, ...named('dial')].map(({ spanId }) => spanId));
  expect(others.filter(({ parentSpanId }) => !tops.has(parentSpanId))).toEqual([]);
});

it('goes on calling while the collector is away, says so, and stops no later for it', async () => {
  await collector.close();
  const campaignId = await aCampaign();
  const id = await house.call(campaignId, aNumber('00'));
  expect((await house.settled([id])).get(id).status).toBe('completed');
  await house.until('the loss is told of', () => Promise.resolve(/"spansLost":\d+/.test(house.log)));
  for (const running of [house.apiProcess, ...house.dialers]) {
    const beganAt = performance.now();
    running.kill('SIGTERM');
    expect(await once(running, 'exit')).toEqual([0, null]);
    // What was left was not taken either; on its own a process ends within a moment here.
    expect(performance.now() - beganAt).toBeLessThan(5_000);
  }
});
