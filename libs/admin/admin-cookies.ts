import type { CookieSerializeOptions } from '@fastify/cookie';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** What is kept in the browser of an admin. */
type AdminCookie = 'session' | 'login' | 'csrf';

/** Read by Bull Board's own program, which sends it back in a header: so it is called, and so it is no secret. */
const CSRF_COOKIE = 'XSRF-TOKEN';

/**
 * The cookies of the admin port. They are shared by all ports of a host, and so is what they mean: a login at one process of a
 * house is a login at all of them.
 */
export class AdminCookies {
  /** @param alwaysSecure as in production: browsers then keep them from https only, and from this machine itself */
  constructor(private readonly alwaysSecure: boolean) {}

  read(request: FastifyRequest, cookie: AdminCookie): string | undefined {
    return request.cookies[this.nameOf(request, cookie)];
  }

  set(request: FastifyRequest, reply: FastifyReply, cookie: AdminCookie, value: string): void {
    reply.setCookie(this.nameOf(request, cookie), value, this.attributes(request, cookie));
  }

  clear(request: FastifyRequest, reply: FastifyReply, cookie: AdminCookie): void {
    reply.clearCookie(this.nameOf(request, cookie), this.attributes(request, cookie));
  }

  /** `__Host-`: no other host, and no page that came without TLS, can have set it. */
  private nameOf(request: FastifyRequest, cookie: AdminCookie): string {
    if (cookie === 'csrf') return CSRF_COOKIE;
    return `${this.isSecure(request) ? '__Host-' : ''}ringfence_${cookie}`;
  }

  private attributes(request: FastifyRequest, cookie: AdminCookie): CookieSerializeOptions {
    const secure = this.isSecure(request);
    return { path: '/', sameSite: 'strict', httpOnly: cookie !== 'csrf', secure };
  }

  private isSecure({ protocol }: FastifyRequest): boolean {
    return this.alwaysSecure || protocol === 'https';
  }
}
