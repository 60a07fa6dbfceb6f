import { describe, expect, it } from 'vitest';
import { callerIdsOver, trunksFor, type CallToRoute, type TrunkRoute } from './trunk-routes.js';

const trunk = (name: string, route: Partial<TrunkRoute> = {}): TrunkRoute => ({
  name,
  prefixes: [],
  callerIds: [],
  ...route,
});

const HOUSE = [
  trunk('spare'),
  trunk('europe', { prefixes: ['+44', '+49', '+33'] }),
  trunk('london', { prefixes: ['+4420'], callerIds: ['+442071838750'] }),
  trunk('america', { prefixes: ['+1'], callerIds: ['+12025550123', '+12025550124'] }),
];

const ANY: CallToRoute = { to: '+442079460000', callerIds: [], campaignTrunks: null };

describe('a call', () => {
  it.each<[string, Partial<CallToRoute>, string[]]>([
    ['goes by the longest prefix of its number first', {}, ['london', 'europe', 'spare']],
    ['is not taken by a trunk without a prefix of its number', { to: '+4915112345678' }, ['europe', 'spare']],
    ['goes by a trunk of every number where no prefix fits', { to: '+819012345678' }, ['spare']],
    [
      'goes only where one of its caller ids may be shown',
      { callerIds: ['+4930123456'] },
      ['europe', 'spare'],
    ],
    [
      'goes wherever one of several may be shown',
      { to: '+12025550199', callerIds: ['+4930123456', '+12025550124'] },
      ['america', 'spare'],
    ],
    [
      'goes over the trunks of its campaign, in their order',
      { campaignTrunks: ['spare', 'europe'] },
      ['spare', 'europe'],
    ],
    ['does not go over a trunk of its campaign that does not take it', { campaignTrunks: ['america'] }, []],
    ['does not go over a trunk that is not there', { campaignTrunks: ['gone', 'spare'] }, ['spare']],
  ])('%s', (_, call, expected) => {
    expect(trunksFor(HOUSE, { ...ANY, ...call }).map(({ name }) => name)).toEqual(expected);
  });

  it('goes over trunks that are alike in the order in which they are named', () => {
    const alike = [trunk('b'), trunk('a'), trunk('c')];
    expect(trunksFor(alike, ANY)).toEqual(alike);
  });
});

describe('a trunk', () => {
  it('shows those of a pool that are its own', () => {
    expect(callerIdsOver(HOUSE[3]!, ['+12025550124', '+4930123456'])).toEqual(['+12025550124']);
    expect(callerIdsOver(HOUSE[3]!, ['+4930123456'])).toBeNull();
  });

  it('shows any, where none are named as its own, and its account’s where there is no pool', () => {
    expect(callerIdsOver(HOUSE[0]!, ['+4930123456'])).toEqual(['+4930123456']);
    expect(callerIdsOver(HOUSE[3]!, [])).toEqual([]);
  });
});
