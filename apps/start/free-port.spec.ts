import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PortChoice, PortTaken } from './free-port.js';

let other: Server;
let taken: number;

beforeEach(async () => {
  other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  taken = (other.address() as AddressInfo).port;
});

afterEach(() => other.close());

describe('PortChoice', () => {
  it('moves on from a default that another program has', async () => {
    expect(await new PortChoice().take('PORT', undefined, taken)).toBeGreaterThan(taken);
  });

  it('names the port that was asked for and is taken', async () => {
    const asked = new PortChoice().take('PORT', String(taken), 3000);
    await expect(asked).rejects.toThrow(PortTaken);
    await expect(asked).rejects.toThrow(`Port ${taken} (PORT) is taken`);
  });

  it('hands out no port twice', async () => {
    const choice = new PortChoice();
    const first = await choice.take('PORT', undefined, taken);
    const second = await choice.take('ADMIN_PORT', '0', taken);
    expect(second).not.toBe(first);
    await expect(choice.take('CARRIER_URL', String(first), taken)).rejects.toThrow(PortTaken);
  });

  it.each(['many', '70000', '-1', '3.5'])('refuses %s as a port', async (asked) => {
    await expect(new PortChoice().take('PORT', asked, taken)).rejects.toThrow(/^PORT must be a port/);
  });
});
