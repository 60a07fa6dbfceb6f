import type { Metrics } from '#metrics/metrics.js';
import type { Outcome } from '#policy/outcomes.js';
import {
  MalformedCallback,
  TelephonyProvider,
  UNKNOWN_STATUS,
  type CallAnswering,
  type CallListening,
  type Capabilities,
  type CarrierCallback,
  type IncomingRequest,
  type LookUp,
  type OriginateRequest,
  type Placement,
  type SentAttempt,
} from './telephony-provider.js';

type Operation = 'originate' | 'look_up' | 'hang_up';

/** Any adapter, with its requests timed and its answers and callbacks counted. It changes nothing of them. */
export class MeasuredProvider extends TelephonyProvider {
  readonly name: string;
  readonly requestTimeoutSeconds: number;
  readonly capabilities: Capabilities;
  override readonly answering: CallAnswering | null;
  override readonly listening: CallListening | null;
  override readonly callbackContentType: TelephonyProvider['callbackContentType'];

  constructor(
    private readonly provider: TelephonyProvider,
    private readonly metrics: Metrics,
  ) {
    super();
    this.name = provider.name;
    this.requestTimeoutSeconds = provider.requestTimeoutSeconds;
    this.capabilities = provider.capabilities;
    this.answering = provider.answering;
    this.listening = provider.listening;
    this.callbackContentType = provider.callbackContentType;
    // Told as none from the start: of a figure that comes into being with the first word, nobody could see it rise.
    for (const operation of ['look_up', 'callback'] as const) this.noteUnknownWords(operation, 0);
    this.noteRefusal('our_fault', 0);
  }

  async originate(request: OriginateRequest): Promise<Placement> {
    const placement = await this.timed('originate', () => this.provider.originate(request));
    if (placement.kind === 'refused') this.noteRefusal(placement.outcome, 1);
    return placement;
  }

  async lookUp(attempt: SentAttempt): Promise<LookUp> {
    const answer = await this.timed('look_up', () => this.provider.lookUp(attempt));
    if (answer.kind === 'cannot_tell' && answer.because === UNKNOWN_STATUS)
      this.noteUnknownWords('look_up', 1);
    return answer;
  }

  async hangUp(call: Pick<SentAttempt, 'attemptId' | 'providerCallId'>): Promise<void> {
    await this.timed('hang_up', async () => {
      await this.provider.hangUp(call);
      return { kind: 'asked' };
    });
  }

  claimsSignature(headers: IncomingRequest['headers']): boolean {
    return this.provider.claimsSignature(headers);
  }

  async readCallbacks(request: IncomingRequest): Promise<CarrierCallback[] | null> {
    try {
      const callbacks = await this.provider.readCallbacks(request);
      this.noteCallback(callbacks === null ? 'not_signed' : 'read');
      for (const { isIndeterminate } of callbacks ?? [])
        if (isIndeterminate) this.noteUnknownWords('callback', 1);
      return callbacks;
    } catch (error) {
      if (error instanceof MalformedCallback) this.noteCallback('malformed');
      throw error;
    }
  }

  private async timed<Answer extends { kind: string }>(
    operation: Operation,
    ask: () => Promise<Answer>,
  ): Promise<Answer> {
    const { name: provider } = this;
    const begunAtMs = performance.now();
    const answer = await ask();
    const seconds = (performance.now() - begunAtMs) / 1000;
    this.metrics.observe('ringfence_provider_request_duration_seconds', { provider, operation }, seconds);
    this.metrics.count('ringfence_provider_answers_total', { provider, operation, answer: answer.kind });
    return answer;
  }

  private noteRefusal(outcome: Outcome, requests: number): void {
    this.metrics.count('ringfence_provider_refusals_total', { provider: this.name, outcome }, requests);
  }

  private noteCallback(result: 'read' | 'not_signed' | 'malformed'): void {
    this.metrics.count('ringfence_provider_callbacks_total', { provider: this.name, result });
  }

  private noteUnknownWords(operation: 'look_up' | 'callback', words: number): void {
    this.metrics.count('ringfence_provider_unknown_words_total', { provider: this.name, operation }, words);
  }
}
