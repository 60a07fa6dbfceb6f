import { once } from 'node:events';
import {
  Agent,
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** What became of a request that the balancer could not pass on or back. */
export interface Dropped {
  method: string;
  /** As far as it names nobody. */
  path: string;
  because: string;
}

/**
 * As plain a load balancer as there is: each request goes to the next of two servers over connections that are kept, and to the
 * other one where no connection can be made at all. A request that a server may have seen is never sent again.
 */
export class Balancer {
  requests = 0;
  /** Requests that found their server gone, and went to the other one. */
  turnedAway = 0;
  readonly dropped: Dropped[] = [];
  private next = 0;
  private readonly agent = new Agent({ keepAlive: true });
  private readonly server = createServer((incoming, outgoing) => void this.pass(incoming, outgoing));

  /** @param ports of the servers, on this machine */
  constructor(private readonly ports: readonly number[]) {}

  async open(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.agent.destroy();
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.requests += 1;
    const body = await buffer(incoming);
    const first = this.next++ % this.ports.length;
    const inTurn = [...this.ports.slice(first), ...this.ports.slice(0, first)];
    for (const port of inTurn) {
      try {
        const answer = await this.ask(port, incoming, body);
        if (answer.status >= 500) this.drop(incoming, `answered with ${answer.status}`);
        outgoing.writeHead(answer.status, answer.headers).end(answer.body);
        return;
      } catch (error) {
        const { code = (error as Error).message } = error as NodeJS.ErrnoException;
        if (code === 'ECONNREFUSED' && port !== inTurn.at(-1)) {
          this.turnedAway += 1;
          continue;
        }
        this.drop(incoming, code);
        outgoing.writeHead(502).end();
        return;
      }
    }
  }

  private async ask(
    port: number,
    { method, url, headers }: IncomingMessage,
    body: Buffer,
  ): Promise<{ status: number; headers: IncomingHttpHeaders; body: Buffer }> {
    const { connection, ...passed } = headers;
    const asked = request({ host: '127.0.0.1', port, agent: this.agent, method, path: url, headers: passed });
    asked.end(body);
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    const { connection: _, 'keep-alive': __, 'transfer-encoding': ___, ...passedBack } = answer.headers;
    return { status: answer.statusCode ?? 0, headers: passedBack, body: await buffer(answer) };
  }

  private drop({ method = '', url = '' }: IncomingMessage, because: string): void {
    this.dropped.push({ method, path: url.replaceAll(/[\da-f-]{36}/g, '{}').split('?')[0] ?? '', because });
  }
}
