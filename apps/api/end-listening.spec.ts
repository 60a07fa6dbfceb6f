import { once } from 'node:events';
import { Agent, createServer, request, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { endListening } from './end-listening.js';

/** Asks over a connection that is kept; its status, or what it failed with. */
async function ask(port: number, agent: Agent, path: string): Promise<number | string> {
  const asked = request({ host: '127.0.0.1', port, agent, path }).end();
  try {
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return answer.statusCode ?? 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'failed';
  }
}

it('a server that ends answers what it has, and what still comes over connections that it kept', async () => {
  let goOn: () => void = () => undefined;
  let isEnding = false;
  const server = createServer((incoming, outgoing) => {
    if (isEnding) outgoing.setHeader('connection', 'close');
    if (incoming.url === '/slow') goOn = () => outgoing.end();
    else outgoing.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [kept, other] = [new Agent({ keepAlive: true }), new Agent({ keepAlive: true })];
  expect(await ask(port, kept, '/')).toBe(200);
  const slow = ask(port, other, '/slow');
  await once(server, 'request');
  isEnding = true;
  const ended = endListening(server);
  await new Promise<void>((resolve) => {
    const look = () => (server.listening ? setImmediate(look) : resolve());
    look();
  });
  expect(await ask(port, new Agent(), '/')).toBe('ECONNREFUSED');
  expect(await ask(port, kept, '/')).toBe(200);
  goOn();
  expect(await slow).toBe(200);
  await ended;
});

it('a server that ends waits for nobody for long who has sent nothing, or is not done', async () => {
  const server = createServer(() => undefined);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const silent = connect(port, '127.0.0.1');
  const slow = ask(port, new Agent({ keepAlive: true }), '/slow');
  await once(server, 'request');
  await endListening(server, 50);
  expect(await slow).toBe('ECONNRESET');
  if (!silent.destroyed) await once(silent, 'close');
});
