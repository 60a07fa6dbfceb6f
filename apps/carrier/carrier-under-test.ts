import { createHmac, randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { buildCarrier, type Carrier } from './carrier-server.js';
import type { LedgerLine } from './ledger.js';

const SECRET = 'a secret for tests';
/** A call is over in some 40 ms. */
const SPEED = 2_000;

export interface CallbackBody extends Record<string, unknown> {
  event_id: string;
  id: string;
  type: string;
  sequence: number;
}

/** A carrier of its own on a free port, with a receiver of its callbacks. For this folder's tests only. */
export class CarrierUnderTest {
  /** Every line of the ledger so far. */
  lines: LedgerLine[] = [];
  url: string;
  readonly receiver = new CallbackReceiver();
  private readonly folder = mkdtempSync(join(tmpdir(), 'carrier-'));
  private carrier: Carrier;

  static async started(options: { seed?: number; speed?: number } = {}): Promise<CarrierUnderTest> {
    const started = new CarrierUnderTest();
    await started.start(options.seed ?? 1, options.speed ?? SPEED);
    return started;
  }

  /** Ends the carrier alone; the ledger's file can still be read. */
  close(): Promise<void> {
    return this.carrier.close();
  }

  /** Ends everything and leaves nothing behind. */
  async stop(): Promise<void> {
    await this.close();
    this.receiver.stop();
    rmSync(this.folder, { recursive: true });
  }

  post(to: string, more: Record<string, unknown> = {}, signal?: AbortSignal): Promise<Response> {
    const body = { id: randomUUID(), to, from: '+12025550199', callback_url: this.receiver.url };
    const limits = { max_duration_seconds: 60, ring_timeout_seconds: 20 };
    return this.send('POST', '/calls', { ...body, ...limits, ...more }, signal);
  }

  /** The status of the answer; null when the connection ended without one. */
  async postedStatus(
    to: string,
    more: Record<string, unknown>,
    signal?: AbortSignal,
  ): Promise<number | null> {
    return this.post(to, more, signal).then(
      (response) => response.status,
      () => null,
    );
  }

  async lookUp(id: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const response = await this.send('GET', `/calls/${id}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  putFaults(faults: object): Promise<Response> {
    return this.send('PUT', '/faults', faults);
  }

  send(method: string, path: string, body?: object | string, signal?: AbortSignal): Promise<Response> {
    const text = typeof body === 'object' ? JSON.stringify(body) : body;
    const headers = { 'content-type': 'application/json' };
    return fetch(`${this.url}${path}`, { method, headers, body: text, signal });
  }

  of(id: string, kind: LedgerLine['kind']): LedgerLine[] {
    return this.lines.filter((line) => line.id === id && line.kind === kind);
  }

  /** The n-th ledger line of this kind about this call, as soon as it is written. */
  async whenLine(id: string, kind: LedgerLine['kind'], count = 1): Promise<LedgerLine> {
    await until(this.carrier.ledger, 'line', () => this.of(id, kind).length >= count);
    return this.of(id, kind)[count - 1] as LedgerLine;
  }

  linesInFile(): LedgerLine[] {
    return readLines(readFileSync(this.ledgerFile, 'utf8'));
  }

  private get ledgerFile(): string {
    return join(this.folder, 'made', 'ledger.ndjson');
  }

  private async start(seed: number, speed: number): Promise<void> {
    await this.receiver.start();
    const settings = { CARRIER_SECRET: SECRET, SPEED: speed, SEED: seed, LEDGER_FILE: this.ledgerFile };
    this.carrier = await buildCarrier(settings, pino({ level: 'silent' }));
    this.carrier.ledger.setMaxListeners(0).on('line', (line) => this.lines.push(line));
    this.url = await this.carrier.http.listen({ host: '127.0.0.1', port: 0 });
  }
}

/** Takes callbacks, checks their signatures, and can be told to refuse the next ones. */
export class CallbackReceiver {
  url: string;
  refuseNext = 0;
  /** Taken callbacks that were not rightly signed. */
  unsigned = 0;
  private readonly taken: CallbackBody[] = [];
  private readonly arrivals = new EventEmitter();
  private readonly server: Server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const refused = this.refuseNext-- > 0;
      response.writeHead(refused ? 503 : 204).end();
      if (!refused) this.take(Buffer.concat(pieces), request.headers['x-carrier-signature']);
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/callbacks/simulated`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  of(id: string): CallbackBody[] {
    return this.taken.filter((body) => body.id === id);
  }

  async whenReceived(id: string, count: number): Promise<CallbackBody[]> {
    await until(this.arrivals, 'arrival', () => this.of(id).length >= count);
    return this.of(id);
  }

  private take(raw: Buffer, signature: unknown): void {
    if (signature !== `sha256=${createHmac('sha256', SECRET).update(raw).digest('hex')}`) this.unsigned++;
    this.taken.push(JSON.parse(raw.toString()) as CallbackBody);
    this.arrivals.emit('arrival');
  }
}

let numbersMade = 0;

/** A number nobody has called, with these last two digits. */
export function numberEnding(digits: number): string {
  return `+1202${String(++numbersMade).padStart(5, '0')}${String(digits).padStart(2, '0')}`;
}

export function readLines(text: string): LedgerLine[] {
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as LedgerLine);
}

function until(emitter: EventEmitter, event: string, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (!holds()) return;
      emitter.off(event, look);
      resolve();
    };
    emitter.on(event, look);
    look();
  });
}
