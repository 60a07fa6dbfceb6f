import type {
  FastifyInstance,
  FastifyPluginAsync,
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
} from 'fastify';
import { networkOf } from '#environment/client-network.js';
import type { AdminLoginsStore } from '#store/admin-logins.store.js';
import type { AdminCookies } from './admin-cookies.js';
import { loginPage, logoutPage } from './login-page.js';
import type { Logins, Outcome } from './logins.js';
import { isFromOwnPage } from './own-page.js';

/** Who asks, once the gate has let them in. */
export interface Admin {
  name: string;
  /** For the audit log. */
  actor: string;
  /** Null: a script, by name and password. */
  session: string | null;
  /** For answers that go on: whether the session is not over. Asking does not make it last. */
  isStillIn: () => Promise<boolean>;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set on every route behind the gate. */
    admin: Admin | null;
  }
}

/** Something on the admin port that only admins may see. */
export interface AdminPage {
  /** As in `/queues`. Its routes are below this. */
  path: string;
  routes: FastifyPluginAsync | FastifyPluginCallback;
  /**
   * Lets it be changed, by requests other than GET: what is written down of one before it is done, ids and words only, never a
   * number or a payload. Without this the page is read-only, whatever its routes would do.
   */
  changes?: (request: FastifyRequest) => Record<string, unknown>;
}

/** Where one goes who did not ask for a page in particular. */
const FIRST_PAGE = '/queues';

const READS = new Set(['GET', 'HEAD']);

/**
 * Stands before every page of the admin port: a session, begun at /login, or for reading alone a name and password as scripts
 * show them. Changes need the session, and a token that only its own pages know.
 */
export class Gate {
  private readonly paths: string[] = [];

  constructor(
    private readonly logins: Logins,
    private readonly store: AdminLoginsStore,
    private readonly cookies: AdminCookies,
    /** Told what nobody expected, for the log. */
    private readonly report: (error: unknown) => void,
  ) {}

