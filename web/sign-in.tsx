import type { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { Line } from './acts.tsx';
import { pathWithin } from './doors.ts';
import { Forbidden } from './errors.ts';
import { show, type Making } from './show.tsx';

/** Where a token is asked for, once. */
export function addSignIn(app: Hono, making: Making): void {
  const { doors } = making;
  const page = (to: string, wrong?: string) => ({
    section: null,
    title: 'Sign in',
    live: false,
    main: (
      <>
        <h1>Sign in</h1>
        {wrong !== undefined && (
          <p class="notice bad" role="alert">
            {wrong}
          </p>
        )}
        <section aria-label="Sign in">
          <form method="post" action="/sign-in">
            <input type="hidden" name="to" value={to} />
            <Line id="who" name="who" label="Your name, as it is written down with what you do" required />
            <Line id="token" name="token" label="Token" type="password" required />
            <p>
              <button>Sign in</button>
            </p>
          </form>
        </section>
      </>
    ),
  });
  app.get('/sign-in', (c) => show(c, making, page(pathWithin(c.req.query('to')))));
  app.post('/sign-in', bodyLimit({ maxSize: 4_096 }), async (c) => {
    doors.mustBeSameSite(c);
    const { who, token, to } = await c.req.parseBody();
    const back = pathWithin(typeof to === 'string' ? to : undefined);
    try {
      doors.mustKnowToken(typeof token === 'string' ? token : undefined);
    } catch (error) {
      if (!(error instanceof Forbidden)) throw error;
      return show(c, making, { ...page(back, error.message), status: 403 });
    }
    doors.signIn(c, typeof who === 'string' ? who : '');
    return c.redirect(back, 303);
  });
}
