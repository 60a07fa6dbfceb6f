import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The addresses that this process tries to connect to while it is watched, whoever tries, and whatever comes of it. */
export class ConnectionAttempts {
  readonly addresses: string[] = [];

  private readonly note = (message: unknown) => {
    const { socket } = message as { socket: Socket };
    socket.on('connectionAttempt', (address: string) => this.addresses.push(address));
  };

  watch(): void {
    this.addresses.length = 0;
    subscribe('net.client.socket', this.note);
  }

  stop(): void {
    unsubscribe('net.client.socket', this.note);
  }
}

/** Something inside that nobody is to reach: counts whoever connects. */
export class CountingListener {
  connections = 0;
  private server: Server | undefined;

  /** On every address of this machine, unless one is named. */
  async listen(address?: string, port = 0): Promise<void> {
    this.server = createServer((socket) => {
      this.connections += 1;
      socket.destroy();
    }).listen(port, address);
    await once(this.server, 'listening');
  }

  get port(): number {
    return (this.server?.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server?.close();
    if (this.server !== undefined) await once(this.server, 'close');
  }
}
