import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { Vitals } from '#environment/vitals.js';
import { watchRequests } from './request-vitals.js';

it('an api lives while its requests are answered, refused or failed, and not once one never is', async () => {
  let nowMs = 0;
  let answer: () => void = () => undefined;
  const vitals = new Vitals(() => nowMs);
  const server = fastify();
  watchRequests(server, vitals);
  server.get('/answered', () => 'yes');
  server.get('/failed', () => Promise.reject(new Error('no')));
  const hangs = new Promise<void>((begun) => {
    server.get('/hangs', async () => {
      begun();
      await new Promise<void>((resolve) => (answer = resolve));
      return 'at last';
    });
  });
  for (const path of ['/answered', '/failed', '/nowhere']) await server.inject(path);
  nowMs += 3_600_000;
  expect(vitals.still()).toEqual({});
  const asked = server.inject('/hangs').then(({ statusCode }) => statusCode);
  await hangs;
  nowMs += 61_000;
  await server.inject('/answered');
  expect(vitals.still()).toEqual({ requests: 'no sign for 61 s' });
  answer();
  expect(await asked).toBe(200);
  expect(vitals.still()).toEqual({});
});
