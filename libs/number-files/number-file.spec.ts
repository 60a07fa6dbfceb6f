import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberFileFault } from './number-file-fault.js';
import { readNumbers, type NumberFileOptions, type NumberRow } from './number-file.js';

const NOW = new Date('2026-11-25T12:00:00Z');

async function read(file: string | Buffer[], options: Partial<NumberFileOptions> = {}) {
  const pieces = typeof file === 'string' ? [Buffer.from(file)] : file;
  const rows: NumberRow[] = [];
  const rejected: string[] = [];
  for await (const found of readNumbers(Readable.from(pieces), {
    now: NOW,
    mostBytes: 1e9,
    mostRows: 1e6,
    ...options,
  })) {
    rows.push(...found.rows);
    rejected.push(...found.rejected.map(({ line, because }) => `${line}: ${because}`));
  }
  return { rows, rejected, numbers: rows.map(({ to }) => to) };
}

describe('a file of numbers', () => {
  it.each<[string, string, Partial<NumberFileOptions>, string[]]>([
    ['one a line', '+12025550100\n+442079460000\n', {}, ['+12025550100', '+442079460000']],
    [
      'one a line, the last without an end',
      '+12025550100\r\n\r\n+12025550101',
      {},
      ['+12025550100', '+12025550101'],
    ],
    ['under a known heading', 'name,Phone Number\nAna,+1 (202) 555-0100\n', {}, ['+12025550100']],
    [
      'under the heading that is named',
      'a;b\n+12025550100;+12025550101\n',
      { column: 'B' },
      ['+12025550101'],
    ],
    ['under any heading, where there is one column', 'contacts\n+12025550100\n', {}, ['+12025550100']],
    ['after the mark that some write before UTF-8', '\ufeffphone\n+12025550100\n', {}, ['+12025550100']],
    ['as area code and number', '202,5550100\n212,5550101\n', {}, ['+12025550100', '+12125550101']],
    ['as area code and number, under headings', 'Area Code,Number\n202,5550100\n', {}, ['+12025550100']],
    [
      'as at home',
      '030 1234567\n0049 30 1234567\n',
      { defaultCountry: 'DE' },
      ['+49301234567', '+49301234567'],
    ],
    [
      'as at home, or with the code and no +',
      '2025550100\n12025550101',
      { defaultCountry: 'us' },
      ['+12025550100', '+12025550101'],
    ],
    ['with quotation marks over lines', 'reason,to\n"said\n""no""",+12025550100\n', {}, ['+12025550100']],
  ])('is read: %s', async (_, file, options, numbers) => {
    expect((await read(file, options)).numbers).toEqual(numbers);
  });

  it('gives each row its own reason, source and expiry, where there are columns for them', async () => {
    const { rows } = await read(
      'to,reason,source,expires_at\n+12025550100,asked,crm,2027-01-31\n+12025550101,,,2027-01-31T09:00:00+01:00\n',
    );
    expect(rows).toEqual([
      {
        line: 2,
        to: '+12025550100',
        reason: 'asked',
        source: 'crm',
        expiresAt: new Date('2027-02-01T00:00:00Z'),
      },
      {
        line: 3,
        to: '+12025550101',
        reason: null,
        source: null,
        expiresAt: new Date('2027-01-31T08:00:00Z'),
      },
    ]);
  });

  it('names the line and the reason of every row that it cannot take, and never the number', async () => {
    const { numbers, rejected } = await read(
      'to,expires\n+12025550100,\n2025550101,\n"+1202\n555",\n,x\n+12025550102,soon\n+12025550103,2020-01-01\n+12025550104,\n',
    );
    expect(numbers).toEqual(['+12025550100', '+12025550104']);
    expect(rejected).toEqual([
      '3: not a phone number in E.164',
      '4: not a phone number in E.164',
      '6: no number',
      '7: not a time or a date',
      '8: expired already',
    ]);
  });

  it('is the same in any pieces, packed or not', async () => {
    const lines = Array.from({ length: 3_000 }, (_, index) => `"a, b",+1202${5_550_000 + index},"é\n"`);
    const file = Buffer.from(`name,phone,reason\n${lines.join('\n')}\n`);
    const whole = await read([file]);
    expect(whole.rows).toHaveLength(3_000);
    expect(whole.rows.at(-1)?.line).toBe(6_000);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70_000 }), fc.boolean(), async (size, isPacked) => {
        const bytes = isPacked ? gzipSync(file) : file;
        const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, index) =>
          bytes.subarray(index * size, (index + 1) * size),
        );
        expect((await read(pieces)).rows).toEqual(whole.rows);
      }),
      {
        numRuns: 15,
        examples: [
          [1, false],
          [1, true],
        ],
      },
    );
  });

  it.each<[string, Buffer[] | string, Partial<NumberFileOptions>, RegExp]>([
    ['nothing in it', '', {}, /empty/],
    ['no column of numbers', 'name,age\nAna,7\n', {}, /names no column/],
    ['not the column that is named', 'phone\n+12025550100\n', { column: 'mobile' }, /no column mobile/],
    ['a quotation mark without end', `"${'+12025550100\n'.repeat(10_000)}`, {}, /cannot be read as CSV/],
    ['a broken packing', [Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3, 4, 5, 6, 7, 8])], {}, /.+/],
    ['too many rows', '+12025550100\n'.repeat(11), { mostRows: 10 }, /more than 10 rows/],
    [
      'more text than it may unpack to',
      [gzipSync(Buffer.alloc(1e6, '1\n'))],
      { mostBytes: 1e5 },
      /larger than/,
    ],
    ['a country that is none', '2025550100\n', { defaultCountry: 'XX' }, /no country XX/],
  ])('is refused with %s', async (_, file, options, message) => {
    const refused = read(file, options);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toBeInstanceOf(NumberFileFault);
  });
});
