/** The API refused something the demo needs. */
export class Refused extends Error {
  constructor(
    readonly what: string,
    readonly status: number,
    answer: unknown,
  ) {
    super(`${what} was answered ${status}: ${JSON.stringify(answer)}`);
    this.name = 'Refused';
  }
}

const REQUEST_TIMEOUT_MS = 10_000;

/** The public API as a customer has it: an address and a token. */
export class DemoApi {
  /** @param url such as http://127.0.0.1:3000 */
  constructor(
    readonly url: string,
    readonly token: string,
  ) {}

  /** @throws Refused for any answer but a 2xx */
  async ask<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const answer = (await response.json().catch(() => null)) as Body;
    if (!response.ok) throw new Refused(`${method} ${path}`, response.status, answer);
    return answer;
  }
}
