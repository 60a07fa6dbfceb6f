import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** An HTTP server that goes away and comes back. It hears requests that came in whole: who is killed while sending has said nothing. */
export class LoopbackServer {
  private server: Server | undefined;
  /** 0: it has not listened yet. */
  port = 0;

  constructor(
    private readonly hear: (incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse) => void,
  ) {}

  /** For the first time at any port, then at the same one again. */
  async listen(): Promise<void> {
    this.server = createServer((incoming, outgoing) => {
      void buffer(incoming).then(
        (body) => this.hear(incoming, body, outgoing),
        () => undefined,
      );
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Every connection ends, and new ones are refused. */
  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    if (server === undefined) return;
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
}
