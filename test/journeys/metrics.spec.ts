import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { BreakableProxy } from '../breakable-proxy.js';
import { aNumber } from '../factories.js';
import { leaksIn } from '../leak-watch.js';
import { OtlpReceiver, type ReceivedSpan } from '../otlp-receiver.js';
import { alertExpressions, isPrometheusHere, panelExpressions, Prometheus } from '../prometheus.js';
import { promtool } from '../promtool.js';
import { House } from '../running-house.js';

let house: House;
let proxy: BreakableProxy;
const collector = new OtlpReceiver();
/** Admin ports, by what answers there. */
let ports: Record<'api' | 'dialer', number>;
/** What was called; none of it may be told. */
const numbers = ['00', '70', '60', '80', '88', '91', '92', '99'].map((digits) => aNumber(digits));
let callIds: string[];

const TOKEN = 'a-token-of-who-scrapes';

beforeAll(async () => {
  const { hostname, port } = new URL(inject('databaseUrl'));
  proxy = new BreakableProxy({ host: hostname, port: Number(port || 5432) });
  await proxy.mend();
  await collector.listen();
  house = await House.open({
    settings: {
      METRICS_TOKEN: TOKEN,
      UNSAFE_RECONCILE_HORIZON_SECONDS: '3',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      // While the collector is away, it is known to be so in the time of a test.
      OTEL_EXPORTER_OTLP_TIMEOUT: '500',
    },
    throughDatabase: (url) => proxy.through(url),
  });
  const dialerPort = Number(/"dialing":true,"adminPort":(\d+)/.exec(house.log)?.[1]);
  ports = { api: house.apiAdminPort, dialer: dialerPort };
  const campaignId = await house.campaign({ max_retries: 0 });
  await aWebhook(campaignId);
  callIds = await Promise.all(numbers.map((to) => house.call(campaignId, to)));
  await house.settled(callIds);
});

afterAll(async () => {
  await house?.close();
  await proxy?.cut();
  await collector.close();
});

/** A webhook whose address lets in whoever knows it. */
async function aWebhook(campaignId: string): Promise<void> {
  await house.must('POST', `/campaigns/${campaignId}/webhooks`, {
    name: 'told',
    webhook_url: house.receiver.url('/told?key=Wilhelmina'),
    events: ['campaign_call.completed'],
  });
}

