import { describe, expect, it } from 'vitest';
import { RandomStream } from './random-stream.js';

const drawn = (count: number, draw: (stream: RandomStream) => number) => {
  const stream = new RandomStream(7, 'many');
  return Array.from({ length: count }, () => draw(stream));
};

describe('RandomStream', () => {
  it('gives the same numbers for the same key and others for any other', () => {
    const numbers = (...key: (string | number)[]) => {
      const stream = new RandomStream(...key);
      return Array.from({ length: 20 }, () => stream.next());
    };
    expect(numbers(1, '+12025550100', 1)).toEqual(numbers(1, '+12025550100', 1));
    expect(numbers(1, '+12025550100', 1)).not.toEqual(numbers(1, '+12025550100', 2));
    expect(numbers(1, '1')).not.toEqual(numbers(11));
    expect(new Set(numbers(1)).size).toBe(20);
  });

  it('spreads evenly, and log-normally around the given median', () => {
    const mean = drawn(4_000, (stream) => stream.next()).reduce((sum, value) => sum + value, 0) / 4_000;
    expect(mean).toBeGreaterThan(0.48);
    expect(mean).toBeLessThan(0.52);
    const below = drawn(4_000, (stream) => stream.logNormal(8, 0.45)).filter((value) => value < 8).length;
    expect(below / 4_000).toBeCloseTo(0.5, 1);
    const withinSigma = drawn(4_000, (stream) => Math.abs(Math.log(stream.logNormal(8, 0.45) / 8))).filter(
      (distance) => distance < 0.45,
    ).length;
    expect(withinSigma / 4_000).toBeCloseTo(0.683, 1);
  });

  it('shuffles without losing or doubling anything', () => {
    const items = Array.from({ length: 15 }, (_, index) => index);
    const shuffled = new RandomStream('shuffle').shuffled(items);
    expect(shuffled).not.toEqual(items);
    expect(shuffled.toSorted((a, b) => a - b)).toEqual(items);
  });
});
