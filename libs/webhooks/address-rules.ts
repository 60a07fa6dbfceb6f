import { isIP } from 'node:net';
import ipaddr from 'ipaddr.js';

type Address = ReturnType<typeof ipaddr.parse>;
type Network = ReturnType<typeof ipaddr.parseCIDR>;

/** Ranges that a house has inside: allowed where webhooks may go there. All other special ones lead to no receiver. */
const INSIDE_RANGES = new Set(['private', 'loopback', 'uniqueLocal', 'carrierGradeNat']);

/** The part of IPv6 that is handed out to anybody. What ipaddr.js calls unicast is more, `::/96` with its IPv4 among it. */
const HANDED_OUT_IPV6 = ipaddr.parseCIDR('2000::/3');

/** Stands for an IPv4 address on networks that have IPv6 alone (RFC 6052): there every receiver of IPv4 has one. */
const NAT64 = ipaddr.parseCIDR('64:ff9b::/96');

/** Where clouds answer their own machines, in ranges that are public or inside: Azure, Alibaba, AWS, Google. */
const CLOUD_AGENTS = ['168.63.129.16/32', '100.100.100.200/32', 'fd00:ec2::/32', 'fd20:ce::/32'];

/** Which addresses webhooks may be sent to. The ranges are those of IANA's registries, as ipaddr.js keeps them. */
export class AddressRules {
  private readonly denied: Network[];

  /** @param denyNetworks networks in CIDR notation that are refused besides, of the operator's own */
  constructor(
    private readonly allowPrivate: boolean,
    denyNetworks: string[],
  ) {
    this.denied = [...CLOUD_AGENTS, ...denyNetworks].map((network) => ipaddr.parseCIDR(network));
  }

  /** False also of what is no address in its usual form. */
  allows(text: string): boolean {
    if (isIP(text) === 0) return false;
    const written = ipaddr.parse(text);
    const reached = behindNat64(written);
    if (this.denied.some((network) => isWithin(written, network) || isWithin(reached, network))) return false;
    const range = reached.range();
    if (range === 'unicast') return reached.kind() === 'ipv4' || isWithin(reached, HANDED_OUT_IPV6);
    return this.allowPrivate && INSIDE_RANGES.has(range);
  }
}

/** The address that a packet to this one comes to. Other forms that carry IPv4 inside are no unicast, and refused as such. */
function behindNat64(address: Address): Address {
  return isWithin(address, NAT64) ? ipaddr.fromByteArray(address.toByteArray().slice(-4)) : address;
}

function isWithin(address: Address, [network, bits]: Network): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}
