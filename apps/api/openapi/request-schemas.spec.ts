import 'reflect-metadata';
import { describe, expect, it } from 'vitest';
import { Ajv2020 } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';
import { CONTROLLERS } from '../api.module.js';
import { validated } from '../validated.js';
import { OPERATION, type OperationDescription, type RequestShape } from './operation.js';
import { requestSchema, requestSchemas } from './request-schemas.js';

const schemas = requestSchemas();

function checkerOf(shape: RequestShape): (body: object) => boolean {
  const ajv = new Ajv2020({ strict: false });
  formats.default(ajv);
  ajv.addSchema({ components: { schemas: Object.fromEntries(schemas) } }, 'all');
  const schema = JSON.stringify(requestSchema(schemas, shape)).replaceAll('"#/', '"all#/');
  return ajv.compile(JSON.parse(schema) as object);
}

function bodies(): RequestShape[] {
  const handlers = CONTROLLERS.flatMap((controller) =>
    Object.values(Object.getOwnPropertyDescriptors(controller.prototype)),
  );
  const described = handlers.map(
    ({ value }) => Reflect.getMetadata(OPERATION, value as object) as OperationDescription | undefined,
  );
  return [...new Set(described.flatMap((description) => description?.body ?? []))];
}

function isTaken(shape: RequestShape, body: object): boolean {
  try {
    validated(shape, body);
    return true;
  } catch {
    return false;
  }
}

const STRANGE: unknown[] = [
  ...[null, true, false, 0, 1, 2, -1, 1.5, 0.05, 7, 8, 169, 3_601, 1e9],
  ...[
    '',
    'x',
    'POST',
    'active',
    '+',
    '+12025550100',
    ' +1 (202) 555-0100',
    '24:00',
    '2026-01-31',
    '2026-02-30',
  ],
  ...[
    '2026-01-31T09:00Z',
    '2026-01-31T09:00:00+01:00',
    '2026-01-31T09:00:00',
    'UTC',
    'https://example.com',
    'ftp://x',
  ],
  ...['x'.repeat(256), 'x'.repeat(1_001), 'x'.repeat(30_000), 'ü', '3f0e8f9c-6a53-4a0e-9c7e-0d5f3f1b2a10'],
  ...[
    [],
    [1],
    [1, 1],
    [8],
    ['x'],
    ['+12025550100'],
    ['2026-01-31'],
    [{}],
    [{ key: 'a' }],
    [{ key: 'a', value: 'b' }],
  ],
  ...[
    [{ start: '09:00', end: '24:00' }],
    [{ start: '09:00', end: '9:30' }],
    [{ start: '09:00' }],
    {},
    { id: 'x' },
    [[]],
    [null],
  ],
];

/** What a schema cannot say, and the rule judges: the schema lets more pass there. */
const LOOSER =
  /to|numbers|expires_at|not_before|transfer_to|timezone|_date|call_time_ranges|url|caller_ids|custom_list/;

describe.each(bodies().map((shape) => ({ name: shape.name, shape })))('the schema of $name', ({ shape }) => {
  const fits = checkerOf(shape);
  const example = shape.example ?? {};
  const fields = Object.keys(requestSchema(schemas, shape).properties as object);

  it('has an example that is taken', () => {
    expect([shape.example !== undefined, fits(example), isTaken(shape, example)]).toEqual([true, true, true]);
  });

  it('says of each field what its rules say', () => {
    const apart = fields.flatMap((field) =>
      STRANGE.flatMap((value) => {
        const body = { ...example, [field]: value };
        const [described, taken] = [fits(body), isTaken(shape, body)];
        if (described === taken || (described && LOOSER.test(field))) return [];
        return [{ field, value, described, taken }];
      }),
    );
    expect(apart).toEqual([]);
  });

  it('says which fields must be there, and takes no others', () => {
    for (const field of fields) {
      const { [field as keyof typeof example]: _, ...rest } = example;
      expect([field, fits(rest)]).toEqual([field, isTaken(shape, rest)]);
    }
    expect([fits({ ...example, other: 1 }), isTaken(shape, { ...example, other: 1 })]).toEqual([
      false,
      false,
    ]);
  });
});
