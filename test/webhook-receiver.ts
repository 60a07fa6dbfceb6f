import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { LoopbackServer } from './loopback-server.js';

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
  private readonly server = new LoopbackServer((incoming, body, outgoing) =>
    this.hear(incoming, body, outgoing),
  );

  listen(): Promise<void> {
    return this.server.listen();
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.server.port}${path}`;
  }

  close(): Promise<void> {
    return this.server.close();
  }

  private hear({ url, headers }: IncomingMessage, bytes: Buffer, outgoing: ServerResponse): void {
    const raw = bytes.toString('utf8');
    this.deliveries.push({ path: url ?? '', headers, raw, body: JSON.parse(raw) });
    const status = this.nextStatuses.shift() ?? 200;
    outgoing.writeHead(status, { 'set-cookie': 'session=theirs' }).end(`answered ${status}`);
  }
}
