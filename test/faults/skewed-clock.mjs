// Loaded before a process by NODE_OPTIONS: its wall clock is off by SKEW_MS, and jumps to JUMP_TO_MS off and back
// again every JUMP_EVERY_MS, as one that is set by hand or by a time server. Timers and durations stay as they are.
import { performance } from 'node:perf_hooks';

const skewMs = Number(process.env.SKEW_MS);
const jumpToMs = Number(process.env.JUMP_TO_MS ?? skewMs);
const jumpEveryMs = Number(process.env.JUMP_EVERY_MS ?? Infinity);
const RealDate = Date;

function offMs() {
  return Math.floor(performance.now() / jumpEveryMs) % 2 === 0 ? skewMs : jumpToMs;
}

globalThis.Date = class extends RealDate {
  constructor(...words) {
    if (words.length === 0) super(RealDate.now() + offMs());
    else super(...words);
  }

  static now() {
    return RealDate.now() + offMs();
  }
};
