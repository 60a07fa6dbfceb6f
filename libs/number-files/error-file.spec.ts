import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { errorHeading, errorLines } from './error-file.js';

const error = (value: string | null) => ({
  row: 2,
  column: 'to',
  code: 'INVALID',
  message: 'No, "none".',
  value,
});

describe('a file of what was wrong with rows', () => {
  it.each([
    ['=HYPERLINK("https://example.org")'],
    ['+12025550100'],
    ['-1+1'],
    ['@SUM(A1)'],
    ['  =1'],
    ['\t=1'],
    ['\r=1'],
    ['|cmd'],
  ])('has %j as a text that no spreadsheet computes', (value) => {
    const records: string[][] = parse(errorLines([error(value)], 'csv'));
    const [cell] = records.map((cells) => cells.at(-1));
    expect(cell).toBe(`'${value}`);
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.option(fc.string({ unit: 'binary', maxLength: 20 })), (value) => {
        const text = errorHeading('csv') + errorLines([error(value), error('x')], 'csv');
        const rows = parse<Record<string, string>>(text, { columns: true });
        expect(rows).toHaveLength(2);
        expect(rows[0]).toMatchObject({ row: '2', column: 'to', code: 'INVALID', message: 'No, "none".' });
        expect(rows[0]?.value?.replace(/^'/, '')).toBe(value?.replace(/^'/, '') ?? '');
        expect(JSON.parse(errorLines([error(value)], 'ndjson'))).toEqual(error(value));
      }),
    );
  });
});
