import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aNumber } from '../factories.js';
import { House } from '../running-house.js';

let house: House;

beforeAll(async () => {
  house = await House.open({ dialers: 1, speed: 2 });
});

afterAll(() => house.close());

it(
  'the calls of the public pages, sent by curl, are answered as documented',
  { timeout: 120_000 },
  async () => {
    const number = ['phone-number', 'add', '--environment', house.environmentId, '--number', aNumber()];
    await house.cli(number);
    const { token } = await house.cli(['token', 'create', '--environment', house.environmentId]);
    const variables = { ...process.env, BASE_URL: house.url('/api/v1'), TOKEN: token as string };
    const told = await promisify(execFile)('bash', ['test/contract-examples.sh'], { env: variables }).catch(
      (error: { stdout: string }) => error,
    );
    const lines = told.stdout.split('\n');
    expect(lines.filter((line) => /^(not ok|left out)/.test(line))).toEqual([]);
    expect(lines.filter((line) => line.startsWith('ok')).length).toBeGreaterThan(150);
    expect(told.stdout).toContain('Every answer is as documented.');
  },
);
