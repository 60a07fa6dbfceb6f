/** Several measurements of one thing. */
export interface Spread {
  median: number;
  min: number;
  max: number;
  count: number;
}

/** @throws Error without any value: nothing was measured. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const [min, max] = [sorted[0], sorted.at(-1)];
  if (min === undefined || max === undefined) throw new Error('Nothing was measured.');
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2;
  return { median, min, max, count: sorted.length };
}

export function range({ min, max, count }: Spread): string {
  return `min ${threeDigits(min)}, max ${threeDigits(max)}, of ${count} repetitions`;
}

/** Three digits that say something, or the whole of a larger number; no exponent. */
export function threeDigits(value: number): string {
  return Math.abs(value) >= 100 ? Math.round(value).toString() : Number(value.toPrecision(3)).toString();
}
