import type { IncomingHttpHeaders } from 'node:http';
import { BadRequestException, UnsupportedMediaTypeException } from '@nestjs/common';

/** JSON is UTF-8 (RFC 8259 §8.1); bytes that are not would be kept as other text than was sent. */
const UTF8 = new TextDecoder('utf-8', { fatal: true });

const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]*)/i;
const CHARSETS_READ = new Set(['utf-8', 'utf8', 'us-ascii']);

/**
 * Refuses what would be read as something else than was sent: a body in another charset, or a compressed one.
 * @throws HttpException 415
 */
export function refuseEncoded(headers: IncomingHttpHeaders): void {
  const [, charset = 'utf-8'] = CHARSET.exec(headers['content-type'] ?? '') ?? [];
  const { 'content-encoding': encoding = 'identity' } = headers;
  if (!CHARSETS_READ.has(charset.toLowerCase()) || encoding.toLowerCase() !== 'identity') {
    throw new UnsupportedMediaTypeException();
  }
}

/**
 * Reads a body. Keys such as `__proto__` become keys like all others here, to be looked for and answered by name;
 * silently dropping them would hide a mistake. An empty body is none: many clients name the type of what they do not send.
 * @throws HttpException 400
 */
export function jsonBody(body: Buffer): unknown {
  if (body.length === 0) return undefined;
  try {
    return JSON.parse(UTF8.decode(body));
  } catch {
    throw new BadRequestException();
  }
}
