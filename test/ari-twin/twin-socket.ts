import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocket, WebSocketServer } from 'ws';
import { AriDescription, type ModelName } from './description.js';
import { asAsteriskWrites } from './channels.js';

/** Who is told of each application: one socket, the latest. What is to be told while there is none is lost. */
export class TwinSocket {
  private readonly server = new WebSocketServer({ noServer: true });
  private readonly told = new Map<string, WebSocket>();
  private readonly known = new Set<string>();
  private refusesUntilMs = 0;

  constructor(
    private readonly description: AriDescription,
    private readonly isKnownUser: (authorization: string | undefined) => boolean,
    /** Writes down when somebody hears from now on, and when nobody does. */
    private readonly note: (what: 'heard' | 'unheard') => void,
  ) {}

  /** Takes a request for a socket in, or refuses it. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://here');
    const parameters = Object.fromEntries(searchParams);
    if (pathname !== '/ari/events') return refuse(socket, '404 Not Found');
    if (!this.isKnownUser(request.headers.authorization)) return refuse(socket, '401 Unauthorized');
    if (this.description.mistakesInRequest('events', parameters).length > 0)
      return refuse(socket, '400 Bad Request');
    if (performance.now() < this.refusesUntilMs) return refuse(socket, '503 Service Unavailable');
    this.server.handleUpgrade(request, socket, head, (opened) => this.register(parameters.app ?? '', opened));
  }

  isActive(app: string): boolean {
    return this.told.has(app);
  }

  /** An application is known from its first socket on. */
  isRegistered(app: string): boolean {
    return this.known.has(app);
  }

  /** @throws where it is not what Asterisk tells: that would prove nothing */
  tell(app: string, type: ModelName, fields: Record<string, unknown> = {}): void {
    const event = { type, application: app, timestamp: asAsteriskWrites(new Date()), ...fields };
    const mistakes = this.description.mistakesInModel(type, event);
    if (mistakes.length > 0) throw new Error(`The twin tells what Asterisk does not: ${mistakes.join('; ')}`);
    this.told.get(app)?.send(JSON.stringify(event));
  }

  /** Breaks every socket, and takes none for so long. */
  breakFor(downMs: number): void {
    this.refusesUntilMs = performance.now() + downMs;
    const open = [...this.told.values()];
    for (const socket of open) this.forget(socket);
    for (const socket of open) socket.terminate();
  }

  close(): void {
    this.breakFor(Infinity);
    this.server.close();
  }

  private register(app: string, socket: WebSocket): void {
    if (this.told.has(app)) this.tell(app, 'ApplicationReplaced');
    this.known.add(app);
    this.told.set(app, socket);
    this.note('heard');
    socket.on('error', () => undefined);
    socket.on('close', () => this.forget(socket));
  }

  private forget(socket: WebSocket): void {
    for (const [app, told] of this.told) {
      if (told !== socket) continue;
      this.told.delete(app);
      this.note('unheard');
    }
  }
}

function refuse(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
