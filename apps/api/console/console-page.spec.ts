import fastify from 'fastify';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Admin } from '#admin/gate.js';
import { ConsolePage, type ConsoleOptions } from './console-page.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A stream of somebody, and what it ends with by then. */
async function streamUntil(ms: number, isStillIn: () => Promise<boolean>): Promise<string | null> {
  const log = { error: () => undefined } as unknown as ConsoleOptions['log'];
  const page = new ConsolePage({ ...({} as ConsoleOptions), mayChange: false, log });
  const server = fastify();
  server.decorateRequest('admin', null);
  server.addHook('onRequest', async (request) => {
    request.admin = { isStillIn } as Admin;
  });
  await server.register(page.routes, { prefix: page.path });
  let told: string | null = null;
  const looking = server.inject('/console/events').then(({ body }) => (told = body));
  await vi.advanceTimersByTimeAsync(ms);
  const toldByThen = told;
  await page.close();
  await looking;
  await server.close();
  return toldByThen;
}

const AGAIN = /event: again\ndata:\n\n$/;

it('a stream ends after five minutes, and says that whoever looks on may come again', async () => {
  const isStillIn = () => Promise.resolve(true);
  expect(await streamUntil(5 * 60_000 - 1, isStillIn)).toBeNull();
  expect(await streamUntil(5 * 60_000 + 1, isStillIn)).toMatch(AGAIN);
});

it('a stream ends within half a minute of its session, and goes on where nobody can say whether that is over', async () => {
  expect(await streamUntil(30_001, () => Promise.resolve(false))).toMatch(AGAIN);
  expect(await streamUntil(60_001, () => Promise.reject(new Error('away')))).toBeNull();
});
