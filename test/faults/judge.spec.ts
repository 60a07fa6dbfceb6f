import { describe, expect, it } from 'vitest';
import type { LedgerLine } from '../house.js';
import { judge, overfull, type Allowances, type CallRow, type Judgement } from './judge.js';

const NUMBER = '+12015551000';
const CALL = 'call-1';
const ATTEMPT = 'attempt-1';

type Fields = Partial<LedgerLine>;

let minute = 0;
const line = (kind: LedgerLine['kind'], fields: Fields = {}): LedgerLine => ({
  at: new Date(Date.UTC(2026, 0, 1, 0, minute++)).toISOString(),
  kind,
  id: ATTEMPT,
  to: NUMBER,
  ...fields,
});
const request = (fields: Fields = {}) =>
  line('request', { result: 'accepted', provider_call_id: 'sim-1', ...fields });
const noCall = (result: string) => request({ result, provider_call_id: undefined });
const end = (status: string, fields: Fields = {}) => line('end', { status, ...fields });
const row = (status: string, attemptStatus = 'ended'): CallRow => ({
  id: CALL,
  to: NUMBER,
  status,
  attempts: [{ id: ATTEMPT, status: attemptStatus }],
});

const TALK = [request(), line('ring'), line('answer'), end('completed', { answered_by: 'human' })];

const found = (rows: CallRow[], ledger: LedgerLine[], allowances?: Allowances): Partial<Judgement> =>
  Object.fromEntries(
    Object.entries(judge([CALL], rows, ledger, allowances)).filter(([, of]) => (of as string[]).length > 0),
  );

const UNKNOWN = row('outcome_unknown', 'unknown');

describe('the judge has nothing to say of', () => {
  it.each<[string, CallRow[], LedgerLine[], Allowances?]>([
    ['a call that ended as the carrier says', [row('completed')], TALK],
    [
      'a voicemail',
      [row('voicemail')],
      [request(), line('ring'), end('completed', { answered_by: 'machine' })],
    ],
    ['a phone that nobody took up', [row('no-answer')], [request(), line('ring'), end('no_answer')]],
    ['a busy line', [row('busy')], [request(), end('busy')]],
    ['a failure', [row('failed')], [request(), end('failed')]],
    ['a number that there is not', [row('failed')], [noCall('invalid_number')]],
    ['a call that was hung up', [row('cancelled')], [request(), line('ring'), end('canceled')]],
    ['a call that rightly waits', [row('waiting')], [], { held: new Set([CALL]) }],
    ['a call that was stopped on purpose', [row('blocked')], [], { mayBeStopped: true }],
    [
      'a machine that the carrier cannot tell from a person',
      [row('completed')],
      [request(), line('ring'), end('completed', { answered_by: 'machine' })],
      { hearsNoMachines: true },
    ],
    [
      'a call that was not begun when its dialer died, and whose channel ended by itself',
      [row('failed')],
      [],
      { isMadeInSteps: true, ambiguous: new Set([ATTEMPT]) },
    ],
    [
      'a busy line that the carrier cannot tell from a callee who declined',
      [row('failed')],
      [request(), end('busy', { sip_code: 486 })],
      { tellsRoughly: true },
    ],
    [
      'a number that does not exist, which the carrier cannot tell from one that nobody answers',
      [row('no-answer')],
      [request(), end('failed', { sip_code: 404 })],
      { tellsRoughly: true },
    ],
    [
      'a request of a second attempt after a definite no',
      [row('completed')],
      [noCall('rate_limited'), ...TALK.map((told) => ({ ...told, id: 'attempt-2' }))],
    ],
  ])('%s', (_, rows, ledger, allowances) => {
    expect(found(rows, ledger, allowances)).toEqual({});
  });
});

