import { describe, expect, it } from 'vitest';
import { readEnd, readState } from './ari-outcomes.js';

describe('what Asterisk says of a channel', () => {
  it.each([
    ['it may have been dialled or not, and does not ring', 'Down', 'not_dialled'],
    ['its line is taken', 'Rsrved', 'not_dialled'],
    ['it is being dialled', 'Dialing', 'initiated'],
    ['the line is engaged: its end will say so', 'Busy', 'initiated'],
    ['it rings', 'Ringing', 'ringing'],
    ['it rings, by another channel driver', 'Ring', 'ringing'],
    ['somebody took it', 'Up', 'answered'],
    ['a word of Asterisk’s for what it does not know', 'Unknown', 'indeterminate'],
    ['a word that Asterisk may add one day', 'Levitating', 'indeterminate'],
    ['the name of a property that every object has', 'constructor', 'indeterminate'],
  ])('%s: %s is %s', (_, word, expected) => {
    expect(readState(word)).toBe(expected);
  });

  it.each<[string, string, number, number | null, string | null]>([
    ['a conversation came to its end', 'Up', 16, null, 'answered'],
    ['a conversation reached its longest time', 'Up', 0, null, 'answered'],
    ['the network broke in the middle of a conversation', 'Up', 38, 500, 'answered'],
    ['the line was engaged', 'Down', 17, 486, 'busy'],
    ['the line was engaged, everywhere', 'Ringing', 17, 600, 'busy'],
    ['it rang until the timeout', 'Ringing', 19, 480, 'no_answer'],
    ['it rang until the timeout, at an Asterisk that names no cause then', 'Ringing', 0, null, 'no_answer'],
    ['it rang until the network’s timeout', 'Ringing', 18, 408, 'no_answer'],
    ['the phone is not there for now', 'Down', 20, 480, 'unreachable'],
    ['it was declined', 'Ringing', 21, 603, 'rejected'],
    ['it was declined, by an Asterisk that tells no SIP code', 'Ringing', 21, null, 'rejected'],
    ['the trunk does not take our word for who we are', 'Down', 21, 403, 'our_fault'],
    ['the trunk wants a password', 'Down', 21, 401, 'our_fault'],
    ['a proxy wants a password', 'Down', 21, 407, 'our_fault'],
    ['the number does not exist', 'Down', 1, 404, 'invalid_number'],
    ['the number does not exist, by an Asterisk that tells no SIP code', 'Down', 1, null, 'invalid_number'],
    ['the number has changed', 'Down', 22, 410, 'invalid_number'],
    ['the number is too short', 'Down', 28, 484, 'invalid_number'],
    ['the callee does not want such calls', 'Ringing', 127, 607, 'blocked_by_carrier'],
    ['an analytics service blocked it', 'Down', 127, 608, 'blocked_by_carrier'],
    ['the network is congested', 'Down', 34, 503, 'carrier_failure'],
    ['the trunk failed', 'Down', 38, 500, 'carrier_failure'],
    ['there is no way to there', 'Down', 3, 420, 'carrier_failure'],
    ['no codec was agreed on', 'Down', 58, 488, 'carrier_failure'],
    ['it failed with a code that nobody knows: not the number’s fault', 'Down', 127, 499, 'carrier_failure'],
    ['nothing says why', 'Down', 0, null, 'carrier_failure'],
    ['we hung up before it was answered', 'Ringing', 16, null, 'cancelled'],
    ['we hung up, and the network said so', 'Ringing', 16, 487, 'cancelled'],
    ['the network called its failure an ordinary end', 'Down', 16, 480, 'unreachable'],
    ['it was withdrawn, and never dialled', 'Down', 26, null, null],
    ['it was answered elsewhere, having rung', 'Ringing', 26, null, 'carrier_failure'],
  ])('%s: %s with %i and %s is %s', (_, state, cause, techCause, expected) => {
    expect(readEnd({ state, cause, techCause })).toBe(expected);
  });
});
