import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Log } from '#environment/log.js';
import { readSettings } from '#environment/settings.js';
import { LostSpans } from '#tracing/lost-spans.js';
import { openTracing } from '#tracing/open-tracing.js';
import { OtlpTracing } from '#tracing/otlp-tracing.js';
import { ATTRIBUTES, SPANS } from '#tracing/spans.js';
import { NO_TRACE, NO_TRACING } from '#tracing/tracing.js';
import { OtlpReceiver } from './otlp-receiver.js';

const receivers: OtlpReceiver[] = [];
afterEach(() => Promise.all(receivers.splice(0).map((receiver) => receiver.close())));

async function aReceiver(isSilent = false): Promise<OtlpReceiver> {
  const receiver = new OtlpReceiver(isSilent);
  receivers.push(receiver);
  await receiver.listen();
  return receiver;
}

/** A process that traces. */
function tracing(url: string, ratio = 1, lost = new LostSpans(console.warn, () => 0)): OtlpTracing {
  return new OtlpTracing({ url, serviceName: 'test', ratio }, lost);
}

const NOTHING = () => ({});

describe('the settings of tracing', () => {
  const settingsOf = (variables: Record<string, string>) => {
    const home = process.cwd();
    // Generated secrets are kept under the working directory.
    process.chdir(mkdtempSync(join(tmpdir(), 'tracing-')));
    try {
      return readSettings({ DATABASE_URL: 'postgres://database/ringfence', ...variables });
    } finally {
      process.chdir(home);
    }
  };
  const open = (variables: Record<string, string>) => openTracing(settingsOf(variables), 'api', {} as Log);

  it('leave it off unless a collector is named', async () => {
    expect(await open({})).toBe(NO_TRACING);
    expect(await open({ OTEL_TRACES_SAMPLER_ARG: '1', OTEL_SERVICE_NAME: 'calls' })).toBe(NO_TRACING);
    const OTEL_EXPORTER_OTLP_ENDPOINT = 'http://127.0.0.1:4318';
    expect(await open({ OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_SDK_DISABLED: 'true' })).toBe(NO_TRACING);
    expect(await open({ OTEL_EXPORTER_OTLP_ENDPOINT })).toBeInstanceOf(OtlpTracing);
  });

  it('name the collector as OpenTelemetry does', async () => {
    const receiver = await aReceiver();
    const named: Record<string, string>[] = [
      { OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/` },
      { OTEL_EXPORTER_OTLP_ENDPOINT: `${receiver.url}/otlp`, OTEL_SERVICE_NAME: 'calls' },
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${receiver.url}/own`,
      },
    ];
    for (const variables of named) {
      const opened = await open(variables);
      opened.of(randomUUID()).note('record', Date.now(), {});
      await opened.close();
    }
    expect(receiver.requests).toEqual(
      ['/v1/traces', '/otlp/v1/traces', '/own'].map((path) => ({
        path,
        contentType: 'application/x-protobuf',
      })),
    );
    expect(receiver.spans.map(({ service }) => service)).toEqual(['ringfence-api', 'calls', 'ringfence-api']);
  });
});

