import { createConfig, lint } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import { describedRoutes, judge, type Exchange } from './described-api.js';

const ID = '3f0e8f9c-6a53-4a0e-9c7e-0d5f3f1b2a10';
const NOW = '2026-01-31T09:00:00.000Z';

const COUNTED = {
  'x-request-id': ID,
  'x-ratelimit-limit': '100',
  'x-ratelimit-remaining': '99',
  'x-ratelimit-reset': '1',
};

const STARTED = {
  method: 'PATCH',
  path: `/campaigns/${ID}/status`,
  sent: { status: 'active' },
  status: 200,
  headers: COUNTED,
  body: {
    success: true,
    message: 'The campaign is active.',
    data: {
      ...{ id: ID, status: 'active', updated_at: NOW, unknown: 0, stopped: 0 },
      in_flight: { count: 0, attempt_ids: [] },
    },
  },
};

const REFUSED = {
  ...STARTED,
  status: 400,
  body: { success: false, message: 'No.', code: 'INVALID_TRANSITION', request_id: ID },
};

function judged(exchange: Omit<Exchange, 'headers'> & { headers: Record<string, string> }): string {
  try {
    judge({ ...exchange, headers: new Headers(exchange.headers) });
    return 'as described';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('the judge of answers', () => {
  it('has nothing against answers that are as described', () => {
    expect([judged(STARTED), judged(REFUSED)]).toEqual(['as described', 'as described']);
  });

  const { stopped, ...withoutStopped } = STARTED.body.data;
  it.each([
    ['a status', { ...STARTED, status: 202 }, 'no such status'],
    ['a code', { ...REFUSED, body: { ...REFUSED.body, code: 'NO_IDEA' } }, 'NO_IDEA'],
    [
      'a field',
      { ...STARTED, body: { ...STARTED.body, data: { ...STARTED.body.data, other: stopped } } },
      'additional',
    ],
    ['the lack of a field', { ...STARTED, body: { ...STARTED.body, data: withoutStopped } }, "'stopped'"],
    ['the lack of a header', { ...STARTED, headers: { 'x-request-id': ID } }, 'X-RateLimit-Limit'],
    ['a body', { ...STARTED, sent: { status: 'on' } }, 'the request'],
    ['the lack of a body', { ...STARTED, sent: undefined }, 'needs a body'],
    ['a query', { ...STARTED, path: `${STARTED.path}?now=1` }, 'the query'],
    ['a route', { ...STARTED, path: '/campaigns/all/status/now' }, 'no such route'],
  ])('refuses %s that the description does not know', (_, exchange, fault) => {
    expect(judged(exchange)).toContain(fault);
  });
});

describe('the description', () => {
  it('names each operation once', () => {
    const ids = describedRoutes.map(({ operation }) => operation.operationId);
    expect(ids.length).toBeGreaterThan(50);
    expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([]);
  });

  it('keeps to the rules of OpenAPI 3.1', async () => {
    const rules = {
      // By the contract, `release-requests` stands where a number's id may; routers take the fixed word first.
      'no-ambiguous-paths': 'off',
      // What takes no input and no token refuses nobody.
      'operation-4xx-response': 'off',
    } as const;
    const config = await createConfig({ extends: ['recommended'], rules });
    const problems = await lint({ ref: 'docs/openapi.json', config });
    expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
      [],
    );
  });
});
