import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterAll, describe, expect, it, onTestFinished } from 'vitest';
import { Authority } from '../../test/setup/certificates.ts';

const PASSWORD = 'p4ssword';
const folder = mkdtempSync(join(tmpdir(), 'sluice-mail-'));
const authority = new Authority(folder);
const CA = authority.root;
authority.sign('server', ['IP:127.0.0.1', 'IP:0.0.0.0']);
authority.sign('other', ['DNS:mail.example.org']);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A real SMTP server; what it was told, and over what. */
async function serve(options: SMTPServerOptions, name = 'server') {
  const seen = { logins: 0, mails: [] as { secure: boolean; text: string }[] };
  const server = new SMTPServer({
    key: readFileSync(join(folder, `${name}.key`)),
    cert: readFileSync(join(folder, `${name}.pem`)),
    allowInsecureAuth: true,
    onAuth: ({ password }, _session, done) => {
      seen.logins += 1;
      if (password === PASSWORD) done(null, { user: 'sluice' });
      else done(new Error('wrong password'));
    },
    onData: (stream, { secure }, done) => {
      let text = '';
      stream.on('data', (part: Buffer) => (text += part.toString()));
      stream.on('end', () => {
        seen.mails.push({ secure, text });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => undefined); // clients that hang up
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(resolve)));
  return { seen, port: (server.server.address() as AddressInfo).port };
}

/** What a process that trusts `ca` beside the known ones says when it has sent a mail there. */
async function send(protocol: 'smtp' | 'smtps', host: string, port: number, ca?: string): Promise<string> {
  const address = `${protocol}://sluice:${PASSWORD}@${host}:${port}`;
  const env = { ...process.env };
  delete env['NODE_EXTRA_CA_CERTS'];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', join(import.meta.dirname, 'email.fixture.ts'), address],
    { env: ca === undefined ? env : { ...env, NODE_EXTRA_CA_CERTS: ca }, timeout: 60_000 },
  );
  return stdout;
}

describe('mails over TLS', { timeout: 120_000 }, () => {
  it.each([
    ['smtps', { secure: true }],
    ['smtp', {}], // which goes on by STARTTLS
  ] as const)('go by %s to a server whose authority is trusted', async (protocol, options) => {
    const { seen, port } = await serve(options);
    expect(await send(protocol, '0.0.0.0', port, CA)).toBe('sent');
    expect(seen.mails).toMatchObject([{ secure: true }]);
    expect(seen.mails[0]?.text).toContain('Subject: Waiting for approval: shop');
    expect(seen.logins).toBe(1);
  });

  it.each([
    ['smtps', { secure: true }],
    ['smtp', {}],
  ] as const)(
    'do not go by %s to one whose authority is not, nor the password',
    async (protocol, options) => {
      const { seen, port } = await serve(options);
      const said = await send(protocol, '0.0.0.0', port);
      expect(said).toMatch(/certificate.*NODE_EXTRA_CA_CERTS/);
      expect(said).not.toContain(PASSWORD);
      expect(seen).toEqual({ logins: 0, mails: [] });
    },
  );

  it('do not go to a server of another name', async () => {
    const { seen, port } = await serve({ secure: true }, 'other');
    expect(await send('smtps', '127.0.0.1', port, CA)).toMatch(/does not match certificate's altnames/);
    expect(seen).toEqual({ logins: 0, mails: [] });
  });

  it('give no password to a server that offers no TLS, unless it is this machine', async () => {
    const { seen, port } = await serve({ disabledCommands: ['STARTTLS'] });
    expect(await send('smtp', '0.0.0.0', port, CA)).toMatch(/did not take the notice/);
    expect(seen).toEqual({ logins: 0, mails: [] });
    expect(await send('smtp', '127.0.0.1', port, CA)).toBe('sent');
    expect(seen.mails).toMatchObject([{ secure: false }]);
  });
});
