import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { resolve } from 'node:path';

/** On this machine, as all of 127.0.0.0/8 is, and denied by the operator. */
export const DENIED_ADDRESS = '127.66.6.6';
export const DENIED_NETWORK = '127.66.0.0/16';

/** For dialers that ask hostile name servers. Every command of the project runs in its top folder. */
export const ASKING_HOSTILE_NAMES = {
  NODE_OPTIONS: `--import ${resolve('test/hostile-names.mjs')}`,
  ALLOWED_ADDRESS: '127.0.0.1',
  DENIED_ADDRESS,
};

/** Something inside that no webhook may reach: it counts who comes, and says nothing. */
export class DeniedPlace {
  connections = 0;
  private readonly server: Server;

  private constructor() {
    this.server = createServer((socket) => {
      this.connections += 1;
      socket.destroy();
    });
  }

  /** @param port one at which it may be mistaken for a receiver */
  static async at(port: number): Promise<DeniedPlace> {
    const place = new DeniedPlace();
    place.server.listen(port, DENIED_ADDRESS);
    await once(place.server, 'listening');
    return place;
  }

  get url(): string {
    return `http://${DENIED_ADDRESS}:${(this.server.address() as AddressInfo).port}/inside`;
  }

  /** Whether one who came would have been seen: else no connections would mean nothing. */
  async wouldSee(): Promise<boolean> {
    const before = this.connections;
    await fetch(this.url).catch(() => undefined);
    return this.connections > before;
  }

  async close(): Promise<void> {
    this.server.close();
    await once(this.server, 'close');
  }
}
