import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import fastify, { type FastifyInstance } from 'fastify';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boundRequests, fileIn, piecesOf, takeStreamedBodies } from './streamed-body.js';

let server: FastifyInstance;
let port: number;

beforeAll(async () => {
  server = fastify();
  boundRequests(server, 100);
  takeStreamedBodies(server);
  server.post('/api/v1/do-not-call/scrub', async ({ body }) => {
    let bytes = 0;
    for await (const piece of piecesOf(fileIn(body))) bytes += piece.length;
    return { bytes };
  });
  server.post('/api/v1/do-not-call/import', async ({ body }) => {
    for await (const piece of piecesOf(fileIn(body))) return { first: piece[0] };
    return {};
  });
  server.post('/ordinary', async () => ({}));
  await server.listen({ port: 0, host: '127.0.0.1' });
  ({ port } = server.addresses()[0] as AddressInfo);
});

afterAll(() => server.close());

/** Sends the beginning of a request, the rest once something is answered or never, and reads until it closes. */
async function drip(path: string, type: string, beginning: string, length: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let answered = '';
  socket.on('data', (data: Buffer) => (answered += data.toString()));
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: ${type}\r\ncontent-length: ${length}\r\n\r\n${beginning}`,
  );
  await once(socket, 'data');
  socket.destroy();
  return answered;
}

it('gives up an ordinary request whose body does not come', async () => {
  const answered = await drip('/ordinary', 'application/json', '{"a":', 10);
  expect(answered).toMatch(/^HTTP\/1.1 408 /);
  expect(answered).toContain('REQUEST_TIMEOUT');
});

it('lets a file take longer', async () => {
  const slow = new ReadableStream({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode('+1202'));
      // Until an ordinary request that began later was given up, and so would have been this one.
      await drip('/ordinary', 'application/json', '{', 10);
      controller.enqueue(new TextEncoder().encode('5550100'));
      controller.close();
    },
  });
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/do-not-call/scrub`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: slow,
    duplex: 'half',
  });
  expect(await response.json()).toEqual({ bytes: 12 });
});

it('answers a client whose file it does not read to the end', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/do-not-call/import`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: 'x'.repeat(10_000_000),
  });
  expect(await response.json()).toEqual({ first: 120 });
});

it('takes files nowhere else', async () => {
  const response = await fetch(`http://127.0.0.1:${port}/ordinary`, {
    method: 'POST',
    headers: { 'content-type': 'text/csv' },
    body: 'x',
  });
  expect(response.status).toBe(415);
});
