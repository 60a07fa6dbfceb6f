/** What a browser does with an admin port, as far as a login goes: keeps cookies, and says where a request comes from. */
export class AdminClient {
  readonly cookies = new Map<string, string>();
  /** Each `Set-Cookie` there was. */
  readonly set: string[] = [];

  /** @param headers sent with each request, as a proxy in between adds them */
  constructor(
    private readonly origin: string,
    private readonly headers: Record<string, string> = {},
  ) {}

  async open(path: string): Promise<Response> {
    return this.send('GET', path, { accept: 'text/html' });
  }

  /** Fills in the form of a page, which is opened first, and sends it off. */
  async submit(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
    const page = await (await this.open(path)).text();
    const hidden = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
    const all = {
      ...Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value])),
      ...fields,
    };
    const action = /<form method="post" action="([^"]+)"/.exec(page)?.[1] ?? 'no form on the page';
    return this.post(action, all, headers);
  }

  post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
    return this.send('POST', path, headers, new URLSearchParams(fields));
  }

  logIn(user: string, password: string, path = '/login'): Promise<Response> {
    return this.submit(path, { user, password });
  }

  /** As the program of a page asks: with the token that it has read from its cookie. */
  press(path: string, headers: Record<string, string> = {}, method = 'PUT'): Promise<Response> {
    return this.send(method, path, { 'x-xsrf-token': this.cookies.get('XSRF-TOKEN') ?? '', ...headers });
  }

  /** The value of a cookie, by the end of its name. */
  cookie(name: string): string | undefined {
    return [...this.cookies].find(([key]) => key.endsWith(name))?.[1];
  }

  /** A header of '' is left out. */
  private async send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body?: URLSearchParams,
  ): Promise<Response> {
    const all: Record<string, string> = {
      'user-agent': 'Mozilla/5.0',
      origin: this.origin,
      'sec-fetch-site': 'same-origin',
      cookie: [...this.cookies].map((pair) => pair.join('=')).join('; '),
      ...this.headers,
      ...headers,
    };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    const response = await fetch(new URL(path, this.origin), {
      ...{ method, headers: sent, redirect: 'manual' },
      ...(body === undefined ? {} : { body }),
    });
    for (const line of response.headers.getSetCookie()) this.keep(line);
    return response;
  }

  private keep(line: string): void {
    this.set.push(line);
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (/Max-Age=0/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}
