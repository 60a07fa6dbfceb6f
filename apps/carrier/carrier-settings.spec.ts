import { describe, expect, it } from 'vitest';
import { BadSettings } from '#environment/settings.js';
import { readCarrierSettings } from './carrier-settings.js';

const SECRET = { CARRIER_SECRET: 'secret' };

describe('readCarrierSettings', () => {
  it.each([
    [{}, 3002],
    [{ CARRIER_URL: 'http://carrier:4100' }, 4100],
    [{ CARRIER_URL: 'http://carrier' }, 80],
    [{ CARRIER_URL: 'http://carrier:4100', PORT: '0' }, 0],
  ])('listens, given %j, on port %i', (variables, port) => {
    expect(readCarrierSettings({ ...SECRET, ...variables }).PORT).toBe(port);
  });

  it('reports every mistake at once', () => {
    const variables = { NODE_ENV: 'production', PORT: 'x', SPEED: '0', SEED: '1.5', CARRIER_URL: 'carrier' };
    const mistakes = catchMistakes(() => readCarrierSettings(variables)).join('\n');
    for (const name of ['PORT', 'SPEED', 'SEED', 'CARRIER_URL', 'CARRIER_SECRET'])
      expect(mistakes).toContain(name);
  });
});

function catchMistakes(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof BadSettings) return error.mistakes;
    throw error;
  }
  return [];
}