describe('the judge finds', () => {
  it.each<[string, CallRow[], LedgerLine[], Partial<Judgement>, Allowances?]>([
    [
      'a phone that rang twice under one attempt',
      [row('completed')],
      [...TALK, line('ring')],
      { rungTwice: [NUMBER] },
    ],
    [
      'a phone that rang twice under two attempts',
      [row('completed')],
      [...TALK, request({ id: 'attempt-2' }), line('ring', { id: 'attempt-2' })],
      { rungTwice: [NUMBER] },
    ],
    [
      'an attempt that was requested twice, whether or not it rang',
      [row('completed')],
      [noCall('hung'), ...TALK],
      { rungTwice: [NUMBER] },
    ],
    ['an accepted call without a row', [], [], { lost: [CALL] }],
    ['a call that still waits', [row('waiting')], [], { lost: [CALL] }],
    ['a call that never ends', [row('ringing', 'placed')], [request(), line('ring')], { lost: [CALL] }],
    ['another end than the carrier’s', [row('busy')], TALK, { wrongState: [CALL] }],
    ['a conversation that nobody had', [row('completed')], [], { wrongState: [CALL] }],
    ['a failure that nobody knows of', [row('failed')], [], { wrongState: [CALL] }],
    [
      'an end while the phone still rings',
      [row('no-answer')],
      [request(), line('ring')],
      { wrongState: [CALL] },
    ],
    ['a cancellation of a call that was answered', [row('cancelled')], TALK, { wrongState: [CALL] }],
    [
      'the same, where calls are stopped on purpose',
      [row('cancelled')],
      TALK,
      { wrongState: [CALL] },
      { mayBeStopped: true },
    ],
    ...['cancelled', 'blocked', 'expired'].map(
      (status): [string, CallRow[], LedgerLine[], Partial<Judgement>] => [
        `a call that is ${status} though nobody stopped it`,
        [row(status)],
        [],
        { wrongState: [CALL] },
      ],
    ),
    [
      'an unknown call that the carrier knows',
      [UNKNOWN],
      [request(), line('ring')],
      { unknown: [CALL], unknownThatRang: [CALL], unknownToUsOnly: [CALL] },
      { ambiguous: new Set([ATTEMPT]) },
    ],
    [
      'a failure that nobody knows of, though its dialer lived, of a carrier that is asked in steps',
      [row('failed')],
      [],
      { wrongState: [CALL] },
      { isMadeInSteps: true },
    ],
    [
      'an unknown call whose end nobody heard, without more to say of it',
      [UNKNOWN],
      TALK,
      { unknown: [CALL], unknownThatRang: [CALL] },
      { endedUnheard: new Set([ATTEMPT]) },
    ],
    [
      'an unknown call whose answer alone was lost: a look-up would have told',
      [UNKNOWN],
      [request({ result: 'dropped' })],
      { unknown: [CALL], unknownToUsOnly: [CALL], unknownWithoutCause: [CALL] },
    ],
    [
      'an unknown call that no fault explains',
      [UNKNOWN],
      [noCall('invalid_number')],
      { unknown: [CALL], unknownWithoutCause: [CALL] },
      { ambiguous: new Set(['attempt-2']) },
    ],
    [
      'an unknown call beside an earlier attempt that a fault explains',
      [{ ...UNKNOWN, attempts: [{ id: 'attempt-0', status: 'released' }, ...UNKNOWN.attempts] }],
      [],
      { unknown: [CALL], unknownWithoutCause: [CALL] },
      { ambiguous: new Set(['attempt-0']) },
    ],
  ])('%s', (_, rows, ledger, expected, allowances) => {
    expect(found(rows, ledger, allowances)).toEqual(expected);
  });

  it.each([
    ['the carrier never answered', [noCall('hung')], undefined],
    ['the carrier failed before it rang', [noCall('error')], undefined],
    ['the answer was lost, and there was no call', [noCall('dropped')], undefined],
    ['the dialer died behind its fence', [], { ambiguous: new Set([ATTEMPT]) }],
  ])('an unknown call, and no breach, where %s', (_, ledger, allowances) => {
    expect(found([UNKNOWN], ledger, allowances)).toEqual({ unknown: [CALL] });
  });
});

describe('how many calls are open at once', () => {
  const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
  const call = (id: string, from: number, until: number) => [
    request({ id, at: at(from) }),
    end('completed', { id, at: at(until) }),
  ];
  const rooms = (limit: number) =>
    new Map(['a', 'b', 'c', 'd'].map((id) => [id, { campaignId: id === 'd' ? 'other' : 'one', limit }]));

  it('is counted from request to end, each campaign by itself', () => {
    const ledger = [...call('a', 0, 10), ...call('b', 5, 15), ...call('c', 10, 20), ...call('d', 0, 20)];
    expect(overfull(ledger, rooms(2))).toEqual([]);
    expect(overfull(ledger, rooms(1))).toEqual([{ campaignId: 'one', limit: 1, most: 2 }]);
  });

  it('leaves aside what made no call, and what belongs to no campaign with a limit', () => {
    const ledger = [...call('a', 0, 10), { ...noCall('hung'), id: 'b', at: at(5) }, ...call('x', 0, 10)];
    expect(overfull(ledger, rooms(1))).toEqual([]);
  });
});
