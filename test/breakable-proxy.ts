import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A TCP proxy before a store: cut, the store is away; mended, it is back at the same address. */
export class BreakableProxy {
  /** What the store was sent through here, in bytes. */
  bytesSent = 0;
  private server: Server | undefined;
  private port = 0;
  private readonly sockets = new Set<Socket>();
  private stalled = false;
  private held: (() => void)[] = [];

  constructor(private readonly target: { host: string; port: number }) {}

  /** Lets connections through, at the same port as before. */
  async mend(): Promise<void> {
    this.server = createServer((near) => {
      const far = connect(this.target);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.sockets.add(one);
        one.on('error', () => one.destroy());
        one.on('close', () => {
          this.sockets.delete(one);
          other.destroy();
        });
        one.on('data', (chunk: Buffer) => {
          if (one === near) this.bytesSent += chunk.length;
          if (this.stalled) this.held.push(() => other.write(chunk));
          else other.write(chunk);
        });
      }
    }).listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  /** Drops every connection and refuses new ones. */
  async cut(): Promise<void> {
    const { server } = this;
    if (server === undefined) return;
    this.server = undefined;
    server.close();
    for (const socket of this.sockets) socket.destroy();
    await once(server, 'close');
  }

  /** Connections stay up, and nothing gets through: what is sent meanwhile arrives when it flows again. */
  stall(): void {
    this.stalled = true;
  }

  flow(): void {
    this.stalled = false;
    for (const send of this.held.splice(0)) send();
  }

  /** The address of a store, led through here. */
  through(url: string): string {
    const led = new URL(url);
    led.hostname = '127.0.0.1';
    led.port = this.port.toString();
    return led.href;
  }
}