  /** The login itself. */
  install(server: FastifyInstance): void {
    server.decorateRequest('admin', null);
    server.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: 8_192 },
      (_, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))),
    );
    server.get('/login', (request, reply) => this.form(request, reply, 200, null, FIRST_PAGE));
    server.post('/login', (request, reply) => this.logIn(request, reply));
    server.get('/logout', (request, reply) => this.askToLeave(request, reply));
    server.post('/logout', (request, reply) => this.logOut(request, reply));
  }

  /** Mounts a page behind the gate: every route of it, its files included. */
  async mount(server: FastifyInstance, { path, routes, changes }: AdminPage): Promise<void> {
    this.paths.push(path);
    await server.register(async (scope) => {
      // In this scope: a hook on a page's own route would leave its API open.
      scope.addHook('onRequest', (request, reply) => this.admit(request, reply));
      scope.addHook('preHandler', (request, reply) => this.judgeChange(request, reply, changes));
      scope.addHook('onSend', async (_, reply) => void reply.header('cache-control', 'no-store'));
      await scope.register(routes, { prefix: path });
    });
  }

  private async admit(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    try {
      const outcome = await this.recognise(request);
      if (outcome === 'in') return this.keepCsrf(request, reply);
      await this.refuse(request, reply, outcome);
    } catch (error) {
      this.report(error);
      await reply.code(503).send({ message: 'The login cannot be checked now.' });
    }
  }

  private async recognise(request: FastifyRequest): Promise<Outcome> {
    const session = this.cookies.read(request, 'session');
    const name = session === undefined ? null : await this.logins.nameOf(session);
    if (session !== undefined && name !== null) {
      const isStillIn = () => this.logins.isAlive(session);
      request.admin = { name, actor: `admin:${name}`, session, isStillIn };
      return 'in';
    }
    const { authorization } = request.headers;
    if (authorization === undefined || !READS.has(request.method)) return 'wrong';
    const outcome = await this.logins.basic(authorization, request.ip);
    if (outcome === 'in') {
      const { name: user } = this.logins;
      const isStillIn = () => Promise.resolve(true);
      request.admin = { name: user, actor: `admin:${user}`, session: null, isStillIn };
    }
    return outcome;
  }

  /** The pages' programs read it and send it back; it goes with the session. */
  private keepCsrf(request: FastifyRequest, reply: FastifyReply): void {
    const session = request.admin?.session;
    if (typeof session !== 'string' || this.logins.isCsrfOf(session, this.cookies.read(request, 'csrf')))
      return;
    this.cookies.set(request, reply, 'csrf', this.logins.csrfOf(session));
  }

  private async refuse(
    request: FastifyRequest,
    reply: FastifyReply,
    outcome: Exclude<Outcome, 'in'>,
  ): Promise<void> {
    if (typeof outcome === 'object') return this.haveWait(reply, outcome.waitSeconds);
    const isNavigation = READS.has(request.method) && (request.headers.accept ?? '').includes('text/html');
    if (isNavigation) return this.form(request, reply, 401, null, request.url);
    // A browser would ask for name and password in a window of its own, and keep them for good.
    if (!(request.headers['user-agent'] ?? '').startsWith('Mozilla/'))
      reply.header('www-authenticate', 'Basic realm="Ringfence", charset="UTF-8"');
    await reply.code(401).send({ message: 'Log in at /login.' });
  }

  private async judgeChange(
    request: FastifyRequest,
    reply: FastifyReply,
    changes: AdminPage['changes'],
  ): Promise<void> {
    if (READS.has(request.method)) return;
    const { admin } = request;
    if (changes === undefined)
      return void (await reply
        .code(405)
        .header('allow', 'GET, HEAD')
        .send({ message: 'This page is read-only.' }));
    if (admin?.session == null || !isFromOwnPage(request) || !this.hasCsrf(request, admin.session))
      return void (await reply
        .code(403)
        .send({ message: 'That came from no page of this server: reload it.' }));
    try {
      // Before it is done: what cannot be written down is not done.
      await this.store.note({ actor: admin.actor, from: networkOf(request.ip) }, changes(request));
    } catch (error) {
      this.report(error);
      await reply.code(503).send({ message: 'It cannot be written down now, and so it is not done.' });
    }
  }

  private hasCsrf(request: FastifyRequest, session: string): boolean {
    const { csrf } = (request.body ?? {}) as { csrf?: unknown };
    return this.logins.isCsrfOf(session, request.headers['x-xsrf-token'] ?? csrf);
  }

  private async form(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    note: string | null,
    next: string,
  ): Promise<void> {
    const kept = this.cookies.read(request, 'login');
    const secret = kept !== undefined && /^[\w-]{43}$/.test(kept) ? kept : this.logins.newSecret();
    if (secret !== kept) this.cookies.set(request, reply, 'login', secret);
    const csrf = this.logins.csrfOf(secret);
    await html(reply, status, loginPage({ note, csrf, next: this.pageAt(next) }));
  }

  private async logIn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { user, password, csrf, next } = fieldsOf(request.body);
    const secret = this.cookies.read(request, 'login');
    if (secret === undefined)
      return this.form(
        request,
        reply,
        403,
        'Your browser has kept no cookie: in production it needs https.',
        next,
      );
    if (!isFromOwnPage(request) || !this.logins.isCsrfOf(secret, csrf))
      return this.form(request, reply, 403, 'This form is not of this server, or too old. Try again.', next);
    const before = this.cookies.read(request, 'session');
    const { outcome, session } = await this.logins.logIn(user, password, request.ip, before);
    if (typeof outcome === 'object') {
      const { waitSeconds } = outcome;
      reply.header('retry-after', waitSeconds);
      const note = `Too many tries. Wait ${Math.ceil(waitSeconds / 60)} minutes.`;
      return this.form(request, reply, 429, note, next);
    }
    if (session === undefined)
      return this.form(request, reply, 401, 'User and password do not fit together.', next);
    this.cookies.clear(request, reply, 'login');
    this.cookies.set(request, reply, 'session', session);
    this.cookies.set(request, reply, 'csrf', this.logins.csrfOf(session));
    await reply.redirect(this.pageAt(next), 303);
  }

  private async askToLeave(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const session = this.cookies.read(request, 'session');
    const name = session === undefined ? null : await this.logins.nameOf(session);
    if (session === undefined || name === null) return void (await reply.redirect('/login', 303));
    await html(reply, 200, logoutPage({ name, csrf: this.logins.csrfOf(session) }));
  }

  private async logOut(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const session = this.cookies.read(request, 'session');
    const name = session === undefined ? null : await this.logins.nameOf(session);
    if (session !== undefined && name !== null) {
      if (!isFromOwnPage(request) || !this.hasCsrf(request, session))
        return void (await reply
          .code(403)
          .send({ message: 'That came from no page of this server: reload it.' }));
      await this.logins.logOut(session, name, request.ip);
    }
    this.cookies.clear(request, reply, 'session');
    this.cookies.clear(request, reply, 'csrf');
    await reply.redirect('/login', 303);
  }

  private async haveWait(reply: FastifyReply, waitSeconds: number): Promise<void> {
    await reply
      .code(429)
      .header('retry-after', waitSeconds)
      .send({ message: `Too many tries. Wait ${waitSeconds} seconds.` });
  }

  /** A page of this server, whatever a form says; else the first. */
  private pageAt(next: string): string {
    const here = 'http://here';
    if (!URL.canParse(next, here)) return FIRST_PAGE;
    // Of an address elsewhere its path is left, on this server.
    const { pathname, search } = new URL(next, here);
    const isPage = this.paths.some((path) => pathname === path || pathname.startsWith(`${path}/`));
    return isPage ? pathname + search : FIRST_PAGE;
  }
}

function fieldsOf(body: unknown): Record<'user' | 'password' | 'csrf' | 'next', string> {
  const fields = (body ?? {}) as Record<string, unknown>;
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    user: text(fields.user),
    password: text(fields.password),
    csrf: text(fields.csrf),
    next: text(fields.next),
  };
}

async function html(reply: FastifyReply, status: number, text: string): Promise<void> {
  await reply
    .code(status)
    .header('content-type', 'text/html; charset=utf-8')
    .header('cache-control', 'no-store')
    .send(text);
}
