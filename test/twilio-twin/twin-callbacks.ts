import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { isEnd, type Call, type CallEvent } from '../../apps/carrier/call.js';
import { drawnCopies, type FaultSwitches } from '../../apps/carrier/faults.js';
import type { Ledger } from '../../apps/carrier/ledger.js';
import { postedInLedger, Posts, type Posted } from '../../apps/carrier/posts.js';
import { RandomStream } from '../../apps/carrier/random-stream.js';
import { CALL_STATUSES, rfc2822, sidOf } from './call-resource.js';

/** What a call was created with, as far as it is told back. */
export interface CallAddresses {
  from: string;
  statusCallback: string | null;
  statusCallbackEvents: string[];
  /** Null: no machine detection, or none that is told apart. */
  verdictCallback: string | null;
  /** Asked, once the call is answered, what to do with it. */
  answerUrl: string;
}

/** How Twilio names what may be subscribed to; every end is `completed`. */
const SUBSCRIBED_AS: Partial<Record<CallEvent['type'], string>> = {
  initiated: 'initiated',
  ringing: 'ringing',
  answered: 'answered',
};

const TIMEOUT_MS = 15_000;

/** Tells of calls as Twilio does: forms, signed; a failed connection is tried once more, an answer never is. */
export class TwinCallbacks {
  private readonly posts = new Posts(TIMEOUT_MS);
  private readonly people = new WeakSet<Call>();
  private isClosed = false;

  constructor(
    private readonly options: {
      accountSid: string;
      authToken: string;
      seed: number;
      ledger: Ledger;
      faults: FaultSwitches;
      addressesOf: (call: Call) => CallAddresses | undefined;
    },
  ) {}

  async send(call: Call, event: CallEvent): Promise<void> {
    const addresses = this.options.addressesOf(call);
    if (addresses === undefined) return;
    if (event.type === 'machine') return this.tellVerdict(call, addresses, 'machine_start');
    const name = isEnd(event) ? 'completed' : SUBSCRIBED_AS[event.type];
    if (
      addresses.statusCallback !== null &&
      name !== undefined &&
      addresses.statusCallbackEvents.includes(name)
    ) {
      await this.tell(call, event, addresses.statusCallback, {
        CallStatus: CALL_STATUSES[event.type],
        Timestamp: rfc2822(event.at),
        CallbackSource: 'call-progress-events',
        SequenceNumber: String(placeOf(call, event)),
        ...(isEnd(event) ? endFields(event) : {}),
      });
    }
    // People are told apart by a verdict as well, which is no event of the script: it has a chance of its own to be lost.
    if (event.type !== 'answered' || event.answeredBy !== 'human' || this.people.has(call)) return;
    this.people.add(call);
    const { seed, faults } = this.options;
    const copies = drawnCopies(faults.current, new RandomStream(seed, call.to, call.attempt, 'verdict'));
    for (let copy = 0; copy < copies; copy += 1) await this.tellVerdict(call, addresses, 'human');
  }

  /** What is to be done with a call that was answered: the document, or null where none was had. */
  async ask(call: Call): Promise<string | null> {
    const addresses = this.options.addressesOf(call);
    if (addresses === undefined) return null;
    const answer = await this.post(call, addresses.answerUrl, { CallStatus: 'in-progress' });
    return answer.status === 200 ? answer.text : null;
  }

  close(): void {
    this.isClosed = true;
    this.posts.close();
  }

  private async tellVerdict(
    call: Call,
    { verdictCallback }: CallAddresses,
    answeredBy: string,
  ): Promise<void> {
    const fields = { AnsweredBy: answeredBy, MachineDetectionDuration: '2400' };
    if (verdictCallback !== null) await this.tell(call, null, verdictCallback, fields);
  }

  private async tell(
    call: Call,
    event: CallEvent | null,
    url: string,
    fields: Record<string, string>,
  ): Promise<void> {
    for (const attempt of [1, 2]) {
      if (this.isClosed) return;
      const posted = await this.post(call, url, fields);
      if (this.isClosed) return;
      const about = { id: call.id, to: call.to, provider_call_id: sidOf(call) };
      this.options.ledger.record({
        kind: 'callback',
        ...about,
        type: event?.type ?? 'verdict',
        attempt,
        ...postedInLedger(posted),
      });
      if (posted.status !== null) return;
    }
  }

  private async post(call: Call, url: string, more: Record<string, string>): Promise<Posted> {
    const { accountSid, authToken } = this.options;
    const from = this.options.addressesOf(call)?.from ?? '';
    const base = {
      CallSid: sidOf(call),
      AccountSid: accountSid,
      ApiVersion: '2010-04-01',
      Direction: 'outbound-api',
    };
    const fields: Record<string, string> = {
      ...base,
      To: call.to,
      Called: call.to,
      From: from,
      Caller: from,
      ...more,
    };
    const headers = {
      'content-type': 'application/x-www-form-urlencoded; charset=UTF-8',
      'x-twilio-signature': getExpectedTwilioSignature(authToken, url, fields),
    };
    return this.posts.post(url, headers, new URLSearchParams(fields).toString());
  }
}

/** Counted from 0, among the events that are told by status callbacks. */
function placeOf(call: Call, { sequence }: CallEvent): number {
  return call.events.filter((event) => event.type !== 'machine' && event.sequence < sequence).length;
}

function endFields({ durationSeconds, sipCode, type }: CallEvent): Record<string, string> {
  return {
    Duration: String(Math.ceil((durationSeconds ?? 0) / 60)),
    ...(type === 'completed' ? { CallDuration: String(durationSeconds ?? 0) } : { CallDuration: '0' }),
    ...(sipCode === undefined ? {} : { SipResponseCode: String(sipCode) }),
  };
}