describe('a call’s trace', () => {
  it('is the same for processes that know nothing but its id', async () => {
    const receiver = await aReceiver();
    const [api, dialer] = [tracing(receiver.url), tracing(receiver.url)];
    const callId = randomUUID();
    await dialer.of(callId).step(
      'dial',
      (ticket) => ticket.step('claim', () => Promise.resolve(), NOTHING),
      () => ({ 'ringfence.dial.result': 'accepted' }),
    );
    // Last, and after the end of the first: as a request is answered once its call may be ringing.
    api.takenIn({
      callId,
      method: 'POST',
      route: '/calls',
      tookMs: 5_000,
      traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
      told: { 'http.response.status_code': 201 },
    });
    await Promise.all([api.close(), dialer.close()]);

    expect(receiver.of(callId)).toHaveLength(3);
    const [root, ticket, claim] = ['POST /calls', 'dial', 'claim'].map((name) =>
      receiver.spans.find((span) => span.name === name),
    );
    expect(root).toMatchObject({ kind: 'server', parentSpanId: '', service: 'test' });
    expect(root!.links).toEqual([{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) }]);
    expect(root!.endedAtMs - root!.beganAtMs).toBeCloseTo(5_000, 0);
    expect(ticket).toMatchObject({ kind: 'consumer', parentSpanId: root!.spanId });
    expect(claim).toMatchObject({ kind: 'internal', parentSpanId: ticket!.spanId });
  });

  it('has no link where the client named no trace rightly', async () => {
    const receiver = await aReceiver();
    const api = tracing(receiver.url);
    const wrong = [undefined, '', `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`, '00-{"to":"+12025550100"}'];
    for (const traceparent of wrong)
      api.takenIn({ callId: randomUUID(), method: 'POST', route: '/', tookMs: 1, traceparent, told: {} });
    await api.close();
    expect(receiver.spans.map(({ links }) => links)).toEqual(wrong.map(() => []));
  });

  it('shows what failed by its kind, never by its words, and fails as it did', async () => {
    const receiver = await aReceiver();
    const dialer = tracing(receiver.url);
    const failure = Object.assign(new Error('duplicate key: +12025550100'), { code: '23505' });
    const callId = randomUUID();
    const trace = dialer.of(callId);
    await expect(trace.step('claim', () => Promise.reject(failure), NOTHING)).rejects.toBe(failure);
    await expect(trace.step('fence', () => Promise.reject(new TypeError('x')), NOTHING)).rejects.toThrow('x');
    // What cannot be told was done all the same.
    const told = () => {
      throw new RangeError('a defect');
    };
    expect(await trace.step('originate', () => Promise.resolve('accepted'), told)).toBe('accepted');
    trace.note('look up', Date.now(), { 'ringfence.reason': null, 'ringfence.events': ['ringing'] });
    await dialer.close();
    expect(
      receiver
        .of(callId)
        .map(({ name, isError, attributes }) => [name, isError, attributes])
        .sort(),
    ).toEqual([
      ['claim', true, { 'error.type': '23505' }],
      ['fence', true, { 'error.type': 'TypeError' }],
      ['look up', false, { 'ringfence.events': ['ringing'] }],
      ['originate', true, { 'error.type': 'RangeError' }],
    ]);
    expect(receiver.text).not.toMatch(/2025550100|duplicate/);
  });

  it('is written down by every process or by none, for the share of calls that is asked for', () => {
    const [api, dialer, more] = [0.25, 0.25, 0.5].map((ratio) => tracing('http://127.0.0.1:1', ratio));
    const calls = Array.from({ length: 4_000 }, randomUUID);
    const traced = (by: OtlpTracing) => calls.filter((id) => by.of(id) !== NO_TRACE);
    expect(traced(api!)).toEqual(traced(dialer!));
    // Five standard deviations to each side.
    expect(Math.abs(traced(api!).length - 1_000)).toBeLessThan(137);
    // Processes that are restarted with a larger share, one after the other, go on with what the others trace.
    const larger = new Set(traced(more!));
    expect(traced(api!).every((id) => larger.has(id))).toBe(true);
    expect(api!.of(null)).toBe(NO_TRACE);
  });
});

describe('a collector that never answers', () => {
  it('costs spans, not memory: so many wait, and no more', async () => {
    const receiver = await aReceiver(true);
    let lost = 0;
    let minute = 0;
    const count = new LostSpans(
      ({ spansLost }) => (lost += spansLost),
      () => minute++ * 60_000,
    );
    const dialer = tracing(receiver.url, 1, count);
    const trace = dialer.of(randomUUID());
    const made = 12_000;
    for (let nth = 0; nth < made; nth++) trace.note('record', Date.now(), {});
    const [waiting, underWay] = [4_096, 512];
    expect(lost).toBe(made - waiting - underWay);

    const beganAt = performance.now();
    await dialer.close();
    expect(performance.now() - beganAt).toBeLessThan(3_000);
  });

  it('is warned of at most once a minute, with all that was lost meanwhile', () => {
    const warnings: object[] = [];
    let nowMs = 0;
    const lost = new LostSpans(
      (line) => warnings.push(line),
      () => nowMs,
    );
    lost.add(3, 'ECONNREFUSED');
    nowMs = 59_999;
    lost.add(500, 'ECONNREFUSED');
    nowMs = 60_000;
    lost.add(2, 'status_503');
    lost.add(1, 'status_503');
    expect(warnings).toEqual([
      { spansLost: 3, because: 'ECONNREFUSED' },
      { spansLost: 502, because: 'status_503' },
    ]);
  });
});

describe('the guide to traces', () => {
  it('has a row for each span and each attribute, and no other', () => {
    const shown = readFileSync('docs/tracing.md', 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('| `') && !line.startsWith('| `OTEL_'));
    const spans = Object.entries(SPANS).map(
      ([name, { kind, help }]) => `| \`${name}\` | ${kind} | ${help} |`,
    );
    const attributes = Object.entries(ATTRIBUTES).map(([name, help]) => `| \`${name}\` | ${help} |`);
    expect(shown).toEqual([...spans, ...attributes]);
  });
});
