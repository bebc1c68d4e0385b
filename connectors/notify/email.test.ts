import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import { afterEach, describe, expect, it } from 'vitest';
import { EmailNotify } from './email.ts';
import { QUESTION } from './fixtures.ts';

const PASSWORD = 'p4ss wörd';
let server: SMTPServer;
afterEach(
  () =>
    new Promise<void>((resolve) => {
      server.close(resolve);
    }),
);

/** A real SMTP server. @param refuse the answer to whoever is written to */
async function serve(refuse?: { code: number }) {
  const mails: { to: string[]; text: string }[] = [];
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) => {
      if (password === PASSWORD) done(null, { user: 'sluice' });
      else done(new Error('wrong password'));
    },
    onRcptTo: (_address, _session, done) => {
      done(refuse ? Object.assign(new Error('not now'), { responseCode: refuse.code }) : null);
    },
    onData: (stream, { envelope }, done) => {
      void text(stream).then((body) => {
        const to = envelope.rcptTo.map(({ address }) => address);
        mails.push({ to, text: body.replaceAll('=\r\n', '') }); // lines that were folded
        done();
      });
    },
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  const login = (password: string) => `smtp://sluice:${encodeURIComponent(password)}@127.0.0.1:${port}`;
  const to = 'anna@example.com';
  const notify = (password = PASSWORD) =>
    new EmailNotify({ server: login(password), from: 'sluice@example.com', to });
  return { mails, notify };
}

describe('EmailNotify', () => {
  it('sends a mail: what it is about, and what to do', async () => {
    const { mails, notify } = await serve();
    await notify().send(QUESTION);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.to).toEqual(['anna@example.com']);
    expect(mails[0]?.text).toMatch(/Subject: Waiting for approval: shop 2018-08-01Z\/2018-08-02Z/);
    expect(mails[0]?.text).toMatch(
      /Are the numbers right\?[^]*sluice approve shop-2018-08-02T00:00:00Z release/,
    );
  });

  it.each([
    [550, 'TerminalError'],
    [450, 'TransientError'],
  ])('calls an answer %d a %s', async (code, name) => {
    const { notify } = await serve({ code });
    await expect(notify().send(QUESTION)).rejects.toMatchObject({ name });
  });

  it('names a login that is refused, and shows no password', async () => {
    const { notify } = await serve();
    const failure: unknown = await notify('wrong-secret')
      .send(QUESTION)
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'TerminalError' });
    expect(String(failure)).toMatch(/mail server at 127\.0\.0\.1:\d+ .*'notify' of the profile/);
    expect(String(failure)).not.toContain('wrong-secret');
  });
});
