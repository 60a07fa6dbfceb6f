import { WebSocket, type RawData } from 'ws';
import type { EventSocket, SocketEars } from '../telephony-provider.js';
import { readMessage } from './ari-events.js';

/** So long the handshake may take. */
const OPEN_WITHIN_MS = 5_000;

/** So often Asterisk is asked for a sign of life, */
const PING_EVERY_MS = 1_000;
/** and without one for this long the socket is taken for dead: its other end may be gone without a word. */
const SILENT_FOR_MS = 3_500;

/** A message is a few kilobytes; one that is longer is not Asterisk's. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** The WebSocket of events, from its handshake to its end. It is never opened again: the next one is another. */
export class AriSocket implements EventSocket {
  private readonly socket: WebSocket;
  private readonly pinging: NodeJS.Timeout;
  private lastSignMs = performance.now();
  private isClosed = false;
  /** Resolves when it stands, and rejects when it does not come to that. */
  readonly opened: Promise<void>;

  constructor(
    address: URL,
    authorization: string,
    private readonly ears: SocketEars,
  ) {
    const url = new URL(address);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    this.socket = new WebSocket(url, {
      headers: { authorization },
      handshakeTimeout: OPEN_WITHIN_MS,
      followRedirects: false,
      perMessageDeflate: false,
      maxPayload: MAX_MESSAGE_BYTES,
    });
    this.opened = new Promise((resolve, reject) => {
      this.socket.once('open', () => {
        this.lastSignMs = performance.now();
        resolve();
      });
      this.socket.once('close', () => reject(new Error('closed')));
      this.socket.on('error', (error: NodeJS.ErrnoException) => {
        reject(new Error(error.code ?? error.message));
        this.end(error.code ?? 'failed');
      });
    });
    // Whoever closes it before it stood has no use for its answer.
    this.opened.catch(() => undefined);
    this.socket.on('message', (data) => this.hear(data));
    this.socket.on('pong', () => (this.lastSignMs = performance.now()));
    this.socket.on('close', (code) => this.end(`closed_${code}`));
    this.pinging = setInterval(() => {
      if (this.socket.readyState === WebSocket.OPEN) this.socket.ping();
    }, PING_EVERY_MS);
  }

  isAlive(): boolean {
    return !this.isClosed && performance.now() - this.lastSignMs < SILENT_FOR_MS;
  }

  close(): void {
    this.end('closed_here');
  }

  private hear(data: RawData): void {
    if (this.isClosed) return;
    this.lastSignMs = performance.now();
    const { callback, answered, isReplaced } = readMessage(textOf(data), Date.now());
    if (callback !== null) this.ears.told([callback]);
    if (answered !== null) this.ears.answered(answered);
    if (isReplaced) this.end('replaced');
  }

  private end(because: string): void {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.pinging);
    this.socket.terminate();
    this.ears.closed(because);
  }
}

function textOf(data: RawData): string {
  return Array.isArray(data)
    ? Buffer.concat(data).toString('utf8')
    : Buffer.from(data as Buffer).toString('utf8');
}
