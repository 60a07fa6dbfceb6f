import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Delivery {
  path: string;
  headers: IncomingHttpHeaders;
  /** The exact bytes, as text. */
  raw: string;
  body: any;
}

/** A customer's server: keeps what it is told, and answers as told. */
export class WebhookReceiver {
  readonly deliveries: Delivery[] = [];
  /** Statuses of the next answers; 200 once they are used up. */
  readonly nextStatuses: number[] = [];
  private server: Server | undefined;
  private port = 0;

  async listen(): Promise<void> {
    this.server = createServer((incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        // A dialer killed in the middle of sending has delivered nothing.
        if (!incoming.complete) return;
        const raw = Buffer.concat(chunks).toString('utf8');
        this.deliveries.push({
          path: incoming.url ?? '',
          headers: incoming.headers,
          raw,
          body: JSON.parse(raw),
        });
        const status = this.nextStatuses.shift() ?? 200;
        outgoing.writeHead(status, { 'set-cookie': 'session=theirs' }).end(`answered ${status}`);
      });
    }).listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  async close(): Promise<void> {
    if (this.server === undefined) return;
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
