import { number } from './words.mjs';

/** What concerns more than one campaign. Each has a key of its own, since two environments may have one name. */
export function noticesOf({ is_led: isLed, trunks }, environments) {
  const stopped = environments
    .filter(({ kill_switch: isStopped }) => isStopped)
    .map(({ id, name }) => ({
      key: `environment ${id}`,
      effect: 'stops',
      sentence: `The kill switch of ${name} is on: none of its campaigns dials.`,
    }));
  if (!isLed) return [UNLED, ...stopped];
  const ofTrunks = trunks.map((trunk) => ({ key: `trunk ${trunk.name}`, ...stateOf(trunk) }));
  return [...ofTrunks.filter(({ sentence }) => sentence !== undefined), ...stopped];
}

const UNLED = {
  key: 'unled',
  effect: 'stops',
  sentence: 'No dialer is running, or none reaches the database: nothing is dialled.',
};

function stateOf({ name, calls_per_second: perSecond, limit, rests, is_heard: isHeard }) {
  if (!isHeard)
    return {
      effect: 'stops',
      sentence: `No dialer is connected to the carrier of ${name} to hear of calls: none is made meanwhile.`,
    };
  if (rests)
    return {
      effect: 'stops',
      sentence: `The carrier of ${name} fails: its trunk rests, and is then tried again.`,
    };
  if (perSecond === 0)
    return {
      effect: 'stops',
      sentence: `The carrier of ${name} asked for a pause: its trunk starts no call.`,
    };
  if (perSecond >= 0.99 * limit) return {};
  const rates = `${number(perSecond)} calls a second instead of ${number(limit)}`;
  return {
    effect: 'slows',
    sentence: `The carrier of ${name} is at its limit: its trunk starts ${rates}.`,
  };
}