async function scrape(of: keyof typeof ports): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${ports[of]}/metrics`, {
    headers: { authorization: `Bearer ${TOKEN}` },
  });
  expect(answer.status).toBe(200);
  return answer.text();
}

/** The value of each series of a metric, by its labels as they are written; a histogram's `_count` is a metric too. */
function series(text: string, name: string): Record<string, number> {
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return Object.fromEntries(
    lines.map((line) => {
      const value = line.slice(line.lastIndexOf(' ') + 1);
      return [line.slice(name.length, line.lastIndexOf(' ')), Number(value)];
    }),
  );
}

describe('metrics', () => {
  it('are told to nobody without the token, where there is one', async () => {
    for (const port of Object.values(ports)) {
      expect((await fetch(`http://127.0.0.1:${port}/metrics`)).status).toBe(401);
    }
  });

  it('tell of the whole house the same from every process, as the calls went', async () => {
    const finished = {
      completed: 2,
      voicemail: 1,
      'no-answer': 1,
      busy: 1,
      failed: 2,
      blocked: 0,
      cancelled: 0,
      expired: 0,
    };
    for (const of of ['api', 'dialer'] as const) {
      const text = await house.until(`the ${of} tells of all calls`, async () => {
        const told = await scrape(of);
        return series(told, 'ringfence_calls_received_total')[''] === numbers.length &&
          series(told, 'ringfence_calls_finished_total')['{state="failed"}'] === 2
          ? told
          : null;
      });
      expect(series(text, 'ringfence_calls_finished_total')).toEqual(
        Object.fromEntries(Object.entries(finished).map(([state, count]) => [`{state="${state}"}`, count])),
      );
      expect(series(text, 'ringfence_attempts_ended_total')).toMatchObject({
        '{outcome="answered"}': 2,
        '{outcome="invalid_number"}': 2,
        '{outcome="busy"}': 1,
      });
      expect(series(text, 'ringfence_calls')).toMatchObject({
        '{state="waiting"}': 0,
        '{state="outcome_unknown"}': 1,
      });
      expect(series(text, 'ringfence_attempts_open')['{state="unknown"}']).toBe(1);
      expect(series(text, 'ringfence_oldest_wait_seconds')['{state="unknown"}']).toBeGreaterThan(0);
      expect(series(text, 'ringfence_slots_limit')).toEqual({
        [`{environment="${house.environmentId}"}`]: 100,
      });
      expect(series(text, 'ringfence_leaders')).toEqual({ '': 1 });
      expect(series(text, 'ringfence_dispatch_lag_seconds')['']).toBeLessThan(5);
      expect(series(text, 'ringfence_trunk_calls_per_second_limit')).toEqual({ '{trunk="simulated"}': 50 });
      expect([...Object.values(series(text, 'ringfence_database_up'))]).toEqual([1]);
      expect(series(text, 'ringfence_queue_up')).toEqual({ '': 1 });
      expect(series(text, 'ringfence_queue_jobs')['{queue="dial",state="waiting"}']).toBe(0);
    }
  });

  it('tell of each process what it did itself', async () => {
    await house.api('GET', `/calls/${callIds[0]}`);
    await house.api('GET', `/calls/${'0'.repeat(8)}-0000-4000-8000-${'0'.repeat(12)}`);
    const api = await scrape('api');
    const requests = series(api, 'ringfence_http_request_duration_seconds_count');
    expect(requests['{method="POST",route="/api/v1/campaigns/:id/call",status="2xx"}']).toBe(numbers.length);
    expect(requests['{method="GET",route="/api/v1/calls/:id",status="2xx"}']).toBeGreaterThan(0);
    expect(series(api, 'ringfence_http_errors_total')).toMatchObject({ '{code="CALL_NOT_FOUND"}': 1 });
    expect(
      series(api, 'ringfence_provider_callbacks_total')['{provider="simulated",result="read"}'],
    ).toBeGreaterThan(4);
    expect(series(api, 'ringfence_leading')).toEqual({ '': 0 });

    const dialer = await scrape('dialer');
    expect(series(dialer, 'ringfence_claims_total')['{result="claimed",reason=""}']).toBe(numbers.length);
    const answers = series(dialer, 'ringfence_provider_answers_total');
    expect(answers).toMatchObject({
      '{provider="simulated",operation="originate",answer="accepted"}': 5,
      '{provider="simulated",operation="originate",answer="refused"}': 1,
    });
    // One request is answered with an error, and another not at all: it may be waited for still.
    expect([1, 2]).toContain(answers['{provider="simulated",operation="originate",answer="unknown"}']);
    const worked = series(dialer, 'ringfence_jobs_total')['{queue="dial",result="completed"}'];
    expect(worked).toBeGreaterThanOrEqual(numbers.length - 1);
    expect(series(dialer, 'ringfence_job_wait_seconds_count')['{queue="dial"}']).toBe(numbers.length);
    expect(series(dialer, 'ringfence_webhook_attempts_total')['{result="2xx"}']).toBeGreaterThan(0);
    expect(series(dialer, 'ringfence_leading')).toEqual({ '': 1 });
    expect(series(dialer, 'ringfence_database_connections_limit')).toEqual({
      '{pool="work"}': 10,
      '{pool="metrics"}': 1,
      '{pool="webhooks"}': 3,
    });
    expect(series(dialer, 'process_cpu_seconds_total')['']).toBeGreaterThan(0);
  });

  it('hold nobody’s number, call or token, and no path but its pattern', async () => {
    for (const text of [await scrape('api'), await scrape('dialer')]) {
      for (const to of numbers) expect(text).not.toContain(to.slice(1));
      for (const id of callIds) expect(text).not.toContain(id);
      expect(text).not.toMatch(/talq_|a-token-of/);
    }
  });

  it.skipIf(promtool === null)(
    'are written as Prometheus wants them (needs promtool on the PATH)',
    async () => {
      for (const of of ['api', 'dialer'] as const) {
        const { status, output } = await promtool!(['check', 'metrics'], await scrape(of));
        expect(output, of).toBe('');
        expect(status).toBe(0);
      }
    },
  );

  it.skipIf(!isPrometheusHere)(
    'are understood by Prometheus, by every rule and every panel (needs it on the PATH)',
    async () => {
      const prometheus = await Prometheus.start(Object.values(ports), TOKEN);
      try {
        await house.until('both processes are scraped and every rule is judged', async () => {
          const up = await prometheus.ask(
            'sum(up{job="ringfence"}) == 2 and sum(ringfence_database_up) == 2',
          );
          const rules = await prometheus.rules();
          return (
            up?.data.result.length === 1 &&
            rules.length > 0 &&
            rules.every(({ health }) => health !== 'unknown')
          );
        });
        for (const { name, state, health, lastError } of await prometheus.rules()) {
          expect([name, health, lastError]).toEqual([name, 'ok', undefined]);
          expect(state, name).not.toBe('firing');
        }
        const told = new Set<string>();
        for (const expression of [...alertExpressions(), ...panelExpressions()]) {
          const answer = await prometheus.ask(expression.replaceAll('$__rate_interval', '1m'));
          expect(answer?.status, expression).toBe('success');
          if (answer?.data.result.length !== 0) told.add(expression);
        }
        const plain = panelExpressions().filter((expression) =>
          /^max\(ringfence_\w+(\{[^}]*\})?\)$/.test(expression),
        );
        expect(plain.length).toBeGreaterThan(4);
        expect(plain.filter((expression) => !told.has(expression))).toEqual([]);
      } finally {
        await prometheus.stop();
      }
    },
  );

  it('say that the database is away, quickly and with all that the process knows, and heal', async () => {
    await proxy.cut();
    await house.until('the database is missed', async () => {
      const begunAt = performance.now();
      const text = await scrape('dialer');
      expect(performance.now() - begunAt).toBeLessThan(10_000);
      if (series(text, 'ringfence_database_up')[''] !== 0) return false;
      expect(series(text, 'ringfence_calls')).toEqual({});
      expect(series(text, 'ringfence_dispatch_lag_seconds')).toEqual({});
      const worked = series(text, 'ringfence_jobs_total')['{queue="dial",result="completed"}'];
      expect(worked).toBeGreaterThanOrEqual(numbers.length - 1);
      return true;
    });
    await proxy.mend();
    const healed = await house.until('it is back', async () => {
      const text = await scrape('dialer');
      return series(text, 'ringfence_database_up')[''] === 1 ? text : null;
    });
    expect(series(healed, 'ringfence_calls_received_total')['']).toBe(numbers.length);
  });
});

