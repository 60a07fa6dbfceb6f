import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CHANNEL_STATES, MODELS, OPERATIONS, type Operation } from './description.js';

/** Where Asterisk's own description is at hand: the folder `rest-api/api-docs` of its source. */
const { ARI_API_DOCS } = process.env;

interface PublishedField {
  required?: boolean;
  type: string;
  allowableValues?: { values: string[] };
}

interface PublishedModel {
  properties: Record<string, PublishedField>;
}

interface Published {
  apis: {
    path: string;
    operations: {
      httpMethod: string;
      parameters?: {
        name: string;
        paramType: string;
        required?: boolean;
        allowableValues?: { values: string[] };
      }[];
    }[];
  }[];
  models: Record<string, PublishedModel>;
}

const read = (name: string): Published =>
  JSON.parse(readFileSync(join(ARI_API_DOCS ?? '', `${name}.json`), 'utf8')) as Published;

describe.skipIf(ARI_API_DOCS === undefined)(
  'our description of ARI, beside Asterisk’s own (skipped where ARI_API_DOCS does not say where that is)',
  () => {
    it.each(Object.entries(OPERATIONS) as [string, Operation][])(
      'has the parameters of %s',
      (_, operation) => {
        const of = ['channels', 'applications', 'events'].flatMap((name) => read(name).apis);
        const published = of
          .find(({ path }) => path === operation.path)
          ?.operations.find(({ httpMethod }) => httpMethod === operation.method);
        const asked = (published?.parameters ?? []).filter(({ paramType }) => paramType !== 'path');
        const names = (required: boolean) =>
          asked.filter((one) => (one.required ?? false) === required).map(({ name }) => name);
        expect(Object.keys(operation.required).sort()).toEqual(names(true).sort());
        expect(Object.keys(operation.optional).sort()).toEqual(names(false).sort());
        for (const [name, held] of Object.entries({ ...operation.required, ...operation.optional })) {
          const values = asked.find((one) => one.name === name)?.allowableValues?.values;
          if (typeof held === 'object' && values !== undefined) expect(held.oneOf).toEqual(values);
        }
      },
    );

    it.each(Object.entries(MODELS))('has the fields of %s', (name, fields) => {
      const models = Object.assign(
        {},
        ...['channels', 'applications', 'events', 'asterisk'].map((file) => read(file).models),
      ) as Published['models'];
      const isEvent = 'type' in fields;
      const inherited = isEvent ? { ...models.Message?.properties, ...models.Event?.properties } : {};
      const published = { ...inherited, ...models[name]?.properties };
      expect(Object.keys(fields).sort()).toEqual(Object.keys(published).sort());
      for (const [field, { required, allowableValues }] of Object.entries(published)) {
        const isOptional = (fields as Record<string, string>)[field]?.endsWith('?');
        expect([field, isOptional]).toEqual([field, required !== true]);
        if (name === 'Channel' && field === 'state') expect(CHANNEL_STATES).toEqual(allowableValues?.values);
      }
    });
  },
);
