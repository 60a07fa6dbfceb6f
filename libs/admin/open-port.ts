import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The admin port of a process that has no stores yet. It is open from the first moment on, so that whoever watches sees a
 * process that lives and waits, and does not take it for a dead one.
 */
export class OpenPort {
  private listener: RequestListener = (request, response) => {
    const isLive = request.url === '/live';
    const status = isLive ? { status: 'ok' } : { status: 'not ready', database: 'away' };
    response.writeHead(isLive ? 200 : 503, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify(status));
  };
  readonly server: Server = createServer((request, response) => this.listener(request, response));

  private constructor() {}

  /** @param port 0 takes any free one */
  static async on(port: number): Promise<OpenPort> {
    const open = new OpenPort();
    open.server.listen(port, '0.0.0.0');
    await once(open.server, 'listening');
    return open;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** From now on, somebody else answers. */
  handOver(listener: RequestListener): void {
    this.listener = listener;
  }

  /** Resolves when the port is free, whoever is still connected. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}
