import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readContacts, type ContactFileOptions } from './contact-file.js';
import type { Contact, RowError } from './contact-row.js';
import { contactsInBatches } from './in-batches.js';
import { SeenNumbers } from './seen-numbers.js';

const [ANA, BO, CY] = ['+12025550100', '+12025550101', '+442079460000'];

async function read(file: string | Buffer[], options: Partial<ContactFileOptions> = {}) {
  const pieces = typeof file === 'string' ? [Buffer.from(file)] : file;
  const all = { rows: [] as Contact[], errors: [] as RowError[], rejected: 0, duplicates: 0 };
  const bounds = { allowDuplicates: false, mostBytes: 1e9, mostRows: 1e6 };
  for await (const found of readContacts(Readable.from(pieces), { ...bounds, ...options })) {
    all.rows.push(...found.rows);
    all.errors.push(...found.errors);
    all.rejected += found.rejected;
    all.duplicates += found.duplicates;
  }
  return { ...all, told: all.errors.map(({ row, column, code }) => `${row} ${column} ${code}`) };
}

describe('a file of contacts', () => {
  const CSV =
    'Phone,timezone,payload.name,payload.address.city,context.order,priority,is_testing,not_before\n' +
    `${ANA},America/New_York,"Ana, or so",Rome,A-1,5,TRUE,2030-01-01T09:00:00Z\n` +
    `${BO},,,,,,,\n`;
  const ROWS = [
    {
      row: 2,
      to: ANA,
      timezone: 'America/New_York',
      payload: '{"name":"Ana, or so","address":{"city":"Rome"}}',
      context: '{"order":"A-1"}',
      isTesting: true,
      allowDuplicates: false,
      notBefore: new Date('2030-01-01T09:00:00Z'),
      expiresAt: null,
      priority: 5,
    },
    {
      row: 3,
      to: BO,
      timezone: null,
      payload: '{}',
      context: '{}',
      isTesting: false,
      allowDuplicates: false,
      notBefore: null,
      expiresAt: null,
      priority: null,
    },
  ];
  const OBJECTS = [
    {
      to: ANA,
      timezone: 'America/New_York',
      payload: { name: 'Ana, or so', address: { city: 'Rome' } },
      context: { order: 'A-1' },
      priority: 5,
      is_testing: true,
      not_before: '2030-01-01T09:00:00Z',
    },
    { to: BO, payload: null },
  ];
  const lines = OBJECTS.map((one) => JSON.stringify(one)).join('\n');

  it.each<[string, string | Buffer[], number]>([
    ['CSV', CSV, 0],
    ['CSV by semicolons, after the mark of UTF-8', `\ufeff${CSV.replaceAll(/,(?! or)/g, ';')}`, 0],
    ['CSV packed by gzip', [gzipSync(CSV)], 0],
    ['an object a line', `\n${lines}\r\n\n`, 0],
    ['an object a line, the last without an end, after the mark of UTF-8', `\ufeff\n${lines}`, 0],
    ['an array', JSON.stringify(OBJECTS, null, 2), -1],
    ['an array packed by gzip', [gzipSync(JSON.stringify(OBJECTS))], -1],
  ])('is read as %s', async (_, file, rowsBefore) => {
    const { rows, errors } = await read(file);
    expect(errors).toEqual([]);
    expect(rows).toEqual(ROWS.map((one) => ({ ...one, row: one.row + rowsBefore })));
  });

  it('is read the same however it is cut into pieces', async () => {
    const texts = [CSV, lines, JSON.stringify([...OBJECTS, { to: CY, context: { a: '"}]\\"{[' } }])];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...texts),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 }),
        async (text, sizes) => {
          const bytes = Buffer.from(text);
          const pieces: Buffer[] = [];
          for (let at = 0, nth = 0; at < bytes.length; nth += 1) {
            const size = sizes[nth % sizes.length]!;
            pieces.push(bytes.subarray(at, at + size));
            at += size;
          }
          expect(await read(pieces)).toEqual(await read(text));
        },
      ),
      { numRuns: 60 },
    );
  });

  it.each<[string, string, string[], Partial<ContactFileOptions>?]>([
    ['no number', 'to,priority\n,1\n', ['2 to MISSING']],
    ['a number without a country', 'to\n2025550100\n', ['2 to INVALID']],
    ['a zone that is none', `to,timezone\n${ANA},Mars/Base\n`, ['2 timezone INVALID']],
    ['a time without its zone', `to,not_before\n${ANA},2026-01-01\n`, ['2 not_before INVALID']],
    [
      'a priority beyond the range',
      `to,priority\n${ANA},101\n${BO},high\n`,
      ['2 priority INVALID', '3 priority INVALID'],
    ],
    ['a word for yes', `to,is_testing\n${ANA},yes\n`, ['2 is_testing INVALID']],
    ['a cell too many', `to\n${ANA},x\n`, ['2 null INVALID']],
    ['bytes that are no UTF-8', `to,payload.name\n${ANA},\ufffd\n`, ['2 null NOT_UTF8']],
    ['two faults at once', 'to,timezone\n1,x\n', ['2 to INVALID', '2 timezone INVALID']],
    ['a payload of 16 kB', `to,payload.x\n${ANA},${'x'.repeat(16_400)}\n`, ['2 payload INVALID']],
    ['a payload in JSON that is no object', `to,payload\n${ANA},[]\n`, ['2 payload INVALID']],
    [
      'a key that is not allowed',
      `to,payload\n${ANA},"{""__proto__"":1}"\n`,
      ['2 payload.__proto__ INVALID'],
    ],
    ['a key nobody knows', `{"to":"${ANA}","name":"Ana"}\n`, ['1 name UNKNOWN_FIELD']],
    ['a line that is no JSON', `{"to":"${ANA}"}\n{"to":\n{"to":"${BO}"}`, ['2 null NOT_JSON']],
    ['a line that is no object', `{"to":"${ANA}"}\n[]`, ['2 null NOT_JSON']],
    [
      'a line too long',
      `{"to":"${ANA}","payload":{"x":"${'x'.repeat(70_000)}"}}\n{"to":"${BO}"}`,
      ['1 null TOO_LONG'],
    ],
    [
      'nulls where there are none',
      `{"to":"${ANA}","priority":null,"is_testing":null}`,
      ['1 priority INVALID', '1 is_testing INVALID'],
    ],
    ['a number again', `to\n${ANA}\n${BO}\n+1 (202) 555-0100\n`, ['4 to DUPLICATE']],
    [
      'a number again after a row that was wrong',
      `to,priority\n${ANA},x\n${ANA},1\n`,
      ['2 priority INVALID'],
    ],
    [
      'a number again that may come again',
      `to,allow_duplicates\n${ANA},\n${ANA},true\n${ANA},\n`,
      ['4 to DUPLICATE'],
    ],
    ['numbers again where all may', `to\n${ANA}\n${ANA}\n`, [], { allowDuplicates: true }],
  ])('tells of %s by row and column, and takes the other rows', async (_, file, expected, options = {}) => {
    const { told, rejected, duplicates, rows, errors } = await read(file, options);
    expect(told).toEqual(expected);
    expect(rejected + duplicates).toBe(new Set(errors.map(({ row }) => row)).size);
    for (const { row } of rows) expect(told.some((one) => one.startsWith(`${row} `))).toBe(false);
  });

  it.each<[string, string, string[]]>([
    ['a column nobody knows', 'to,name,payload.x\n', ['name']],
    ['two columns for one thing', 'to,payload.x,payload.x.y,payload.x\n', ['payload.x.y', 'payload.x']],
    ['two columns that may have the number', 'phone,mobile\n', ['mobile']],
    ['a key that is not allowed', 'to,context.constructor\n', ['context.constructor']],
    ['no column with numbers', 'timezone,priority\n', ['to']],
  ])('is refused for %s, named', async (_, file, columns) => {
    await expect(read(`${file}${ANA}\n`)).rejects.toMatchObject({
      name: 'NumberFileFault',
      columns: expect.any(Object),
    });
    const fault = await read(`${file}${ANA}\n`).catch((error: unknown) => error as { columns: object });
    expect(Object.keys((fault as { columns: object }).columns)).toEqual(columns);
  });

  it.each<[string, string, Partial<ContactFileOptions>, string]>([
    ['nothing in it', '', {}, 'empty'],
    ['a heading alone', 'to\n', {}, 'no rows'],
    ['an empty array', '[]', {}, 'no rows'],
    ['no heading above many columns', `${ANA},5\n`, {}, 'name its columns'],
    ['an array that is not closed', `[{"to":"${ANA}"}`, {}, 'not closed'],
    ['an array of other things', `[1]`, {}, 'no object'],
    ['items without a comma', `[{}{}]`, {}, 'no object'],
    ['something behind the array', `[{}] x`, {}, 'follows'],
    ['more rows than allowed', `to\n${ANA}\n${BO}\n`, { mostRows: 1 }, 'more than 1 rows'],
    ['more text than allowed', `to\n${ANA}\n`, { mostBytes: 5 }, 'larger than 5 bytes'],
    ['a country that is none', `to\n${ANA}\n`, { defaultCountry: 'XX' }, 'no country'],
    ['no column of that name', `to\n${ANA}\n`, { column: 'tel' }, 'no column tel'],
  ])('is refused for %s', async (_, file, options, message) => {
    await expect(read(file, options)).rejects.toThrow(message);
  });

  it('has its numbers in the column that is named, or alone', async () => {
    expect(await read(`nr,to\n${ANA},\n`, { column: 'NR' }).catch((e: Error) => e.message)).toContain('same');
    expect((await read(`nr\n${ANA}\n`, { column: 'NR' })).rows).toMatchObject([{ to: ANA }]);
    expect((await read(`${ANA}\n${BO}\n`)).rows).toMatchObject([
      { row: 1, to: ANA },
      { row: 2, to: BO },
    ]);
    expect((await read('to\n020 7946 0000\n', { defaultCountry: 'GB' })).rows).toMatchObject([{ to: CY }]);
  });
});

describe('numbers that were seen', () => {
  it('are known again, all of them and no other', () => {
    const seen = new SeenNumbers();
    const texts = new Set<string>();
    const number = fc.oneof(fc.stringMatching(/^\+1202555\d{4}$/), fc.stringMatching(/^\+[1-9]\d{6,14}$/));
    fc.assert(
      fc.property(number, (to) => {
        expect(seen.add(to)).toBe(texts.has(to));
        texts.add(to);
      }),
      { numRuns: 20_000 },
    );
  });
});

it('rows that bring much along come in smaller batches, and none is lost', async () => {
  const text = 'x'.repeat(10_000);
  const lines = Array.from({ length: 50 }, (_, nth) =>
    JSON.stringify({ to: `+120255501${String(nth).padStart(2, '0')}`, payload: { text } }),
  );
  const bounds = { allowDuplicates: false, mostBytes: 1e9, mostRows: 1e6 };
  const sizes: number[] = [];
  const file = Readable.from([Buffer.from(lines.join('\n'))]);
  for await (const { rows } of contactsInBatches(readContacts(file, bounds), 100)) sizes.push(rows.length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(50);
  expect(Math.max(...sizes)).toBeLessThan(50);
});
