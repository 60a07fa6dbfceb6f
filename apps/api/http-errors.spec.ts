import { describe, expect, it } from 'vitest';
import { toApiError } from './http-errors.js';

describe('an error of the store', () => {
  it.each(['ECONNREFUSED', 'ETIMEDOUT', '57014', '57P01', '53300', '53100', '25P03', '25P04', '08006'])(
    'with code %s means that the store is away',
    (code) => {
      const failed = Object.assign(new Error('failed'), { driverError: { code } });
      expect(toApiError(failed)).toMatchObject({ status: 503, code: 'STORE_UNAVAILABLE' });
    },
  );

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Client has encountered a connection error and is not queryable',
    'Client was closed and is not queryable',
    'timeout exceeded when trying to connect',
    'Query read timeout',
    'Query runner already released. Cannot run queries anymore.',
    'Database connection provided by a query runner was already released, cannot continue to use its querying methods anymore.',
  ])('that says %j means so too', (message) => {
    expect(toApiError(new Error(message))).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
  });

  it('that is none of these is a 500, and tells nothing of itself', () => {
    const answer = toApiError(
      Object.assign(new Error('relation "secrets" does not exist'), { code: '42P01' }),
    );
    expect([answer.status, answer.code]).toEqual([500, 'SERVER_ERROR']);
    expect(answer.message).not.toContain('secrets');
  });
});
