import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { networkOf } from '#environment/client-network.js';
import { passwordCheck } from '#environment/password-hash.js';
import { isSameSecret } from '#environment/same-secret.js';
import type { Settings } from '#environment/settings.js';
import type { AdminLoginsStore, Trier } from '#store/admin-logins.store.js';

export type LoginSettings = Pick<Settings, 'ADMIN_USER' | 'ADMIN_PASSWORD' | 'ENCRYPTION_KEY'>;

/** What a try came to: in, or how many seconds to wait, or neither. */
export type Outcome = 'in' | 'wrong' | { waitSeconds: number };

/** Says who an admin is: by name and password, and by the session that these have begun. */
export class Logins {
  readonly name: string;
  private readonly isPassword: (password: string) => Promise<boolean>;
  private readonly key: Buffer;
  /** Digests of headers that were right: a script shows the same again and again, and a slow hash is to be slow for guessers. */
  private readonly goodHeaders = new Set<string>();
  private readonly asked = new Map<string, Promise<Outcome>>();

  constructor(
    private readonly store: AdminLoginsStore,
    { ADMIN_USER, ADMIN_PASSWORD, ENCRYPTION_KEY }: LoginSettings,
  ) {
    this.name = ADMIN_USER;
    this.isPassword = passwordCheck(ADMIN_PASSWORD);
    // Of the password as well: with another one, sessions and forms of the old one are nobody's.
    const own = `${ADMIN_USER}\0${ADMIN_PASSWORD}`;
    this.key = Buffer.from(hkdfSync('sha256', ENCRYPTION_KEY, own, 'ringfence admin', 32));
  }

  /**
   * Begins a session.
   * @param instead the session that the browser had before, which ends
   * @returns its secret, never one that the browser brought along
   */
  async logIn(
    user: string,
    password: string,
    address: string,
    instead: string | undefined,
  ): Promise<{ outcome: Outcome; session?: string }> {
    const trier = this.trierOf(user, address);
    const outcome = await this.try(trier, 'form', user, password);
    if (outcome !== 'in') return { outcome };
    const session = this.newSecret();
    await this.store.logIn(trier, {
      idHash: this.digest('session', session),
      name: this.name,
      instead: instead === undefined ? null : this.digest('session', instead),
    });
    return { outcome, session };
  }

  /** Whose session it is; null: nobody's. */
  nameOf(session: string): Promise<string | null> {
    return this.store.nameOf(this.digest('session', session));
  }

  /** Whether it is not over yet. Asking does not make it last. */
  isAlive(session: string): Promise<boolean> {
    return this.store.isAlive(this.digest('session', session));
  }

  logOut(session: string, name: string, address: string): Promise<void> {
    const doer = { actor: `admin:${name}`, from: networkOf(address) };
    return this.store.logOut(this.digest('session', session), doer);
  }

  /** The way in of scripts: `Authorization: Basic`. */
  async basic(header: string, address: string): Promise<Outcome> {
    const [, credentials = ''] = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(header) ?? [];
    const [, user = '', password = ''] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(credentials, 'base64').toString()) ?? [];
    const trier = this.trierOf(user, address);
    const digest = this.digest('basic', header);
    if (this.goodHeaders.has(digest)) {
      const waitSeconds = await this.store.waitSeconds(trier);
      return waitSeconds === null ? 'in' : { waitSeconds };
    }
    // What a script asks for at once under one password is one try.
    const key = `${digest} ${trier.from}`;
    const asked = this.asked.get(key) ?? this.tryBasic(trier, user, password, digest);
    this.asked.set(key, asked);
    return asked.finally(() => this.asked.delete(key));
  }

  newSecret(): string {
    return randomBytes(32).toString('base64url');
  }

  /** What a form, or the program of a page, shows with a change, made of a secret that only its own browser has. */
  csrfOf(secret: string): string {
    return this.digest('csrf', secret);
  }

  isCsrfOf(secret: string | undefined, token: unknown): boolean {
    return secret !== undefined && typeof token === 'string' && isSameSecret(token, this.csrfOf(secret));
  }

  private async tryBasic(trier: Trier, user: string, password: string, digest: string): Promise<Outcome> {
    const outcome = await this.try(trier, 'basic', user, password);
    if (outcome !== 'in') return outcome;
    this.goodHeaders.add(digest);
    await this.store.succeed(trier);
    return outcome;
  }

  private async try(trier: Trier, way: 'form' | 'basic', user: string, password: string): Promise<Outcome> {
    const waitSeconds = await this.store.begin(trier);
    if (waitSeconds !== null) return { waitSeconds };
    // Both are always looked at: how long it takes does not tell which was wrong.
    const isPassword = await this.isPassword(password);
    const isUser = isSameSecret(user, this.name);
    if (isPassword && isUser) return 'in';
    await this.store.fail(trier, way);
    return 'wrong';
  }

  private trierOf(user: string, address: string): Trier {
    return { from: networkOf(address), nameHash: this.digest('name', user) };
  }

  private digest(what: 'session' | 'csrf' | 'basic' | 'name', text: string): string {
    return createHmac('sha256', this.key).update(`${what}\0${text}`).digest('base64url');
  }
}
