/**
 * Headers that are not free to be set for deliveries: those that say where a request begins and ends or what comes of
 * the connection, what receivers verify, what proxies believe, and what cloud agents take as proof of a machine of theirs.
 */
const OWN_HEADERS = new RegExp(
  `^(${[
    'host|connection|keep-alive|te|trailer|transfer-encoding|upgrade|http2-settings|expect',
    'content-(type|length|encoding)|accept-encoding',
    'webhook-.*|x-webhook-signature',
    'proxy-.*|forwarded|x-forwarded-.*|x-real-ip|via',
    'metadata|metadata-flavor|x-google-metadata-request|x-metadata-token|x-aws-ec2-metadata-token.*',
  ].join('|')})$`,
  'i',
);

/** Whether a header is ours to say, or nobody's. */
export function isOwnHeader(name: string): boolean {
  return OWN_HEADERS.test(name);
}
