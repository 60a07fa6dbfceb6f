import { createHmac } from 'node:crypto';
import type { Call, CallEvent } from './call.js';
import type { Ledger } from './ledger.js';
import { postedInLedger, Posts } from './posts.js';
import { Timers } from './timers.js';

/** How often a callback is tried again after it was not taken. */
const RETRIES = 5;
/** Before the first retry, in virtual seconds; doubles with every further one. */
const FIRST_RETRY_SECONDS = 1;
/** Shortest first pause, in real milliseconds: at a high SPEED the receiver still gets a moment to recover. */
const SHORTEST_RETRY_MS = 25;
/** Longest a receiver may take, in real milliseconds. */
const RECEIVER_TIMEOUT_MS = 5_000;

/** Signs and sends what happens to calls. Every try is a line of the ledger. */
export class CallbackSender {
  private readonly timers = new Timers();
  private readonly posts = new Posts(RECEIVER_TIMEOUT_MS);
  private closed = false;

  constructor(private readonly options: { secret: string; speed: number; ledger: Ledger }) {}

  /** Sends one event. Resolves after the first try; later ones happen by themselves. Never rejects. */
  async send(call: Call, event: CallEvent): Promise<void> {
    const body = Buffer.from(JSON.stringify(callbackBody(call, event)));
    await this.tryOnce(call, event, body, 1);
  }

  /** Gives up everything that is under way or waits for a retry. */
  close(): void {
    this.closed = true;
    this.timers.stop();
    this.posts.close();
  }

  private async tryOnce(call: Call, event: CallEvent, body: Buffer, attempt: number): Promise<void> {
    if (this.closed) return;
    const headers = { 'content-type': 'application/json', 'x-carrier-signature': this.signature(body) };
    const posted = await this.posts.post(call.callbackUrl, headers, body);
    if (this.closed) return;
    this.options.ledger.record({
      kind: 'callback',
      id: call.id,
      to: call.to,
      provider_call_id: call.providerCallId,
      event_id: event.eventId,
      type: event.type,
      sequence: event.sequence,
      attempt,
      ...postedInLedger(posted),
    });
    const taken = posted.status !== null && posted.status >= 200 && posted.status < 300;
    if (taken || attempt > RETRIES) return;
    this.timers.after(this.retryDelayMs(attempt), () => void this.tryOnce(call, event, body, attempt + 1));
  }

  private signature(body: Buffer): string {
    return `sha256=${createHmac('sha256', this.options.secret).update(body).digest('hex')}`;
  }

  private retryDelayMs(attempt: number): number {
    const firstMs = Math.max((FIRST_RETRY_SECONDS * 1000) / this.options.speed, SHORTEST_RETRY_MS);
    return firstMs * 2 ** (attempt - 1);
  }
}

/** Fields that are undefined are left out of the JSON. */
function callbackBody(call: Call, event: CallEvent): Record<string, unknown> {
  return {
    event_id: event.eventId,
    id: call.id,
    provider_call_id: call.providerCallId,
    type: event.type,
    at: event.at.toISOString(),
    sequence: event.sequence,
    duration_seconds: event.durationSeconds,
    answered_by: event.answeredBy,
    sip_code: event.sipCode,
    q850: event.q850,
    converted: event.converted,
  };
}
