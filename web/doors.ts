import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { TerminalError } from '../core/errors.ts';
import type { Profile } from '../profiles/profile.ts';
import { Crowded, Forbidden } from './errors.ts';

const COOKIE = 'sluice';
const LASTS_MS = 12 * 3_600_000; // of a sign-in, and of a page's forms
const MOST_WRONG = 10; // tokens a minute, from everybody together
const LONGEST_NAME = 100;
/** What is there for whoever asks: it says nothing of any pipeline. */
const OPEN = /^\/(healthz|icon\.svg|sign-in|assets\/[^/]*)$/;

/** @throws {TerminalError} pages that everybody could reach, and act by */
export function mustBeGuarded({ address, token, published }: Profile['pages']): void {
  if (token !== undefined || published === 'loopback' || isLoopback(hostOf(address))) return;
  throw new TerminalError(
    `The pages would be open to whoever reaches ${address}. Give 'pages.token' in the profile, serve them on 127.0.0.1, or say 'published: loopback' where only this machine can reach that address.`,
  );
}

/** Who may look and act: whoever is on this machine, or has the token. */
export class Doors {
  readonly #token: string | undefined;
  readonly #key: Buffer;
  readonly #somebody: string;
  #wrong: number[] = [];

  /** @param somebody who acts where nobody signs in */
  constructor(token: string | undefined, somebody: string) {
    this.#token = token;
    this.#somebody = somebody;
    // Of the token, so that a sign-in outlasts a restart, and ends when the token is another.
    this.#key =
      token === undefined ? randomBytes(32) : createHash('sha256').update(`sluice pages ${token}`).digest();
  }

  get asksForToken(): boolean {
    return this.#token !== undefined;
  }

  /** Lets nobody pass who may not look. */
  readonly guard: MiddlewareHandler = async (c, next) => {
    if (OPEN.test(c.req.path) || c.req.path.startsWith('/api/')) return next();
    if (this.#token === undefined) {
      // A page of another site can have its name point here; it cannot have its browser say another name.
      if (!isLoopback(hostOf(c.req.header('host') ?? '')))
        throw new Forbidden(
          'These pages answer to 127.0.0.1 and localhost alone. Open them under such an address.',
        );
    } else if (this.#signedIn(c) === undefined) {
      if (c.req.method === 'GET' && c.req.header('x-part') === undefined && c.req.path !== '/events')
        return c.redirect(`/sign-in?to=${encodeURIComponent(c.req.path)}`, 303);
      throw new Forbidden('Sign in again: nobody has, or it is too long ago.');
    }
    return next();
  };

  actorOf(c: Context): string {
    return this.#token === undefined ? this.#somebody : (this.#signedIn(c) ?? 'nobody');
  }

  /** What a form carries to prove that a page of ours made it, for whom and when. */
  formToken(c: Context): string {
    const until = String(Date.now() + LASTS_MS);
    return `${until}.${this.#sign('form', until, this.actorOf(c))}`;
  }

  /** @throws {Forbidden} what comes from another site, from an old page, or from none */
  mustBeOurs(c: Context, formToken: unknown): void {
    this.mustBeSameSite(c);
    const [until = '', signature = ''] = typeof formToken === 'string' ? formToken.split('.') : [];
    if (!isSame(signature, this.#sign('form', until, this.actorOf(c))))
      throw new Forbidden(
        'The page that asks for this is of before a restart. Nothing was done: load it again.',
      );
    if (!(Number(until) > Date.now()))
      throw new Forbidden('The page that asks for this is too old. Nothing was done: load it again.');
  }

  /** @throws {Forbidden} what a page of another site has sent */
  mustBeSameSite(c: Context): void {
    const site = c.req.header('sec-fetch-site');
    const isSame = originHost(c.req.header('origin')) === c.req.header('host');
    if (!isSame || (site !== undefined && site !== 'same-origin'))
      throw new Forbidden('This was asked for by a page of another site. Nothing was done.');
  }

  /** @throws {Forbidden} a wrong token, or none where one is needed @throws {Crowded} too many wrong ones */
  mustKnowToken(given: string | undefined): void {
    if (this.#token === undefined)
      throw new Forbidden("Nobody can be told apart here: the profile has no 'pages.token'. Set one.");
    const now = Date.now();
    this.#wrong = this.#wrong.filter((at) => now - at < 60_000);
    if (this.#wrong.length >= MOST_WRONG) throw new Crowded('Too many wrong tokens. Try again in a minute.');
    if (given !== undefined && isSame(given, this.#token)) return;
    this.#wrong.push(now);
    throw new Forbidden("That is not the token. It is 'pages.token' of the profile.");
  }

  signIn(c: Context, who: string): void {
    const name = Buffer.from(who.trim().slice(0, LONGEST_NAME) || 'somebody').toString('base64url');
    const until = String(Date.now() + LASTS_MS);
    setCookie(c, COOKIE, `${name}.${until}.${this.#sign('who', name, until)}`, {
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      maxAge: LASTS_MS / 1_000,
    });
  }

  #signedIn(c: Context): string | undefined {
    const [name = '', until = '', signature = ''] = (getCookie(c, COOKIE) ?? '').split('.');
    if (!isSame(signature, this.#sign('who', name, until)) || !(Number(until) > Date.now())) return undefined;
    return Buffer.from(name, 'base64url').toString();
  }

  #sign(...parts: readonly string[]): string {
    return createHmac('sha256', this.#key).update(parts.join('\0')).digest('base64url');
  }
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function originHost(origin: string | undefined): string | undefined {
  try {
    return origin === undefined ? undefined : new URL(origin).host;
  } catch {
    return undefined;
  }
}

/** Without its port. */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** Only a path of ours: never another site's address. */
export function pathWithin(to: string | undefined): string {
  return to !== undefined && /^\/(?![/\\])[^\\]*$/.test(to) ? to : '/';
}
