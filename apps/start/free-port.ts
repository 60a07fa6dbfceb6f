import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A port that was asked for by name is in use by another program. */
export class PortTaken extends Error {
  constructor(setting: string, port: number) {
    super(
      `Port ${port} (${setting}) is taken by another program. Free it, or set ${setting} to another port.`,
    );
    this.name = 'PortTaken';
  }
}

/**
 * Any TCP port that nobody listens on now, drawn from below those that systems give to outgoing connections (49152 and up by
 * RFC 6335, 32768 and up on Linux): one of those could be taken by a connection before its program listens. And from above
 * 10080, the last of the ports that `fetch` refuses to ask.
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < 100; tries += 1) {
    const port = randomInt(10_081, 32_768);
    if (await isFree(port)) return port;
  }
  throw new Error('This machine has no free TCP port.');
}

/** Hands out ports, no one twice: the default where it is free, else the next free one above it. */
export class PortChoice {
  private readonly chosen = new Set<number>();

  /**
   * @param setting the name by which people ask for this port
   * @param asked what they asked for, if anything: that port or none; 0 is any
   * @throws PortTaken
   */
  async take(setting: string, asked: string | undefined, preferred: number): Promise<number> {
    if (asked !== undefined && asked !== '' && asked !== '0') {
      const port = Number(asked);
      if (!Number.isInteger(port) || port < 1 || port > 65_535) {
        throw new Error(`${setting} must be a port, from 0 to 65535.`);
      }
      if (this.chosen.has(port) || !(await isFree(port))) throw new PortTaken(setting, port);
      this.chosen.add(port);
      return port;
    }
    let port = preferred;
    while (this.chosen.has(port) || !(await isFree(port))) port += 1;
    this.chosen.add(port);
    return port;
  }
}

/** On all addresses and on the loopback one: some systems let a program listen on one beside the other. */
async function isFree(port: number): Promise<boolean> {
  return (await portWhenFree(port, '0.0.0.0')) !== null && (await portWhenFree(port, '127.0.0.1')) !== null;
}

async function portWhenFree(port: number, host: string): Promise<number | null> {
  const server = createServer().listen(port, host);
  try {
    await once(server, 'listening');
  } catch {
    return null;
  }
  const address = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return address.port;
}
