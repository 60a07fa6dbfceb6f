import { describe, expect, it } from 'vitest';
import { readAnsweredBy, readRefusal, readStatus } from './twilio-outcomes.js';

describe('what Twilio says of a call', () => {
  it.each<[string, string, number | null, string]>([
    ['it waits for its turn', 'queued', null, 'initiated'],
    ['it is being dialled', 'initiated', null, 'initiated'],
    ['it rings', 'ringing', 180, 'ringing'],
    ['somebody took it', 'in-progress', 200, 'answered'],
    ['a conversation came to its end', 'completed', 200, 'ended: answered'],
    ['the line was engaged', 'busy', 486, 'ended: busy'],
    ['the line was engaged, by a look-up, which knows no code', 'busy', null, 'ended: busy'],
    ['it was declined, which Twilio calls busy', 'busy', 603, 'ended: rejected'],
    ['it was blocked as unwanted, which Twilio calls busy', 'busy', 607, 'ended: blocked_by_carrier'],
    ['it rang until the timeout', 'no-answer', 487, 'ended: no_answer'],
    ['nobody could be reached, which Twilio calls no answer', 'no-answer', 480, 'ended: no_answer'],
    ['we hung up before it was answered', 'canceled', 487, 'ended: cancelled'],
    ['the number does not exist', 'failed', 404, 'ended: invalid_number'],
    ['the number has changed', 'failed', 410, 'ended: invalid_number'],
    ['the network is congested', 'failed', 503, 'ended: carrier_failure'],
    ['an analytics service blocked it', 'failed', 608, 'ended: blocked_by_carrier'],
    ['the trunk refused our credentials', 'failed', 403, 'ended: our_fault'],
    ['it failed, and no code says why: not the number’s fault', 'failed', null, 'ended: carrier_failure'],
    ['it failed with a code that nobody knows', 'failed', 699, 'ended: carrier_failure'],
    ['a word that Twilio may add one day', 'levitating', null, 'indeterminate'],
    ['the name of a property that every object has', 'constructor', null, 'indeterminate'],
  ])('%s: %s with %s is %s', (_, word, sipCode, expected) => {
    const reading = readStatus(word, sipCode);
    expect(reading.kind === 'ended' ? `ended: ${reading.outcome}` : reading.kind).toBe(expected);
  });

  it.each([
    ['human', 'human'],
    ['machine_start', 'machine'],
    ['machine_end_beep', 'machine'],
    ['machine_end_silence', 'machine'],
    ['machine_end_other', 'machine'],
    ['machine', 'machine'],
    ['fax', 'machine'],
    ['unknown', null],
    ['a word of tomorrow', null],
    [undefined, null],
  ])('%s answered: %s', (word, expected) => {
    expect(readAnsweredBy(word)).toBe(expected);
  });
});

describe('a request that Twilio refuses', () => {
  it.each<[string, number, number | null, string | null]>([
    ['the number is none', 400, 21211, 'invalid_number'],
    ['the number does not appear to be valid', 400, 21217, 'invalid_number'],
    ['the number cannot be reached for now', 400, 21214, 'unreachable'],
    ['no carrier takes it, be it an outage', 400, 13224, 'unreachable'],
    ['Twilio blocks the number', 400, 21216, 'blocked_by_carrier'],
    ['our caller id is not verified', 400, 21210, 'our_fault'],
    ['our caller id is no number', 400, 21212, 'our_fault'],
    ['our account may not call that country', 400, 21215, 'our_fault'],
    ['a trial account calls a number that is not verified', 400, 21219, 'our_fault'],
    ['our address for callbacks is none', 400, 21205, 'our_fault'],
    ['our token is wrong', 401, 20003, 'our_fault'],
    ['our account is suspended', 403, 20005, 'our_fault'],
    ['our account is not there', 404, 20404, 'our_fault'],
    ['too many requests', 429, 20429, 'carrier_limit'],
    ['too many requests, without a code', 429, null, 'carrier_limit'],
    ['too many calls at once', 400, 10004, 'carrier_limit'],
    ['a code that nobody knows, with a definite no', 400, 29999, 'our_fault'],
    ['a request that timed out there', 408, null, null],
    ['a conflict', 409, null, null],
    ['a server in trouble', 500, 20500, null],
    ['a gateway in trouble', 502, null, null],
    ['a server that is overloaded', 503, 20503, null],
    ['a redirect', 307, null, null],
  ])('because %s (%i, %s) came to %s', (_, status, code, expected) => {
    expect(readRefusal(status, code)).toBe(expected);
  });
});
