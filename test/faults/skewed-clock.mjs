// Loaded before a process by NODE_OPTIONS: its wall clock is off by SKEW_MS. Timers and durations stay as they are.
const skewMs = Number(process.env.SKEW_MS);
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...words) {
    if (words.length === 0) super(RealDate.now() + skewMs);
    else super(...words);
  }

  static now() {
    return RealDate.now() + skewMs;
  }
};
