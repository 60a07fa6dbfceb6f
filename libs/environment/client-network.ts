import ipaddr from 'ipaddr.js';

/** Who has one IPv6 address has 2⁶⁴ of them: they are counted as the one network that providers hand out. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return address;
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString();
}