describe('traces', () => {
  /** The trace of a completed call, once its request and its webhook are told of in it. */
  async function traceOf(callId: string): Promise<ReceivedSpan[]> {
    return house.until(`the trace of ${callId} is whole`, () => {
      const spans = collector.of(callId);
      const isWhole =
        spans.some(({ parentSpanId }) => parentSpanId === '') &&
        spans.some(({ name }) => name === 'deliver webhook');
      return Promise.resolve(isWhole && spans);
    });
  }

  beforeAll(async () => {
    await house.until('the api is back', async () => (await house.api('GET', '/campaigns')).status === 200);
  });

  it('tell of every call, and hold nobody’s number, payload, token or address of a webhook', async () => {
    await traceOf(callIds[0]!);
    const asked = await house.until('every call and a look-up are told of', () => {
      const isDialled = (id: string) => collector.of(id).some(({ name }) => name === 'originate');
      const lookUps = collector.spans.filter(({ name }) => name === 'look up');
      return Promise.resolve(callIds.every(isDialled) && lookUps.length > 0 && lookUps);
    });
    expect(asked.every(({ attributes }) => 'ringfence.look_up.answer' in attributes)).toBe(true);
    // As they came, and taken apart: in what came, a text may be hidden from a pattern by what is before it.
    expect(collector.text).toContain(callIds[0]);
    for (const to of numbers) expect(collector.text).not.toContain(to.slice(1));
    expect(collector.text).not.toMatch(/Wilhelmina|\/told/);
    const told = [{ where: 'a trace', text: JSON.stringify(collector.spans) }];
    expect(leaksIn(told, house.variables)).toEqual([]);
  });

  it('go from the request of a call over its attempts to its webhook, whichever process worked on it', async () => {
    const campaignId = await house.campaign({ max_retries: 1 });
    await aWebhook(campaignId);
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
    const below = (parent: ReceivedSpan) =>
      spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId);
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

  it('are lost while the collector is away, which is said; calls go on, and a stop takes no longer', async () => {
    await collector.close();
    const campaignId = await house.campaign();
    const id = await house.call(campaignId, aNumber('00'));
    expect((await house.settled([id])).get(id).status).toBe('completed');
    await house.until('the loss is told of', () => Promise.resolve(/"spansLost":\d+/.test(house.log)));
    for (const running of [house.apiProcess, ...house.dialers]) {
      const beganAt = performance.now();
      running.kill('SIGTERM');
      expect(await once(running, 'exit')).toEqual([0, null]);
      // What was left was not taken either; on its own a process ends within a moment here.
      expect(performance.now() - beganAt).toBeLessThan(15_000);
    }
  });
});
