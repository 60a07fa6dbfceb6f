import { beforeEach, describe, expect, it } from 'vitest';
import { Metrics } from '#metrics/metrics.js';
import { MeasuredProvider } from './measured.provider.js';
import { SimulatedProvider } from './simulated.provider.js';
import {
  MalformedCallback,
  UNKNOWN_STATUS,
  type CarrierCallback,
  type LookUp,
  type OriginateRequest,
  type SentAttempt,
  type TelephonyProvider,
} from './telephony-provider.js';

let metrics: Metrics;

beforeEach(() => {
  metrics = new Metrics();
});

function measured(overrides: Partial<TelephonyProvider>): MeasuredProvider {
  const publicUrl = 'http://127.0.0.1:1';
  const provider = new SimulatedProvider({ url: publicUrl, secret: 's', publicUrl });
  return new MeasuredProvider(Object.assign(provider, overrides), metrics);
}

/** The lines of one metric. */
async function told(name: string): Promise<string[]> {
  return (await metrics.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
}

const AN_ATTEMPT = { attemptId: 'a1' } as SentAttempt;
const CALLBACK = { path: '/', headers: {}, rawBody: Buffer.alloc(0) };

describe('a measured provider', () => {
  it('hands on what the adapter says, and counts its answers by their kind', async () => {
    const answers: LookUp[] = [{ kind: 'not_found' }, { kind: 'cannot_tell', because: UNKNOWN_STATUS }];
    const provider = measured({ lookUp: () => Promise.resolve(answers.shift()!) });
    expect(await provider.lookUp(AN_ATTEMPT)).toEqual({ kind: 'not_found' });
    expect(await provider.lookUp(AN_ATTEMPT)).toEqual({ kind: 'cannot_tell', because: UNKNOWN_STATUS });
    expect(await told('ringfence_provider_answers_total')).toEqual([
      'ringfence_provider_answers_total{provider="simulated",operation="look_up",answer="not_found"} 1',
      'ringfence_provider_answers_total{provider="simulated",operation="look_up",answer="cannot_tell"} 1',
    ]);
    expect(await told('ringfence_provider_request_duration_seconds_count')).toEqual([
      'ringfence_provider_request_duration_seconds_count{provider="simulated",operation="look_up"} 2',
    ]);
    expect(await told('ringfence_provider_unknown_words_total')).toEqual([
      'ringfence_provider_unknown_words_total{provider="simulated",operation="look_up"} 1',
      'ringfence_provider_unknown_words_total{provider="simulated",operation="callback"} 0',
    ]);
  });

  it('counts refusals by what they mean, and tells of our own faults before there is one', async () => {
    const ours = 'ringfence_provider_refusals_total{provider="simulated",outcome="our_fault"}';
    const refused = { kind: 'refused', because: '401', retryAfterSeconds: null } as const;
    const answers = [{ ...refused, outcome: 'our_fault' } as const, { ...refused, outcome: 'busy' } as const];
    const provider = measured({ originate: () => Promise.resolve(answers.shift()!) });
    expect(await told('ringfence_provider_refusals_total')).toEqual([`${ours} 0`]);
    for (let nth = 0; nth < 2; nth += 1) await provider.originate({} as OriginateRequest);
    expect(await told('ringfence_provider_refusals_total')).toEqual([
      `${ours} 1`,
      'ringfence_provider_refusals_total{provider="simulated",outcome="busy"} 1',
    ]);
  });

  it('tells callbacks that nobody signed from those that cannot be read, and words that nobody knows', async () => {
    const known = { attemptId: 'a1' } as CarrierCallback;
    const read = [null, [known, { ...known, isIndeterminate: true }]];
    const provider = measured({ readCallbacks: () => read.shift() as CarrierCallback[] | null });
    expect(await provider.readCallbacks(CALLBACK)).toBeNull();
    expect(await provider.readCallbacks(CALLBACK)).toHaveLength(2);
    const broken = measured({
      readCallbacks: () => {
        throw new MalformedCallback('CallStatus');
      },
    });
    await expect(broken.readCallbacks(CALLBACK)).rejects.toThrow(MalformedCallback);
    expect(await told('ringfence_provider_callbacks_total')).toEqual([
      'ringfence_provider_callbacks_total{provider="simulated",result="not_signed"} 1',
      'ringfence_provider_callbacks_total{provider="simulated",result="read"} 1',
      'ringfence_provider_callbacks_total{provider="simulated",result="malformed"} 1',
    ]);
    expect(await told('ringfence_provider_unknown_words_total')).toEqual([
      'ringfence_provider_unknown_words_total{provider="simulated",operation="look_up"} 0',
      'ringfence_provider_unknown_words_total{provider="simulated",operation="callback"} 1',
    ]);
  });

  it('is in everything else the adapter that it measures', () => {
    const own = {
      ...{ name: 'another', requestTimeoutSeconds: 7, callbackContentType: 'application/json' },
      ...{ capabilities: {}, answering: {}, listening: {} },
    } as unknown as TelephonyProvider;
    const provider = measured(own);
    expect(provider).toMatchObject(own);
    expect(provider.claimsSignature({})).toBe(false);
    expect(provider.claimsSignature({ 'x-carrier-signature': `sha256=${'0'.repeat(64)}` })).toBe(true);
  });
});
