import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddressRules } from './address-rules.js';

/**
 * IANA's registries of special-purpose addresses, IPv4 and IPv6, and multicast, as they are printed there; beside them what
 * clouds answer on. Held against the rules by Node's own arithmetic.
 */
const SPECIAL_IPV4 = `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24
  192.0.2.0/24 192.31.196.0/24 192.52.193.0/24 192.88.99.0/24 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15
  198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 168.63.129.16/32`.split(/\s+/);

const SPECIAL_IPV6 =
  `::/3 2001::/23 2001:db8::/32 2002::/16 2620:4f:8000::/48 3fff::/20 4000::/2 8000::/1`.split(/\s+/);

const specialIpv4 = blockList('ipv4', SPECIAL_IPV4);
const specialIpv6 = blockList('ipv6', SPECIAL_IPV6);

const rules = new AddressRules(false, []);

describe('an address', () => {
  it('of IPv4 is allowed if no registry keeps it for something special, at every edge of every network', () => {
    for (const network of SPECIAL_IPV4) {
      const [address = '', bits] = network.split('/');
      const first = numberOf(address);
      const last = first + 2 ** (32 - Number(bits)) - 1;
      for (const edge of [first - 1, first, last, last + 1].filter((n) => n >= 0 && n < 2 ** 32)) {
        expect([ipv4(edge), rules.allows(ipv4(edge))]).toEqual([ipv4(edge), !specialIpv4.check(ipv4(edge))]);
      }
    }
  });

  it('of IPv4, any of them, is allowed where the registries leave it to everybody', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => {
        expect(rules.allows(ipv4(number))).toBe(!specialIpv4.check(ipv4(number)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('of IPv6, any of them, is allowed where it is global unicast and nothing special', () => {
    const piece = fc.integer({ min: 0, max: 0xffff });
    const lead = fc.oneof(piece, fc.constantFrom(0x2001, 0x2002, 0x2620, 0x3fff, 0x2a00, 0));
    fc.assert(
      fc.property(lead, fc.array(piece, { minLength: 7, maxLength: 7 }), (first, rest) => {
        const address = [first, ...rest].map((word) => word.toString(16)).join(':');
        expect(rules.allows(address)).toBe(!specialIpv6.check(address, 'ipv6'));
      }),
      { numRuns: 2_000 },
    );
  });

  it('that stands for one of IPv4 by NAT64 is judged as that, and any other that carries one is refused', () => {
    expect(rules.allows('64:ff9b::8.8.8.8')).toBe(true);
    for (const address of [
      '64:ff9b::127.0.0.1',
      '64:ff9b::a9fe:a9fe',
      '64:ff9b:1::808:808',
      '::ffff:8.8.8.8',
      '::ffff:0:8.8.8.8',
      '::8.8.8.8',
      '::808:808',
      '2002:808:808::1',
      '2001:0:808:808::1',
    ]) {
      expect([address, rules.allows(address)]).toEqual([address, false]);
    }
  });

  it('inside is allowed by the switch, and even then no link, no group, no cloud agent and no notation', () => {
    const inside = new AddressRules(true, []);
    for (const address of [
      '127.0.0.1',
      '10.1.2.3',
      '172.17.0.2',
      '192.168.1.1',
      '100.64.0.1',
      '::1',
      'fd12::1',
    ]) {
      expect([address, inside.allows(address)]).toEqual([address, true]);
    }
    for (const address of [
      '0.0.0.0',
      '::',
      '169.254.169.254',
      '169.254.170.2',
      'fe80::1',
      'fe80::1%eth0',
      'fd00:ec2::254',
      'fd20:ce::254',
      '100.100.100.200',
      '168.63.129.16',
      '224.0.0.1',
      'ff02::1',
      '255.255.255.255',
      '::ffff:127.0.0.1',
      '127.1',
      '0x7f000001',
      '2130706433',
      'localhost',
      '',
    ]) {
      expect([address, inside.allows(address)]).toEqual([address, false]);
    }
  });

  it('of a network that the operator denies is refused, through NAT64 and with the switch too', () => {
    for (const allowPrivate of [false, true]) {
      const denying = new AddressRules(allowPrivate, ['8.8.8.0/24', '2001:4860::/32']);
      expect(denying.allows('8.8.8.8')).toBe(false);
      expect(denying.allows('64:ff9b::8.8.8.8')).toBe(false);
      expect(denying.allows('2001:4860:4860::8888')).toBe(false);
      expect(denying.allows('8.8.4.4')).toBe(true);
    }
  });
});

function blockList(family: 'ipv4' | 'ipv6', networks: string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    list.addSubnet(address, Number(bits), family);
  }
  return list;
}

function numberOf(address: string): number {
  return address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
}

function ipv4(number: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(number / 2 ** shift) % 256).join('.');
}
