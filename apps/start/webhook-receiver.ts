import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A webhook that has arrived. */
export interface Arrival {
  /** The event's name, such as campaign_call.completed. */
  event: string;
  isSignatureRight: boolean;
  /** What it was answered. */
  status: number;
}

export interface WebhookReceiver {
  port: number;
  url: string;
  close(): Promise<void>;
}

const LONGEST_BODY_BYTES = 1_000_000;

/**
 * A customer's server in miniature: checks `X-Webhook-Signature` over the exact bytes, as a customer has to, and
 * answers 200, or 401 to what is not signed with the secret.
 * @param wantedPort taken where it is free, so that endpoints of an earlier start still find it
 */
export async function receiveWebhooks(options: {
  wantedPort: number;
  secret: string;
  onArrival: (arrival: Arrival) => void;
}): Promise<WebhookReceiver> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      length += chunk.length;
      if (length > LONGEST_BODY_BYTES) request.destroy();
    });
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const isSignatureRight = isSignedBy(options.secret, body, request.headers['x-webhook-signature']);
      const status = isSignatureRight ? 200 : 401;
      response.writeHead(status).end();
      options.onArrival({ event: eventOf(body), isSignatureRight, status });
    });
  });
  server.listen(options.wantedPort, '127.0.0.1');
  await once(server, 'listening').catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EADDRINUSE') throw error;
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/webhooks`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function isSignedBy(secret: string, body: Buffer, header: string | string[] | undefined): boolean {
  const expected = Buffer.from(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`);
  const given = Buffer.from(String(header));
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function eventOf(body: Buffer): string {
  try {
    return String((JSON.parse(body.toString('utf8')) as { event?: unknown }).event);
  } catch {
    return '(unreadable)';
  }
}
