import type { LookupAddress } from 'node:dns';
import { lookup as lookUpAsThisMachine, Resolver } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { Settings } from '#environment/settings.js';
import { AddressRules } from './address-rules.js';

/** All addresses that a name has. */
export type Resolve = (name: string) => Promise<LookupAddress[]>;

export interface WebhookReachOptions {
  /** Lets webhooks go inside, to private and loopback addresses, over plain http too (WEBHOOK_ALLOW_PRIVATE). */
  allowPrivate: boolean;
  /** Networks in CIDR notation that are refused whatever else is allowed (WEBHOOK_DENY_NETWORKS). */
  denyNetworks?: string[];
  /** How names become addresses, where it is not the usual way. */
  resolve?: Resolve;
}

/** A failure that is told by its code. */
class Refusal extends Error {
  constructor(readonly code: 'address_not_allowed' | 'dns_failed') {
    super(code);
    this.name = 'Refusal';
  }
}

/**
 * Names that are never of the public internet: special-use (RFC 6761, 6762, 8375), or kept by ICANN for inside use.
 * They are refused without asking: whether a name server knows one would tell of the inside.
 */
const INSIDE_NAME =
  /^[^.]*$|(^|\.)(localhost|local|localdomain|internal|intranet|private|corp|home|lan|home\.arpa)$/;

/**
 * Ports of other protocols: those that browsers block (Fetch Standard §2.9) and that something may answer at, and those of
 * databases, queues and remote desktops. A request sent there is at best lost, and at worst read as commands.
 */
const OTHER_PROTOCOLS = new Set([
  ...[20, 21, 22, 23, 25, 53, 69, 110, 111, 119, 123, 135, 137, 139, 143, 161, 389, 427, 465, 512, 513, 514],
  ...[515, 526, 548, 554, 563, 587, 601, 636, 989, 990, 993, 995],
  ...[1433, 1521, 1719, 1720, 1723, 2049, 2181, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5671, 5672],
  ...[5900, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 9042, 9092, 10080, 11211],
  ...[27017, 27018, 27019],
]);

/** Below it, the public internet speaks HTTP at two ports only. */
const FIRST_FREE_PORT = 1024;

/** What name servers say of a name that does not exist, or has no address. */
const NO_ADDRESS = new Set(['ENOTFOUND', 'ENODATA']);

/** Where webhooks may go. One answer stands for every place where they may not. */
export class WebhookReach {
  private readonly allowPrivate: boolean;
  private readonly addresses: AddressRules;
  private readonly resolve: Resolve;

  static of({ WEBHOOK_ALLOW_PRIVATE, WEBHOOK_DENY_NETWORKS }: Settings): WebhookReach {
    return new WebhookReach({ allowPrivate: WEBHOOK_ALLOW_PRIVATE, denyNetworks: WEBHOOK_DENY_NETWORKS });
  }

  constructor({ allowPrivate, denyNetworks = [], resolve }: WebhookReachOptions) {
    this.allowPrivate = allowPrivate;
    this.addresses = new AddressRules(allowPrivate, denyNetworks);
    this.resolve = resolve ?? (allowPrivate ? addressesAsThisMachine : addressesByNameServer);
  }

  /**
   * What is wrong with an address as it is written, as the rest of a sentence about it; null where nothing is. Asks no
   * name server, so a name without fault may yet lead inside: that is judged when connecting.
   */
  faultOf(url: URL): string | null {
    if (url.protocol !== 'https:' && !(this.allowPrivate && url.protocol === 'http:')) {
      return 'must be an https address.';
    }
    if (url.username !== '' || url.password !== '') return 'must not hold a user or a password.';
    if (!this.isWebPort(url)) return 'must not name a port of another protocol than HTTP.';
    const host = hostOf(url);
    const leadsOutside =
      isIP(host) === 0 ? this.allowPrivate || !INSIDE_NAME.test(host) : this.addresses.allows(host);
    return leadsOutside ? null : 'must lead to the public internet.';
  }

  /**
   * Finds the addresses for a connection, which is made to these and no others. One that is not allowed spoils them all:
   * a name that leads inside as well as outside is nobody's by accident. A name without address gets the same refusal,
   * so that nobody learns which names there are inside.
   */
  readonly lookup: LookupFunction = (name, { all }, answer) => {
    this.addressesOf(name).then(
      (addresses) => {
        if (all === true) answer(null, addresses);
        else answer(null, addresses[0]?.address ?? '', addresses[0]?.family);
      },
      (error: Error) => answer(error, []),
    );
  };

  private isWebPort({ port }: URL): boolean {
    const number = Number(port);
    if (port === '' || number === 80 || number === 443) return true;
    return !OTHER_PROTOCOLS.has(number) && (this.allowPrivate || number >= FIRST_FREE_PORT);
  }

  private async addressesOf(name: string): Promise<LookupAddress[]> {
    const addresses = await this.resolve(name).catch((error: NodeJS.ErrnoException) => {
      throw new Refusal(NO_ADDRESS.has(error.code ?? '') ? 'address_not_allowed' : 'dns_failed');
    });
    const areAllowed =
      addresses.length > 0 && addresses.every(({ address }) => this.addresses.allows(address));
    if (!areAllowed) throw new Refusal('address_not_allowed');
    return addresses;
  }
}

/** The host of an address without what is only notation: brackets, and the dot of the root. */
export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$|\.+$/g, '');
}

/**
 * Asks name servers, and neither the hosts file nor search domains, which are about the inside. Unlike the machine's own
 * way it takes no thread: four names whose servers stay silent would hold up every look-up of this process.
 */
async function addressesByNameServer(name: string): Promise<LookupAddress[]> {
  const resolver = new Resolver({ timeout: 3_000, tries: 2 });
  const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
  const addresses = [
    ...(v4.status === 'fulfilled' ? v4.value.map((address) => ({ address, family: 4 })) : []),
    ...(v6.status === 'fulfilled' ? v6.value.map((address) => ({ address, family: 6 })) : []),
  ];
  if (addresses.length === 0 && v4.status === 'rejected') throw v4.reason;
  return addresses;
}

function addressesAsThisMachine(name: string): Promise<LookupAddress[]> {
  return lookUpAsThisMachine(name, { all: true });
}
