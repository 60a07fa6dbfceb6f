import type { FastifyRequest } from 'fastify';

/**
 * Whether a request that changes something was made by a page of this very server. Browsers say where a request comes from,
 * and no page can say otherwise; one that says neither is no browser of these years, and changes nothing here. A page on
 * another port of the same host is not our own.
 */
export function isFromOwnPage({ headers, host, protocol }: FastifyRequest): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') return false;
  const { origin } = headers;
  if (origin === undefined) return site === 'same-origin';
  if (!URL.canParse(origin)) return false;
  // Of the host only: behind a proxy that ends TLS, and is not named in TRUST_PROXY, the scheme is not known here.
  const from = new URL(origin);
  return from.host === hostIn(`${from.protocol}//${host}`) || from.host === hostIn(`${protocol}://${host}`);
}

/** Without a port that goes without saying. */
function hostIn(url: string): string | null {
  return URL.canParse(url) ? new URL(url).host : null;
}
