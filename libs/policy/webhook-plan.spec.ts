import { describe, expect, it } from 'vitest';
import { WEBHOOK_BACKOFF_SECONDS, webhookRetrySeconds } from './webhook-plan.js';

describe('the webhook plan', () => {
  it('follows the published delays in the middle of the spread', () => {
    const delays = WEBHOOK_BACKOFF_SECONDS.map((_, index) => webhookRetrySeconds(index + 1, 10, null, 0.5));
    expect(delays).toEqual(WEBHOOK_BACKOFF_SECONDS);
    expect(webhookRetrySeconds(10, 10, null, 0.5)).toBe(86_400);
  });

  it('spreads by a fifth either way', () => {
    expect(webhookRetrySeconds(1, 3, null, 0)).toBe(4);
    expect(webhookRetrySeconds(1, 3, null, 0.999999)).toBeCloseTo(6, 4);
  });

  it('waits longer where the receiver asks for it, but a day at most, and never longer than it may try', () => {
    expect(webhookRetrySeconds(1, 3, 60, 0.5)).toBe(60);
    expect(webhookRetrySeconds(2, 3, 60, 0.5)).toBe(300);
    expect(webhookRetrySeconds(1, 3, 1e15, 0.5)).toBe(86_400);
    expect(webhookRetrySeconds(4, 3, 60, 0.5)).toBeNull();
  });

  it('gives up after the retries of the endpoint, none at all with none', () => {
    expect(webhookRetrySeconds(3, 3, null, 0.5)).not.toBeNull();
    expect(webhookRetrySeconds(4, 3, null, 0.5)).toBeNull();
    expect(webhookRetrySeconds(1, 0, null, 0.5)).toBeNull();
  });
});
