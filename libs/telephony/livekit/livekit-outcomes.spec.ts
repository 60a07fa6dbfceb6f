import { DisconnectReason } from '@livekit/protocol';
import { describe, expect, it } from 'vitest';
import { readLeaving, readRefusal, readStatus, type Reading } from './livekit-outcomes.js';

const said = (reading: Reading) => (reading.kind === 'ended' ? `ended: ${reading.outcome}` : reading.kind);

describe('what LiveKit says of a participant in its room', () => {
  it.each<[string, string | undefined, string]>([
    ['the call is being made', 'dialing', 'initiated'],
    ['it rings', 'ringing', 'ringing'],
    ['digits are sent to whoever answered', 'automation', 'answered'],
    ['somebody took it', 'active', 'answered'],
    ['an answered call is about to end', 'hangup', 'answered'],
    ['a word that LiveKit may add one day', 'levitating', 'indeterminate'],
    ['the name of a property that every object has', 'constructor', 'indeterminate'],
    ['nothing', undefined, 'indeterminate'],
  ])('%s: %s is %s', (_, word, expected) => {
    expect(said(readStatus(word))).toBe(expected);
  });
});

describe('what LiveKit says of a participant that left', () => {
  it.each<[string, keyof typeof DisconnectReason, string | undefined, string]>([
    ['the callee hung up', 'CLIENT_INITIATED', 'hangup', 'ended: answered'],
    ['the longest time was over', 'CLIENT_INITIATED', 'hangup', 'ended: answered'],
    ['the sound broke off', 'CLIENT_INITIATED', 'active', 'ended: answered'],
    ['the agent hung up, by deleting the room', 'ROOM_DELETED', 'active', 'ended: answered'],
    ['the agent removed the callee', 'PARTICIPANT_REMOVED', 'active', 'ended: answered'],
    ['it rang until the timeout', 'USER_UNAVAILABLE', 'ringing', 'ended: no_answer'],
    [
      'the number does not exist, which LiveKit does not say',
      'USER_UNAVAILABLE',
      'dialing',
      'ended: no_answer',
    ],
    ['the line was engaged, which LiveKit calls rejected', 'USER_REJECTED', 'dialing', 'ended: rejected'],
    ['it was declined', 'USER_REJECTED', 'ringing', 'ended: rejected'],
    ['it was declined, and the status is missing', 'USER_REJECTED', undefined, 'ended: rejected'],
    [
      'the trunk refused our credentials, which LiveKit does not say',
      'USER_REJECTED',
      'dialing',
      'ended: rejected',
    ],
    ['the network is congested', 'CLIENT_INITIATED', 'dialing', 'ended: carrier_failure'],
    ['the network failed while it rang', 'CLIENT_INITIATED', 'ringing', 'ended: carrier_failure'],
    [
      'the trunk failed, in the word that a newer server passes on',
      'SIP_TRUNK_FAILURE',
      'dialing',
      'ended: carrier_failure',
    ],
    ['no sound could be agreed on', 'MEDIA_FAILURE', 'ringing', 'ended: carrier_failure'],
    ['the sound failed in the conversation', 'MEDIA_FAILURE', 'active', 'ended: answered'],
    ['we hung up before it was answered', 'ROOM_DELETED', 'ringing', 'ended: cancelled'],
    ['the agent gave up before it was answered', 'PARTICIPANT_REMOVED', 'ringing', 'ended: cancelled'],
    ['everybody else had left', 'ROOM_CLOSED', 'ringing', 'ended: cancelled'],
    ['a second call of the attempt drove it out', 'DUPLICATE_IDENTITY', 'ringing', 'ringing'],
    ['it moves to another region', 'MIGRATION', 'active', 'answered'],
    ['its connection to the room was lost', 'SIGNAL_CLOSE', 'active', 'answered'],
    ['its connection to the room timed out', 'CONNECTION_TIMEOUT', 'ringing', 'ringing'],
    ['it could not go on where it was', 'STATE_MISMATCH', 'active', 'answered'],
    ['it never came to be connected', 'JOIN_FAILURE', 'dialing', 'initiated'],
    ['the server stops', 'SERVER_SHUTDOWN', 'active', 'answered'],
    [
      'its connection to the room was lost, in a status nobody knows',
      'SIGNAL_CLOSE',
      'levitating',
      'indeterminate',
    ],
    ['an agent failed, which no callee is', 'AGENT_ERROR', 'active', 'indeterminate'],
    ['no reason', 'UNKNOWN_REASON', 'ringing', 'indeterminate'],
    ['it ended, and nobody knows from where', 'CLIENT_INITIATED', 'levitating', 'indeterminate'],
  ])('%s: %s after %s is %s', (_, reason, word, expected) => {
    expect(said(readLeaving(DisconnectReason[reason], word))).toBe(expected);
  });

  it('a reason that LiveKit may add one day is no end', () => {
    expect(readLeaving(99 as DisconnectReason, 'ringing')).toEqual({ kind: 'indeterminate' });
  });
});

describe('a request that LiveKit refuses', () => {
  it.each<[string, number, string | null, number | null, string | null]>([
    ['a field is wrong', 400, 'invalid_argument', null, 'our_fault'],
    ['it cannot be read', 400, 'malformed', null, 'our_fault'],
    ['the key may not call', 401, 'unauthenticated', null, 'our_fault'],
    ['the key may not call, in another word', 403, 'permission_denied', null, 'our_fault'],
    ['there is no such trunk', 404, 'not_found', null, 'our_fault'],
    ['the server has no such service', 404, 'bad_route', null, 'our_fault'],
    ['the trunk has no number to call from', 412, 'failed_precondition', null, 'our_fault'],
    ['the line was engaged, though nobody was to wait for that', 412, 'failed_precondition', 486, 'busy'],
    [
      'the number does not exist, though nobody was to wait for that',
      404,
      'not_found',
      404,
      'invalid_number',
    ],
    ['too many requests', 429, 'resource_exhausted', null, 'carrier_limit'],
    ['too many requests, as a proxy says it', 429, null, null, 'carrier_limit'],
    ['the key is unknown, which is said before any service is asked', 401, null, null, 'our_fault'],
    ['there is no LiveKit at the address', 404, null, null, 'our_fault'],
    ['the body is too large', 413, null, null, 'our_fault'],
    ['nobody answered inside', 408, 'deadline_exceeded', null, null],
    ['it was given up inside', 408, 'canceled', null, null],
    ['something failed inside', 500, 'internal', null, null],
    ['no node for SIP answered, or its answer was lost', 503, 'unavailable', null, null],
    ['a gateway in trouble', 502, null, null, null],
    ['a redirect', 307, null, null, null],
    ['a word that LiveKit may add one day', 400, 'levitating', null, null],
    ['the name of a property that every object has', 400, 'constructor', null, null],
  ])('because %s (%i, %s, %s) came to %s', (_, status, code, sipCode, expected) => {
    expect(readRefusal({ status, code, sipCode })).toBe(expected);
  });
});
