import { expect, it } from 'vitest';

/** The page's own program, as a browser loads it. */
const { noticesOf } = (await import(new URL('page/notices.mjs', import.meta.url).href)) as {
  noticesOf: (house: object, environments: object[]) => { key: string; effect: string; sentence: string }[];
};

const TRUNK = { name: 'main', calls_per_second: 20, limit: 20, rests: false, is_heard: true };
const SHOPS = ['1', '2'].map((id) => ({ id, name: 'shop', kill_switch: true }));

it('two stopped environments of one name have a notice each, told apart by more than their words', () => {
  const notices = noticesOf({ is_led: true, trunks: [TRUNK] }, [
    ...SHOPS,
    { id: '3', name: 'open', kill_switch: false },
  ]);
  expect(notices.map(({ sentence }) => sentence)).toEqual(
    SHOPS.map(() => 'The kill switch of shop is on: none of its campaigns dials.'),
  );
  expect(new Set(notices.map(({ key }) => key)).size).toBe(2);
});

it.each<[string, boolean, object, string[]]>([
  ['is at its pace', true, {}, []],
  [
    'rests',
    true,
    { rests: true },
    ['stops The carrier of main fails: its trunk rests, and is then tried again.'],
  ],
  [
    'was asked for a pause',
    true,
    { calls_per_second: 0 },
    ['stops The carrier of main asked for a pause: its trunk starts no call.'],
  ],
  [
    'is slowed down',
    true,
    { calls_per_second: 5 },
    ['slows The carrier of main is at its limit: its trunk starts 5 calls a second instead of 20.'],
  ],
  [
    'is heard by nobody',
    true,
    { is_heard: false, rests: true },
    ['stops No dialer is connected to the carrier of main to hear of calls: none is made meanwhile.'],
  ],
  [
    'has no dialer',
    false,
    { rests: true },
    ['stops No dialer is running, or none reaches the database: nothing is dialled.'],
  ],
])('a trunk that %s', (_, isLed, changed, told) => {
  const notices = noticesOf({ is_led: isLed, trunks: [{ ...TRUNK, ...changed }] }, []);
  expect(notices.map(({ effect, sentence }) => `${effect} ${sentence}`)).toEqual(told);
});
