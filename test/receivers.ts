import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { Webhook } from 'standardwebhooks';
import { LoopbackServer } from './loopback-server.js';

/** Of all webhooks that are sent to the receivers. */
export const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo=';

/** A delivery that came in whole, as its receiver saw it. */
export interface Told {
  /** The name that the receiver gave to the webhook. */
  webhook: string;
  /** `webhook-id`. */
  id: string;
  /** SHA-256 of the body's bytes, hex. */
  digest: string;
  /** Whether `webhook-signature` is right, by the library of the standard. */
  isSigned: boolean;
  /** What the body says of itself. */
  body: { id: string; type: string; sequence: number; callId: string | null };
  /** What was answered to the end; null: nothing so far, or not to the end. */
  answered: number | null;
}

/** How a receiver treats what it is told. */
export type Manner = keyof typeof MANNERS;

type Answer = (response: ServerResponse, turn: { nth: number; id: string; elsewhere: string }) => void;

/** Between two bytes of those that drip. */
const DRIP_MS = 1_000;

/** Bytes that one drips that comes to an end. */
const DRIPS = 8;

/** Small as sent, and more than a process has room for where somebody unpacks a few of them. */
const BOMB = gzipSync(Buffer.alloc(64 * 1024 * 1024));

const ENDLESS = Buffer.alloc(64 * 1024, 'endless ');

const MANNERS = {
  takes: (response) => response.writeHead(204).end(),
  /** Fails the first try of an event in eight, half of those without a word. */
  falters: (response, { nth, id }) => {
    const lot = Number.parseInt(id.slice(-1), 16);
    if (nth > 1 || lot > 1) response.writeHead(204).end();
    else if (lot === 0) response.writeHead(500).end('not now');
    else response.socket?.destroy();
  },
  dawdles: (response) => drip(response, DRIPS),
  drips: (response) => drip(response, Infinity),
  fails: (response) => response.writeHead(500).end('never'),
  'hangs up': (response) => response.socket?.destroy(),
  'is busy': (response) => response.writeHead(429, { 'retry-after': '1' }).end(),
  'is gone': (response) => response.writeHead(410).end(),
  redirects: (response, { elsewhere }) => response.writeHead(302, { location: elsewhere }).end(),
  'does not end': (response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write(ENDLESS)) continue;
    };
    response.on('drain', more);
    more();
  },
  'is a bomb': (response) => {
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': BOMB.length });
    response.end(BOMB);
  },
} satisfies Record<string, Answer>;

/** Manners that never answer to the end, but say before it that they have taken a delivery. */
const TAKES_WITHOUT_END = new Set<Manner>(['does not end', 'is a bomb']);

/** Customers' servers of every manner, at one port, with one record of all that they were told. */
export class Receivers {
  readonly told: Told[] = [];
  /** How much each webhook was told, by name, repetitions among it. */
  readonly counts = new Map<string, number>();
  private readonly tries = new Map<string, number>();
  private readonly signed = new Webhook(SECRET);
  private readonly server = new LoopbackServer((incoming, body, response) =>
    this.hear(incoming, body, response),
  );

  /** @param elsewhere where those that redirect lead */
  constructor(private readonly elsewhere = () => 'http://169.254.169.254/latest/meta-data/') {}

  /** For the first time, or at the same port as before. */
  listen(): Promise<void> {
    return this.server.listen();
  }

  /** Away: every connection ends, and new ones are refused. */
  leave(): Promise<void> {
    return this.server.close();
  }

  get port(): number {
    return this.server.port;
  }

  /** @param webhook a name for it, new for each webhook */
  url(manner: Manner, webhook: string, host = '127.0.0.1'): string {
    return `http://${host}:${this.port}/${encodeURIComponent(manner)}/${encodeURIComponent(webhook)}`;
  }

  private hear(incoming: IncomingMessage, body: Buffer, response: ServerResponse): void {
    response.on('error', () => undefined);
    const [, manner = '', webhook = ''] = (incoming.url ?? '').split('/').map(decodeURIComponent);
    const told = this.note(webhook, incoming, body);
    const nth = this.countTry(told);
    const takesAnyway = TAKES_WITHOUT_END.has(manner as Manner);
    if (takesAnyway) told.answered = 200;
    else response.on('finish', () => (told.answered = response.statusCode));
    const answer: Answer = MANNERS[manner as Manner];
    answer(response, { nth, id: told.id, elsewhere: this.elsewhere() });
  }

  private note(webhook: string, { headers }: IncomingMessage, bytes: Buffer): Told {
    const raw = bytes.toString('utf8');
    const { id, type, sequence, call } = JSON.parse(raw) as {
      id: string;
      type: string;
      sequence: number;
      call?: { id: string };
    };
    const told: Told = {
      webhook,
      id: String(headers['webhook-id']),
      digest: createHash('sha256').update(bytes).digest('hex'),
      isSigned: this.isSigned(raw, headers as Record<string, string>),
      body: { id, type, sequence, callId: call?.id ?? null },
      answered: null,
    };
    this.told.push(told);
    this.counts.set(webhook, (this.counts.get(webhook) ?? 0) + 1);
    return told;
  }

  private isSigned(raw: string, headers: Record<string, string>): boolean {
    try {
      this.signed.verify(raw, headers);
      return true;
    } catch {
      return false;
    }
  }

  private countTry({ webhook, id }: Told): number {
    const key = `${webhook} ${id}`;
    const nth = (this.tries.get(key) ?? 0) + 1;
    this.tries.set(key, nth);
    return nth;
  }
}

function drip(response: ServerResponse, bytes: number): void {
  response.writeHead(200);
  let sent = 0;
  const timer = setInterval(() => {
    sent += 1;
    if (sent < bytes) return void response.write('.');
    response.end('.');
  }, DRIP_MS);
  response.on('close', () => clearInterval(timer));
}
