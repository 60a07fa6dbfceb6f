import { sendSingle, type SingleAnswer } from '../single-request.js';

export interface AriAccess {
  /** ARI_URL: up to and with `/ari`. */
  url: string;
  /** ARI_USER */
  user: string;
  /** ARI_PASSWORD */
  password: string;
}

export interface AriRequest {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below `/ari`, its parts unescaped. */
  path: readonly string[];
  query?: Record<string, string | number>;
  /** Asterisk takes all parameters of a creation here: in an address they would be in its access log. */
  body?: unknown;
  timeoutSeconds: number;
  mostBytes?: number;
}

/** Requests to the REST interface of Asterisk: each is sent once. */
export class AriRequests {
  /** Of the requests and of the socket: a password in the address would be in its access log. */
  readonly authorization: string;
  private readonly base: string;

  constructor({ url, user, password }: AriAccess) {
    this.authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    const base = url.replace(/\/+$/, '');
    this.base = base.endsWith('/ari') ? base : `${base}/ari`;
  }

  send({ path, query, ...request }: AriRequest): Promise<SingleAnswer> {
    return sendSingle({
      ...request,
      url: this.address(path, query),
      headers: { authorization: this.authorization },
    });
  }

  address(path: readonly string[], query: Record<string, string | number> = {}): URL {
    const url = new URL(`${this.base}/${path.map(encodeURIComponent).join('/')}`);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return url;
  }
}
