import { EventEmitter, once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Carrier } from '../../apps/carrier/carrier-server.js';
import type { LedgerLine } from '../../apps/carrier/ledger.js';
import type {
  CarrierCallback,
  CallConnection,
  EventSocket,
  IncomingRequest,
  TelephonyProvider,
} from '#telephony/telephony-provider.js';

/** Starts a carrier, at a speed, with an adapter of it. */
export type StartedCarrier = (speed: number) => Promise<CarrierOnTrial>;

/** A carrier of some kind, what it wrote down, and an adapter that hears of it over HTTP. */
export class CarrierOnTrial {
  readonly lines: LedgerLine[] = [];
  /** Callbacks that the adapter has read, and as they came. */
  readonly told: CarrierCallback[] = [];
  readonly received: IncomingRequest[] = [];
  /** How often the carrier asked what to do with an answered call, or told of one that waits for its agent. */
  questions = 0;
  provider: TelephonyProvider;
  private readonly news = new EventEmitter().setMaxListeners(0);
  private url: string;
  private receiver: Server;
  /** Null where the carrier tells by requests. */
  private socket: EventSocket | null = null;

  private constructor(
    private readonly carrier: Carrier,
    private readonly adapter: (url: string, publicUrl: string) => TelephonyProvider,
    /** What answered calls are connected to; null: they are hung up. */
    private readonly connection: CallConnection | null,
  ) {}

  static async start(
    carrier: Carrier,
    adapter: (url: string, publicUrl: string) => TelephonyProvider,
    connection: CallConnection | null = null,
  ): Promise<CarrierOnTrial> {
    const trial = new CarrierOnTrial(carrier, adapter, connection);
    await trial.listen();
    return trial;
  }

  /** The same adapter, for a carrier elsewhere. */
  providerAt(url: string): TelephonyProvider {
    return this.adapter(url, this.publicUrl);
  }

  async setFaults(faults: object): Promise<void> {
    await fetch(`${this.url}/faults`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(faults),
    });
  }

  /** The first line of the ledger that is such a one, as soon as it is written. */
  async whenLine(isOne: (line: LedgerLine) => boolean): Promise<LedgerLine> {
    await this.when(() => this.lines.some(isOne));
    return this.lines.find(isOne) as LedgerLine;
  }

  /** As soon as something holds of what the adapter was told. */
  whenTold(holds: () => boolean): Promise<void> {
    return this.when(holds);
  }

  async stop(): Promise<void> {
    this.socket?.close();
    await this.carrier.close();
    this.receiver.closeAllConnections();
    this.receiver.close();
  }

  /** Where the adapter hears. */
  get publicUrl(): string {
    return `http://127.0.0.1:${(this.receiver.address() as AddressInfo).port}`;
  }

  private async listen(): Promise<void> {
    this.receiver = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const { url = '', headers } = request;
        const incoming = { path: url, headers, rawBody: Buffer.concat(pieces) };
        void this.hear(incoming).then((document) => {
          response.writeHead(document === '' ? 204 : 200).end(document);
          this.news.emit('news');
        });
      });
    }).listen(0, '127.0.0.1');
    await once(this.receiver, 'listening');
    this.carrier.ledger.setMaxListeners(0).on('line', (line) => {
      this.lines.push(line);
      this.news.emit('news');
    });
    this.url = await this.carrier.http.listen({ host: '127.0.0.1', port: 0 });
    this.provider = this.providerAt(this.url);
    this.socket = await this.openSocket();
  }

  /** A carrier that tells by a socket is heard over it, as by the leading dialer. */
  private async openSocket(): Promise<EventSocket | null> {
    const { listening } = this.provider;
    if (listening === null) return null;
    return listening.open({
      told: (callbacks) => {
        this.told.push(...callbacks);
        this.news.emit('news');
      },
      answered: ({ attemptId }) => {
        this.questions += 1;
        if (this.connection !== null) void listening.connect({ ...this.connection, attemptId });
      },
      closed: () => undefined,
    });
  }

  private async hear(incoming: IncomingRequest): Promise<string> {
    const { answering } = this.provider;
    if (new URL(incoming.path, 'http://here').pathname.endsWith('/answer')) {
      this.questions += 1;
      if (answering === null || answering.readQuestion(incoming) === null) return '';
      return (this.connection === null ? answering.hangUp() : answering.connect(this.connection)).body;
    }
    const callbacks = await this.provider.readCallbacks(incoming);
    this.received.push(incoming);
    this.told.push(...(callbacks ?? []));
    return '';
  }

  private async when(holds: () => boolean): Promise<void> {
    while (!holds()) await once(this.news, 'news');
  }
}
